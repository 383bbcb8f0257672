"""The bill of an order: sending it to be approved, and the money for it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from gasstock.accounts.access import requires
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.billing.errors import ReferenceMissing
from gasstock.billing.models import Method
from gasstock.core.htmx import go_back, posted
from gasstock.core.money import format_money
from gasstock.orders.forms.station import PaymentForm
from gasstock.orders.services import money
from gasstock.orders.views.station import find, render_order


@require_POST
@requires(Permission.INVOICE_SUBMIT)
def order_invoice(request: Request, station: Station, number: str) -> HttpResponse:
    sent = money.submit_bill(request.user, order=find(station, number))
    names = ", ".join(str(invoice) for invoice in sent)
    text = ngettext(
        "Invoice %(names)s is sent to be approved.",
        "Invoices %(names)s are sent to be approved.",
        len(sent),
    )
    messages.success(request, text % {"names": names})
    return go_back(request)


@require_http_methods(["GET", "POST"])
@requires(Permission.PAYMENT_TAKE)
def order_pay(request: Request, station: Station, number: str) -> HttpResponse:
    """Write down money received; sent twice, it is one payment."""
    order = find(station, number)
    bills = money.invoices_of(order)
    to_pay = next((bill for bill in bills if bill.due), None)
    form = PaymentForm(posted(request), bills=bills, to_pay=to_pay, method=order.payment_method)
    if form.is_valid():
        try:
            payment = money.take_payment(
                request.user,
                **form.cleaned_data | {"method": Method(form.cleaned_data["method"])},
            )
        except ReferenceMissing as error:
            form.add_error("reference", str(error))
        else:
            paid = format_money(payment.amount, order.currency)
            messages.success(request, _("%(paid)s recorded.") % {"paid": paid})
            return redirect("station:order", station.slug, number)
    return render_order(request, station, order, pay_form=form)
