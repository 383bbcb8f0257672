"""An order as its buyer reads it: how far it has come, what to do, what is paid and owed."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gasstock.billing.models import Invoice
from gasstock.core import clock
from gasstock.core.templatetags.ui import clock_time, day
from gasstock.inventory.services.deposits import Held, held_at
from gasstock.orders.basket import explain
from gasstock.orders.models import (
    HANDED_OVER,
    EventKind,
    LineKind,
    Order,
    OrderEvent,
    OrderLine,
    OrderStatus,
    Rating,
)

BUYER_MAY_CANCEL = (OrderStatus.PLACED, OrderStatus.APPROVED)

ICONS = {
    EventKind.PLACED: "clipboard-list",
    EventKind.APPROVED: "package",
    EventKind.DISPATCHED: "moped",
    EventKind.FAILED: "home-x",
    EventKind.TRIED_AGAIN: "repeat",
    EventKind.BROUGHT_BACK: "arrow-back-up",
    EventKind.DELIVERED: "home",
    EventKind.PAYMENT: "check",
    EventKind.SOLD: "cash-register",
}
ENDS = (EventKind.REJECTED, EventKind.CANCELLED, EventKind.EXPIRED, EventKind.VOIDED)
TOLD = (*ICONS, *ENDS)  # the rest is between the station and us
SETBACKS = (EventKind.FAILED, EventKind.BROUGHT_BACK)
# What may have happened last to an open order; the latest of these is where it stands.
STANDS: dict[str, tuple[EventKind, ...]] = {
    OrderStatus.PLACED: (EventKind.PLACED,),
    OrderStatus.APPROVED: (EventKind.APPROVED, EventKind.BROUGHT_BACK),
    OrderStatus.DISPATCHED: (EventKind.DISPATCHED, EventKind.FAILED, EventKind.TRIED_AGAIN),
}


# --- The timeline -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One stop of the order on its way; `state` is done, now or next."""

    name: str
    text: str
    icon: str
    state: str
    at: datetime | None = None


def steps_of(order: Order) -> list[Step]:
    """What happened, oldest first, and while the order is open, what is still to come."""
    events = [event for event in order.events.order_by("pk") if event.kind in TOLD]
    stands = [event for event in events if event.kind in STANDS.get(order.status, ())]
    steps = [_told(order, event, is_now=event in stands[-1:]) for event in events]
    if order.is_open:
        path = [EventKind(name) for name in _path(order)]
        for kind in path[path.index(EventKind(order.status)) + 1 :]:
            steps.append(Step(_name(order, kind), _coming(order, kind), ICONS[kind], "next"))
    return steps


def _told(order: Order, event: OrderEvent, *, is_now: bool) -> Step:
    kind = EventKind(event.kind)
    return Step(
        name=_name(order, kind),
        text=event.note or _text(order, kind),
        icon=_icon(kind, is_now=is_now),
        state="now" if is_now else "done",
        at=event.created_at,
    )


def _path(order: Order) -> list[str]:
    path = [OrderStatus.PLACED, OrderStatus.APPROVED, OrderStatus.DISPATCHED, OrderStatus.DELIVERED]
    return [step for step in path if order.is_delivery or step != OrderStatus.DISPATCHED]


def _icon(kind: EventKind, *, is_now: bool) -> str:
    if kind in ENDS:
        return "x"
    return ICONS[kind] if is_now or kind in SETBACKS else "check"


def _name(order: Order, kind: EventKind) -> str:
    if kind == EventKind.DELIVERED and not order.is_delivery:
        return _("Picked up")
    return kind.label


def _text(order: Order, kind: EventKind) -> str:
    if kind == EventKind.APPROVED:
        return _("%(station)s holds your order") % {"station": order.station}
    return ""


def _coming(order: Order, kind: EventKind) -> str:
    if kind == EventKind.DELIVERED:
        return _("Give your code and your empties")
    if kind == EventKind.APPROVED:
        return _("%(station)s says yes or no") % {"station": order.station}
    return ""


