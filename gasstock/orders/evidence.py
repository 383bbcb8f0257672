"""What an admin reads of one thing that waits: what it is, and what speaks for and against it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gasstock.accounts.models import Station, StationStatus, User
from gasstock.billing.models import Invoice, InvoiceStatus
from gasstock.billing.services.invoices import total_of
from gasstock.core import clock
from gasstock.core.money import format_money
from gasstock.core.templatetags import ui
from gasstock.orders.models import HANDED_OVER, Order, OrderStatus
from gasstock.orders.services.bills import bills_as_delivered


@dataclass(frozen=True)
class Fact:
    """A piece of evidence: tone "ok", "mid" or "no"."""

    tone: str
    text: str
    picture: str = ""

    @property
    def icon(self) -> str:
        usual = {"ok": "circle-check", "mid": "clock", "no": "alert-circle"}
        return self.picture or usual[self.tone]


@dataclass
class Row:
    """One thing that waits, as a row shows it. `kind` is the word in its URLs."""

    kind: str
    thing: Any
    title: str
    url: str
    parts: list[str]
    facts: list[Fact]
    station: Station
    is_waiting: bool = True
    amount: int = 0
    currency: str = ""

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.thing.pk}"

    @property
    def name(self) -> str:
        return str(self.thing)

    @property
    def approve_url(self) -> str:
        return self._url("approve")

    @property
    def reject_url(self) -> str:
        return self._url("reject")

    @property
    def paid_url(self) -> str:
        return reverse("approvals:invoice_paid", args=[self.thing.pk])

    @property
    def is_to_pay(self) -> bool:
        return self.kind == "invoice" and self.thing.status == InvoiceStatus.APPROVED

    def _url(self, verb: str) -> str:
        return reverse(f"approvals:{self.kind}_{verb}", args=[self.thing.pk])


def row_of(thing: Any, user: User) -> Row:
    if isinstance(thing, Order):
        return _order_row(thing, user)
    return _invoice_row(thing, user) if isinstance(thing, Invoice) else _station_row(thing, user)


def _order_row(order: Order, user: User) -> Row:
    what = ", ".join(f"{line.quantity} × {line.variant.name}" for line in order.all_lines)  # type: ignore[attr-defined]
    way = _("to %(district)s") % {"district": order.district} if order.is_delivery else _("pick-up")
    return Row(
        kind="order",
        thing=order,
        title=f"{order}, {format_money(order.total, order.currency)}",
        url=reverse("station:order", args=[order.station.slug, order.number]),
        parts=[
            str(order.station),
            f"{what}, {way}",
            str(order.buyer),
            _("waiting %(time)s") % {"time": ui.waiting(order.placed_at)},
        ],
        facts=_order_facts(order, user) if order.status == OrderStatus.PLACED else [],
        station=order.station,
        is_waiting=order.status == OrderStatus.PLACED,
        amount=order.total,
        currency=order.currency,
    )


def _order_facts(order: Any, user: User) -> list[Fact]:
    facts = [_buyer_fact(order)]
    wanted = sum(line.quantity for line in order.all_lines)
    is_held = order.held >= wanted
    facts.append(Fact("ok", _("Stock held")) if is_held else Fact("no", _("Stock is not held")))
    if order.invoice.paid:
        paid = format_money(order.invoice.paid, order.currency)
        facts.append(Fact("ok", _("Paid %(money)s") % {"money": paid}))
    else:
        facts.append(Fact("mid", _("Runs out %(when)s") % {"when": ui.when(order.expires_at)}))
    limit = order.station.approval_limit
    if order.total > limit:
        above = {"money": format_money(limit, order.currency)}
        facts.append(Fact("mid", _("Above the limit of %(money)s") % above, "shield-lock"))
    if order.buyer_id == user.pk:
        facts.append(Fact("no", _("Your own order")))
    return facts


def _buyer_fact(order: Any) -> Fact:
    if order.paid_before:
        count = order.paid_before
        text = ngettext("%(n)s paid order before", "%(n)s paid orders before", count)
        return Fact("ok", text % {"n": count})
    if order.has_earlier:
        return Fact("mid", _("No paid order before"))
    return Fact("no", _("First order of this buyer"))


def _invoice_row(invoice: Any, user: User) -> Row:
    order = order_of(invoice)
    parts = [str(invoice.station), _("order %(number)s") % {"number": invoice.reference}]
    parts.append(invoice.buyer_name)
    sent = ui.when(invoice.submitted_at)
    if invoice.status == InvoiceStatus.APPROVED:
        parts.append(_("due %(day)s") % {"day": ui.day(invoice.due_on)})
        facts = _unpaid_facts(invoice)
        amount = invoice.due
    else:
        parts.append(_("sent %(when)s") % {"when": sent})
        facts = _invoice_facts(invoice, order, user)
        amount = invoice.total
    return Row(
        kind="invoice",
        thing=invoice,
        title=f"{invoice}, {format_money(amount, invoice.currency)}",
        url=reverse(
            "counter:sale" if invoice.is_receipt else "station:order",
            args=[invoice.station.slug, invoice.reference],
        ),
        parts=parts,
        facts=facts if invoice.status in {"submitted", "approved"} else [],
        station=invoice.station,
        is_waiting=invoice.status == InvoiceStatus.SUBMITTED,
        amount=amount,
        currency=invoice.currency,
    )


def _invoice_facts(invoice: Any, order: Any, user: User) -> list[Fact]:
    facts = []
    first = invoice.corrects or invoice
    billed = first.total - first.credited + invoice.corrections_total
    if order is None:
        facts.append(Fact("no", _("Bills no order")))
    elif order.status in HANDED_OVER:
        delivered = total_of(bills_as_delivered(order.all_lines, order.delivery_fee))
        facts.append(_compared(billed, delivered, _("Bills what was delivered"), order))
    else:
        facts.append(Fact("mid", _("Not delivered yet")))
        facts.append(_compared(billed, order.total, _("Bills what was ordered"), order))
    if invoice.corrects_id:
        facts.append(Fact("mid", _("Adds to %(invoice)s") % {"invoice": invoice.corrects}, "plus"))
    if invoice.paid:
        money = format_money(invoice.paid, invoice.currency)
        facts.append(Fact("ok", _("Paid %(money)s") % {"money": money}))
    if invoice.submitted_by_id == user.pk:
        facts.append(Fact("no", _("You sent it")))
    return facts


def _compared(billed: int, expected: int, agreed: str, order: Order) -> Fact:
    if billed == expected:
        return Fact("ok", agreed)
    sums = {
        "billed": format_money(billed, order.currency),
        "expected": format_money(expected, order.currency),
    }
    return Fact("no", _("Bills %(billed)s instead of %(expected)s") % sums)


def _unpaid_facts(invoice: Invoice) -> list[Fact]:
    due = {"money": format_money(invoice.due, invoice.currency)}
    facts = [Fact("mid", _("%(money)s to pay") % due, "cash-banknote")]
    if invoice.paid:
        money = format_money(invoice.paid, invoice.currency)
        facts.append(Fact("ok", _("Paid %(money)s") % {"money": money}))
    if invoice.is_overdue:
        days = (clock.today() - invoice.due_on).days if invoice.due_on else 0
        text = ngettext("%(n)s day overdue", "%(n)s days overdue", days)
        facts.append(Fact("no", text % {"n": days}))
    return facts


def _station_row(station: Station, user: User) -> Row:
    facts = [
        Fact("ok", _("Licence %(number)s") % {"number": station.licence})
        if station.licence
        else Fact("no", _("No licence number")),
        Fact("ok", ui.local_phone(station.phone)) if station.phone else Fact("no", _("No phone")),
    ]
    if station.applicant_id == user.pk:
        facts.append(Fact("no", _("Your own application")))
    return Row(
        kind="station",
        thing=station,
        title=str(station),
        url=reverse("people:station", args=[station.slug]),
        parts=[
            f"{station.address}, {station.district}",
            str(station.applicant),
            _("filed %(when)s") % {"when": ui.when(station.applied_at)},
        ],
        facts=facts,
        station=station,
        is_waiting=station.status == StationStatus.APPLIED,
    )


def order_of(thing: Model) -> Order | None:
    """The order itself, or the one an invoice bills."""
    if isinstance(thing, Invoice):
        billed = thing.corrects or thing
        return getattr(billed, "order", None)
    return thing if isinstance(thing, Order) else None
