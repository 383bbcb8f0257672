"""What a supplier gets to read: the order as a letter and as a paper."""

from collections.abc import Iterable
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from gasstock.accounts.models import Station, User
from gasstock.core.money import format_amount, format_money, symbol_of
from gasstock.core.pdf import render_pdf
from gasstock.core.templatetags.ui import local_phone
from gasstock.notifications.services import Attachment, post_mail
from gasstock.purchasing.models import PurchaseLine, PurchaseOrder, PurchaseStatus


def send_order(actor: User | None, order: PurchaseOrder) -> None:
    """Put the whole order into the outbox, to whom it may concern."""
    lines = lines_of(order)
    words = {"number": order.number, "station": order.station}
    _send(
        actor,
        order,
        subject=_("Order %(number)s from %(station)s") % words,
        paragraphs=[
            _("Hello,"),
            _("%(station)s orders from you, number %(number)s:") % words,
            "\n".join(_lines_of_text(order, lines)),
            "\n".join(f"{label}: {text}" for label, text in _facts_of_text(order, lines)),
            _("The same order is attached as a PDF."),
        ],
        attachment=Attachment(f"{order.number}.pdf", order_pdf(order, lines)),
    )


def send_end(actor: User | None, order: PurchaseOrder) -> None:
    """Tell the supplier that nothing more is expected, and why."""
    words = {"number": order.number, "station": order.station, "reason": order.reason}
    if order.status == PurchaseStatus.CANCELLED:
        subject = _("Order %(number)s is cancelled")
        text = _("%(station)s cancelled order %(number)s. Send nothing for it.")
    else:
        subject = _("Order %(number)s is closed")
        text = _("%(station)s closed order %(number)s. Send nothing more for it.")
    why = _("Reason: %(reason)s") % words
    _send(actor, order, subject=subject % words, paragraphs=[_("Hello,"), text % words, why])


def _send(
    actor: User | None,
    order: PurchaseOrder,
    *,
    subject: str,
    paragraphs: Iterable[str],
    attachment: Attachment | None = None,
) -> None:
    if not order.supplier.email:
        return
    signed = "\n".join([str(actor or order.station), *address_of(order.station)])
    body = "\n\n".join([*paragraphs, f"-- \n{signed}"])
    post_mail(
        [(order.supplier.email, f"{body}\n")],
        subject=subject,
        attachment=attachment,
        reply_to=actor.email if actor else "",
    )


def lines_of(order: PurchaseOrder) -> list[PurchaseLine]:
    return list(order.lines.select_related("variant__product__brand").order_by("pk"))


def address_of(station: Station) -> list[str]:
    """Name, street and phone of a station, a line each."""
    return [
        station.name,
        f"{station.address}, {station.district}",
        local_phone(station.phone),
    ]


def _lines_of_text(order: PurchaseOrder, lines: Iterable[PurchaseLine]) -> Iterable[str]:
    for line in lines:
        each = format_money(line.unit_cost, order.currency)
        yield f"{line.quantity} × {line.name}: {_('%(money)s each') % {'money': each}}"
        if line.unit_shell_cost:
            shell = format_money(line.unit_shell_cost, order.currency)
            yield "    " + _("and %(money)s for each cylinder") % {"money": shell}
        if line.empties:
            yield "    " + _("we send %(count)s empties") % {"count": line.empties}


def _facts_of_text(
    order: PurchaseOrder, lines: Iterable[PurchaseLine]
) -> Iterable[tuple[str, str]]:
    total = sum(line.total for line in lines)
    yield _("Total"), format_money(total, order.currency)
    if order.expected_on:
        yield _("Wanted by"), date_format(order.expected_on, "j F Y")
    yield _("Bring it to"), ", ".join(address_of(order.station))
    if order.note:
        yield _("Note"), order.note


def order_pdf(order: PurchaseOrder, lines: list[PurchaseLine]) -> bytes:
    """Return the order as a sheet of paper; a draft says that it is one."""
    return render_pdf("purchasing/order.typ", _paper_of(order, lines))


def _paper_of(order: PurchaseOrder, lines: list[PurchaseLine]) -> dict[str, Any]:
    supplier, currency = order.supplier, order.currency
    money = symbol_of(currency)
    total = format_money(sum(line.total for line in lines), currency)
    title = _("Purchase order %(number)s") % {"number": order.number}
    day = date_format(localtime(order.submitted_at or order.created_at), "j M Y")
    wanted = date_format(order.expected_on, "j M Y") if order.expected_on else "–"
    to = [supplier.name, supplier.contact, supplier.address, local_phone(supplier.phone)]
    shells = sum(line.quantity * line.unit_shell_cost for line in lines)
    goods = sum(line.quantity * line.unit_cost for line in lines)
    return {
        "title": title if order.number else _("Purchase order, not sent yet"),
        "sender": address_of(order.station),
        "foot": f"GasStock · {order}",
        "facts": [[_("Date"), day], [_("Wanted by"), wanted], [_("Total"), total]],
        "words": {
            "to": _("To"),
            "deliver_to": _("Bring it to"),
            "note": _("Note"),
            "sign": _("Ordered by %(person)s.")
            % {"person": order.submitted_by or order.created_by or order.station},
        },
        "to": [line for line in [*to, supplier.email] if line],
        "deliver_to": address_of(order.station),
        "heads": [
            _("What"),
            _("Quantity"),
            _("Empties we send"),
            f"{_('Each')}, {money}",
            f"{_('Amount')}, {money}",
        ],
        "rows": [
            [
                line.name,
                f"{line.quantity:,}",
                f"{line.empties:,}" if line.empties else "–",
                _each(line, currency),
                format_amount(line.total, currency),
            ]
            for line in lines
        ],
        "sums": [
            [_("Gas and goods"), format_money(goods, currency)],
            [_("Cylinders"), format_money(shells, currency)],
        ]
        if shells
        else [],
        "total": [_("Total"), total],
        "note": order.note,
    }


def _each(line: PurchaseLine, currency: str) -> str:
    gas = format_amount(line.unit_cost, currency)
    if not line.unit_shell_cost:
        return gas
    return f"{gas} + {format_amount(line.unit_shell_cost, currency)}"
