"""The bill of an order: what `billing` does, told on the order's timeline."""

from django.core.cache import cache
from django.db import transaction
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from gasstock.accounts.models import User
from gasstock.billing.errors import NothingToPay, WrongInvoiceStatus
from gasstock.billing.models import Invoice, InvoiceStatus, Method, Payment
from gasstock.billing.services import invoices, payments
from gasstock.core import clock
from gasstock.core.money import format_money
from gasstock.orders.errors import NotReadyToBill
from gasstock.orders.models import HANDED_OVER, EventKind, Order, OrderStatus
from gasstock.orders.services.placing import check_method
from gasstock.orders.services.timeline import (
    step,
    tell_admins,
    tell_buyer,
    tell_station,
    write_event,
)

BILLABLE = (OrderStatus.APPROVED, OrderStatus.DISPATCHED, *HANDED_OVER)
UNSENT = (InvoiceStatus.DRAFT, InvoiceStatus.REJECTED)
BELL_SECONDS = 3600  # who changes their mind all day rings no bell all day


def lock_order_of(invoice: Invoice) -> Order:
    """The order that the invoice, or the one it corrects, bills; locked before the invoice is."""
    orders = Order.objects.select_related("station", "buyer", "invoice")
    return orders.select_for_update(of=("self",)).get(invoice=invoice.corrects_id or invoice.pk)


@transaction.atomic
def submit_bill(actor: User, *, order: Order) -> list[Invoice]:
    """Send the order's invoice to be approved, and any correction of it not yet sent.

    Raises NotReadyToBill, WrongInvoiceStatus if there is nothing to send.
    """
    locked = Order.objects.select_for_update().get(pk=order.pk)
    if locked.status not in BILLABLE:
        raise NotReadyToBill(locked)
    waiting = [x for x in invoices_of(order) if x.status in UNSENT]
    if not waiting:
        raise WrongInvoiceStatus(order.invoice)
    sent = [invoices.submit_invoice(actor, invoice=invoice) for invoice in waiting]
    for invoice in sent:
        write_event(actor, order, EventKind.INVOICE_SUBMITTED, note=str(invoice))
        text = format_lazy(
            _("Invoice {invoice} of {station}: {money}."),
            invoice=invoice,
            station=order.station,
            money=format_money(invoice.total),
        )
        tell_admins(order, EventKind.INVOICE_SUBMITTED, text, reverse("approvals:queue"))
    return sent


@transaction.atomic
def approve_bill(actor: User, *, invoice: Invoice) -> Invoice:
    """Make the invoice final. Raises WrongInvoiceStatus, OwnInvoice."""
    order = lock_order_of(invoice)
    invoice = invoices.approve_invoice(actor, invoice=invoice)
    write_event(actor, order, EventKind.INVOICE_APPROVED, note=str(invoice))
    text = format_lazy(
        _("Invoice {invoice} for order {order}: {money}."),
        invoice=invoice,
        order=order,
        money=format_money(invoice.total),
    )
    tell_buyer(order, EventKind.INVOICE_APPROVED, text)
    tell_station(
        actor,
        order,
        EventKind.INVOICE_APPROVED,
        format_lazy(_("Invoice {invoice} is approved."), invoice=invoice),
    )
    close_if_settled(order)
    return invoice


@transaction.atomic
def reject_bill(actor: User, *, invoice: Invoice, reason: str) -> Invoice:
    """Send the invoice back to the station with a reason. Raises WrongInvoiceStatus."""
    order = lock_order_of(invoice)
    invoice = invoices.reject_invoice(actor, invoice=invoice, reason=reason)
    write_event(actor, order, EventKind.INVOICE_REJECTED, note=reason)
    text = format_lazy(_("Invoice {invoice} came back: {reason}"), invoice=invoice, reason=reason)
    tell_station(actor, order, EventKind.INVOICE_REJECTED, text)
    return invoice


@transaction.atomic
def promise_payment(actor: User, *, order: Order, method: Method) -> Payment:
    """The buyer says how they will pay what is due. Raises MethodNotTaken, NothingToPay."""
    check_method(order.station, method)
    order = lock_order_of(order.invoice)
    due = [invoice for invoice in invoices_of(order) if invoice.due]
    if not due:
        raise NothingToPay(order.invoice)
    payment = payments.promise_payment(actor, invoice=due[0], method=method)
    if order.payment_method == method:
        return payment
    Order.objects.filter(pk=order.pk).update(payment_method=method)
    if cache.add(f"pays-otherwise-{order.pk}", 1, BELL_SECONDS):
        text = format_lazy(
            _("{person} pays order {order} otherwise: {method}."),
            person=actor,
            order=order,
            method=method.label.lower(),
        )
        tell_station(actor, order, EventKind.PAYMENT, text)
    return payment


@transaction.atomic
def take_payment(
    actor: User,
    *,
    invoice: Invoice,
    method: Method,
    amount: int,
    key: str,
    reference: str = "",
    is_carried: bool = False,
) -> Payment:
    """Record money received for the order (minor units). See `payments.record_payment`."""
    order = lock_order_of(invoice)
    before = Payment.objects.filter(key=key).exists()
    payment = payments.record_payment(
        actor,
        invoice=invoice,
        method=method,
        amount=amount,
        key=key,
        reference=reference,
        is_carried=is_carried,
    )
    if not before:
        _tell_paid(actor, order, amount, method)
    return payment


@transaction.atomic
def mark_bill_paid(
    actor: User, *, invoice: Invoice, method: Method, reference: str = ""
) -> Invoice:
    """Record what is left of an approved invoice as received; one that is paid stays so."""
    order = lock_order_of(invoice)
    invoice.refresh_from_db()
    due, was_paid = invoice.due, invoice.status == InvoiceStatus.PAID
    invoice = payments.mark_paid(actor, invoice=invoice, method=method, reference=reference)
    if not was_paid:
        _tell_paid(actor, order, due, method)
    return invoice


def _tell_paid(actor: User, order: Order, amount: int, method: Method) -> None:
    money = f"{format_money(amount)}, {method.label.lower()}"
    write_event(actor, order, EventKind.PAYMENT, note=money)
    tell_buyer(
        order,
        EventKind.PAYMENT,
        format_lazy(_("Payment received for order {order}: {money}."), order=order, money=money),
    )
    close_if_settled(order)


def invoices_of(order: Order) -> list[Invoice]:
    """The order's invoice and the ones that correct it, oldest first."""
    return [
        Invoice.objects.get(pk=order.invoice_id),
        *Invoice.objects.filter(corrects=order.invoice_id).order_by("pk"),
    ]


def close_if_settled(order: Order) -> None:
    """Close a delivered order once nothing of it is left to bill or to pay."""
    settled = (InvoiceStatus.PAID, InvoiceStatus.VOID)
    order.refresh_from_db(fields=["status"])
    if order.status != OrderStatus.DELIVERED:
        return
    if all(invoice.status in settled for invoice in invoices_of(order)):
        step(order, [OrderStatus.DELIVERED], OrderStatus.CLOSED, ended_at=clock.now())
        write_event(None, order, EventKind.CLOSED)
