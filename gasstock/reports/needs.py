"""What waits for somebody at a station: each with the one thing to do about it, urgent ones first.

Made of what other cards have read already; nothing here asks the database.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gasstock.accounts.permissions import Permission
from gasstock.core.money import format_money
from gasstock.core.templatetags import ui
from gasstock.delivery.models import DeliveryStatus
from gasstock.orders.board import Card, Next
from gasstock.orders.models import Order, OrderStatus
from gasstock.orders.story import promised
from gasstock.reports.cards import why_failed
from gasstock.reports.signals import Signal
from gasstock.reports.waiting import OF_A_KIND, Desk, Found, Need, cut, here, more_of


def needs_of(desk: Desk) -> list[Need]:
    """Everything, as far as who looks may do something about it."""
    can = desk.station.granted
    readers: list[tuple[Permission, Callable[[Desk], Found]]] = [
        (Permission.ORDER_APPROVE, _to_approve),
        (Permission.ORDER_DISPATCH, _failed),
        (Permission.ORDER_DISPATCH, _late),
        (Permission.ORDER_DISPATCH, _to_send),
        (Permission.ORDER_DELIVER, _to_hand_over),
        (Permission.GOODS_RECEIVE, _coming),
        (Permission.ORDER_DISPATCH, _homecomings),
        (Permission.STOCK_TRANSFER, _transfers),
        (Permission.SHIFT_ACCEPT, _drawers),
        (Permission.COUNT_APPROVE, _counts),
        (Permission.STOCK_VIEW, _running_low),
        (Permission.INVOICE_SUBMIT, _to_bill),
        (Permission.INVOICE_VIEW, _overdue),
    ]
    return [need for permission, read in readers if permission in can for need in read(desk)]


# --- Orders -----------------------------------------------------------------------------------


def _cards(desk: Desk, *nexts: Next) -> list[Card]:
    return [card for lane in desk.lanes for card in lane.cards if card.next in nexts]


def _goods(order: Order) -> str:
    return ", ".join(f"{line.quantity} × {line.variant}" for line in order.lines.all())


def _headline(order: Order) -> str:
    values = {
        "what": _goods(order),
        "place": order.district,
        "money": format_money(order.total, order.currency),
    }
    if order.is_delivery:
        return _("%(what)s to %(place)s, %(money)s") % values
    return _("%(what)s, pick-up, %(money)s") % values


def _line(order: Order, moment: Any) -> str:
    return _("Order %(number)s, %(buyer)s · %(when)s") % {
        "number": order,
        "buyer": order.buyer,
        "when": ui.when(moment),
    }


def _to_approve(desk: Desk) -> Found:
    cards = _cards(desk, Next.APPROVE)
    rows = (
        Need(
            key=f"order-{card.order.pk}",
            tone="new",
            icon="clipboard-list",
            title=_headline(card.order),
            text=_line(card.order, card.order.placed_at),
            url=here(desk, "station:order_approve", card.order.number),
            action=_("Accept"),
            is_post=True,
            other=(here(desk, "station:order", card.order.number), _("Look")),
        )
        for card in cards
    )

    def more(left: int) -> Need:
        text = ngettext("%(n)s other order to accept", "%(n)s other orders to accept", left)
        url = here(desk, "station:board") + "?show=new"
        return more_of("approve", text % {"n": left}, url, "clipboard-list", left)

    return cut(rows, len(cards), more)


def _failed(desk: Desk) -> Found:
    trips = [x for x in desk.deliveries if x.status == DeliveryStatus.FAILED]
    rows = (
        Need(
            key=f"failed-{trip.pk}",
            tone="bad",
            icon="home-x",
            title=_("Not delivered: %(why)s") % {"why": _lower(why_failed(trip))},
            text=_("Order %(number)s, %(place)s · %(rider)s, %(when)s")
            % {
                "number": trip.order,
                "place": trip.order.address,
                "rider": trip.rider.first_name,
                "when": ui.when(trip.failed_at),
            },
            url=here(desk, "station:order", trip.order.number),
            action=_("Say what next"),
        )
        for trip in trips
    )

    def more(left: int) -> Need:
        text = ngettext("%(n)s other not delivered", "%(n)s others not delivered", left)
        return more_of("failed", text % {"n": left}, here(desk, "delivery:board"), "home-x", left)

    return cut(rows, len(trips), more)


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def _late(desk: Desk) -> Found:
    """What is on the way, and should be there by now."""
    trips = [x for x in desk.deliveries if x.status == DeliveryStatus.ON_THE_WAY]
    late = [x for x in trips if x.order.is_late]
    rows = (
        Need(
            key=f"late-{trip.pk}",
            tone="bad",
            icon="clock",
            title=_("Late by %(time)s: %(place)s")
            % {"time": ui.waiting(trip.order.promised_until), "place": trip.order.address},
            text=_("Order %(number)s, %(buyer)s · with %(rider)s, promised %(promise)s")
            % {
                "number": trip.order,
                "buyer": trip.order.buyer,
                "rider": trip.rider.first_name,
                "promise": promised(trip.order),
            },
            url=f"tel:{trip.rider.phone}"
            if trip.rider.phone
            else here(desk, "station:order", trip.order.number),
            action=_("Call %(name)s") % {"name": trip.rider.first_name}
            if trip.rider.phone
            else _("Look"),
        )
        for trip in late
    )

    def more(left: int) -> Need:
        text = ngettext("%(n)s other is late", "%(n)s others are late", left) % {"n": left}
        return more_of("late", text, here(desk, "delivery:board"), "clock", left)

    return cut(rows, len(late), more)


def _to_send(desk: Desk) -> Found:
    """Those that nobody is to bring yet; what is assigned waits for its rider."""
    taken = {x.order_id for x in desk.deliveries}
    cards = [card for card in _cards(desk, Next.SEND) if card.order.pk not in taken]
    cards.sort(key=lambda card: not card.order.is_late)
    rows = (
        Need(
            key=f"send-{card.order.pk}",
            tone="bad" if card.order.is_late else "wait",
            icon="moped",
            title=_("Nobody brings it yet: %(what)s") % {"what": _headline(card.order)},
            text=_line(card.order, card.order.approved_at)
            + (f" · {promise}" if (promise := promised(card.order)) else ""),
            url=here(desk, "delivery:board"),
            action=_("Choose a rider"),
        )
        for card in cards
    )

    def more(left: int) -> Need:
        text = ngettext("%(n)s other to send", "%(n)s others to send", left) % {"n": left}
        return more_of("send", text, here(desk, "delivery:board"), "moped", left)

    return cut(rows, len(cards), more)


def _to_hand_over(desk: Desk) -> Found:
    """Pick-ups: one row for all, for they wait for their buyers."""
    cards = [
        card
        for card in _cards(desk, Next.HAND_OVER)
        if card.order.status == OrderStatus.APPROVED and not card.order.is_delivery
    ]
    if not cards:
        return []
    text = ngettext("%(n)s order to be picked up", "%(n)s orders to be picked up", len(cards))
    names = ", ".join(str(card.order.buyer) for card in cards[:OF_A_KIND])
    url = here(desk, "station:board") + "?show=approved"
    if len(cards) == 1:
        url = here(desk, "station:order_deliver", cards[0].order.number)
    return [
        Need(
            "pickups",
            "wait",
            "package",
            text % {"n": len(cards)},
            names + (" …" if len(cards) > OF_A_KIND else ""),
            url,
            _("Hand over"),
            count=len(cards),
        )
    ]


def _to_bill(desk: Desk) -> Found:
    cards = _cards(desk, Next.BILL)
    rows = (
        Need(
            key=f"bill-{card.order.pk}",
            tone="",
            icon="file-invoice",
            title=_("Invoice to send, %(money)s")
            % {"money": format_money(card.order.invoice.owed, card.order.currency)},
            text=_line(card.order, card.order.delivered_at),
            url=here(desk, "station:order_invoice", card.order.number),
            action=_("Send"),
            is_post=True,
            other=(here(desk, "station:order", card.order.number), _("Look")),
        )
        for card in cards
    )

    def more(left: int) -> Need:
        text = ngettext("%(n)s other invoice to send", "%(n)s other invoices to send", left)
        url = here(desk, "station:board") + "?show=done"
        return more_of("bill", text % {"n": left}, url, "file-invoice", left)

    return cut(rows, len(cards), more)


# --- Stock ------------------------------------------------------------------------------------


def _running_low(desk: Desk) -> Found:
    if not desk.low:
        return []
    count = len(desk.low)
    names = ", ".join(str(stand.listing.variant) for stand in desk.low[:OF_A_KIND])
    text = ngettext("%(n)s thing runs low", "%(n)s things run low", count) % {"n": count}
    return [
        Need(
            "low",
            "wait",
            "gas-cylinder",
            text,
            names + (" …" if count > OF_A_KIND else ""),
            here(desk, "stock:alerts"),
            _("Order more") if Permission.PURCHASE_CHANGE in desk.station.granted else _("Look"),
            count=count,
        )
    ]


def _transfers(desk: Desk) -> Found:
    rows = []
    for signal in desk.signals.of("asked_transfer"):
        values = {"name": _other(desk, signal)}
        title = _("%(name)s asks for a transfer") % values
        rows.append(_transfer(desk, signal, "wait", title, _("Answer")))
    for signal in desk.signals.of("transfer_to_send"):
        title = _("Load what goes to %(name)s") % {"name": _other(desk, signal)}
        rows.append(_transfer(desk, signal, "", title, _("Load")))
    return rows


def _coming(desk: Desk) -> Found:
    return [
        _transfer(
            desk,
            signal,
            "wait",
            _("On its way from %(name)s") % {"name": _other(desk, signal)},
            _("Take it in"),
        )
        for signal in desk.signals.of("transfer_coming")
    ]


def _other(desk: Desk, signal: Signal) -> str:
    """The other station of a transfer."""
    return signal.label if signal.person == desk.station.name else signal.person


def _transfer(desk: Desk, signal: Signal, tone: str, title: str, action: str) -> Need:
    return Need(
        f"transfer-{signal.pk}",
        tone,
        "transfer",
        title,
        f"TRANSFER-{signal.pk} · {ui.when(signal.at)}",
        here(desk, "stock:transfer", signal.pk),
        action,
    )


# --- Counts and money -------------------------------------------------------------------------


def _signals(
    desk: Desk, kind: str, page: str, icon: str, title: str, action: str
) -> Iterator[Need]:
    for signal in desk.signals.of(kind):
        yield Need(
            f"{kind}-{signal.pk}",
            "",
            icon,
            title % {"name": signal.person},
            _("Counted %(when)s") % {"when": ui.when(signal.at)},
            here(desk, page, signal.pk),
            action,
        )


def _homecomings(desk: Desk) -> Found:
    title = _("Take in what %(name)s brought back")
    return list(
        _signals(desk, "homecoming", "delivery:homecoming", "arrow-back-up", title, _("Take it in"))
    )


def _drawers(desk: Desk) -> Found:
    title = _("The drawer of %(name)s is counted")
    page, icon = "billing:shift_report", "cash-register"
    return list(_signals(desk, "counted_drawer", page, icon, title, _("Look and accept")))


def _counts(desk: Desk) -> Found:
    title = _("%(name)s counted the stock")
    return list(_signals(desk, "count", "stock:count", "checks", title, _("Look and accept")))


def _overdue(desk: Desk) -> Found:
    count, _sum = desk.signals.total("overdue")
    bills = sorted(desk.signals.of("overdue_bill"), key=lambda bill: bill.note)
    rows = (
        Need(
            key=f"overdue-{bill.pk}",
            tone="bad",
            icon="cash-banknote",
            title=_("%(name)s has not paid %(money)s")
            % {"name": bill.person, "money": format_money(bill.number)},
            text=_("%(number)s, due %(day)s") % {"number": bill.label, "day": ui.day(bill.due_on)},
            url=here(desk, "billing:invoice", bill.pk),
            action=_("Look"),
        )
        for bill in bills
    )

    def more(left: int) -> Need:
        text = ngettext("%(n)s other bill overdue", "%(n)s other bills overdue", left)
        url = here(desk, "billing:invoices")
        return more_of("overdue", text % {"n": left}, url, "cash-banknote", left)

    return cut(rows, count, more)