# --- When it comes ----------------------------------------------------------------------------


def promised(order: Order) -> str:
    """“by 14:20”, “tomorrow between 16:00 and 18:00”; "" if nothing was promised."""
    if order.promised_until is None:
        return ""
    first = order.promised_from or order.promised_until
    until = clock_time(order.promised_until)
    if order.promised_from is None:
        return on_its_day(first, _("by %(until)s") % {"until": until})
    words = _("between %(first)s and %(until)s") % {"first": clock_time(first), "until": until}
    return on_its_day(first, words)


def on_its_day(moment: datetime, words: str) -> str:
    """Put the day before the words, unless it is today."""
    days = (timezone.localdate(moment) - clock.today()).days
    if not days:
        return words
    near = {-1: _("yesterday"), 1: _("tomorrow")}
    return _("%(day)s %(time)s") % {"day": near.get(days) or day(moment), "time": words}


# --- The page ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """A line of the order in words. Amounts in minor units."""

    line: OrderLine
    text: str

    @property
    def missing_charge(self) -> int:
        """What the missing empties cost on top of the refills."""
        line = self.line
        return line.missing * (line.new_price + line.deposit - line.unit_price)


class Story:
    """All that the page of an order shows, each part read once."""

    def __init__(self, order: Order) -> None:
        self.order = order

    @cached_property
    def steps(self) -> list[Step]:
        return steps_of(self.order)

    @cached_property
    def lines(self) -> list[Told]:
        rows = self.order.lines.select_related("variant__product__brand")
        foreign = self.order.station.takes_foreign_empties
        return [Told(line, explain(line, takes_foreign=foreign)) for line in rows.order_by("pk")]

    @cached_property
    def held(self) -> list[Held]:
        """What the buyer now holds of the station, in the variants of this order."""
        if not self.shows_rating or not self.order.buyer:
            return []
        variants = {told.line.variant_id: told.line.variant for told in self.lines}
        held = held_at(self.order.station, self.order.buyer)
        return [
            Held(self.order.station, variant, *held[pk])
            for pk, variant in variants.items()
            if pk in held
        ]

    @cached_property
    def invoices(self) -> list[Invoice]:
        """The order's invoice and the ones that correct it, oldest first."""
        first = self.order.invoice
        return [first, *first.corrections.order_by("pk")]

    @property
    def sent_invoices(self) -> list[Invoice]:
        """Those that have a number, and therefore a page."""
        return [invoice for invoice in self.invoices if invoice.number]

    @property
    def due(self) -> int:
        return sum(invoice.due for invoice in self.invoices)

    @property
    def paid(self) -> int:
        return sum(invoice.paid for invoice in self.invoices)

    @property
    def credit(self) -> int:
        """What was paid too much and goes back to the buyer."""
        return sum(invoice.credit for invoice in self.invoices)

    @property
    def billed(self) -> int:
        return sum(invoice.owed for invoice in self.invoices)

    @cached_property
    def rating(self) -> Rating | None:
        return getattr(self.order, "rating", None)

    @property
    def shows_rating(self) -> bool:
        """Whether it has been handed over, so that there is something to say about it."""
        return self.order.status in HANDED_OVER

    @property
    def may_cancel(self) -> bool:
        return self.order.status in BUYER_MAY_CANCEL

    @property
    def handed_over(self) -> str:
        """“2 full handed over, 1 empty taken”."""
        lines = [told.line for told in self.lines]
        full, empty = sum(x.delivered for x in lines), sum(x.empties for x in lines)
        text = ngettext("%(full)s full one handed over", "%(full)s full ones handed over", full)
        if any(x.kind == LineKind.ACCESSORY for x in lines):
            text = ngettext("%(full)s thing handed over", "%(full)s things handed over", full)
        parts = [text % {"full": full}] if full or not empty else []
        if empty:
            taken = ngettext("%(count)s empty taken", "%(count)s empties taken", empty)
            parts.append(taken % {"count": empty})
        return ", ".join(parts)
