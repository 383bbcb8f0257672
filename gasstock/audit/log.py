"""The audit log as admins read it: found by who, what and when; newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.audit.models import AuditEvent
from gasstock.core.exports import Cell
from gasstock.core.money import format_money
from gasstock.core.paging import Page, all_of, latest_first

A_PAGE, ROWS_AT_ONCE = 40, 500
# Of these, a list of two is what was and what is.
PAIRS = {"platform.changed", "station.delivery_terms", "station.changed"}
MONEY = {  # what is an amount in minor units, by its name or by the action
    *("amount", "total", "limit", "float", "deposit", "refill_price", "new_price"),
    *("cash", "cash_expected", "cash_counted", "differences", "delivery_fee", "approval_limit"),
    "station.limit",
}
SUBJECTS = {  # what the name of an action begins with
    "alert": gettext_lazy("Low-stock alerts"),
    "brand": gettext_lazy("Brands"),
    "category": gettext_lazy("Categories"),
    "count": gettext_lazy("Counts"),
    "delivery": gettext_lazy("Deliveries"),
    "goods": gettext_lazy("Goods received"),
    "homecoming": gettext_lazy("Riders coming home"),
    "import": gettext_lazy("Imports"),
    "invoice": gettext_lazy("Invoices"),
    "listing": gettext_lazy("Listings and prices"),
    "member": gettext_lazy("Teams"),
    "message": gettext_lazy("Messages"),
    "order": gettext_lazy("Orders"),
    "payment": gettext_lazy("Payments"),
    "platform": gettext_lazy("Platform settings"),
    "product": gettext_lazy("Products"),
    "purchase": gettext_lazy("Purchase orders"),
    "rating": gettext_lazy("Ratings"),
    "receipt": gettext_lazy("Receipts"),
    "report": gettext_lazy("Saved reports"),
    "rider": gettext_lazy("Riders"),
    "shift": gettext_lazy("Drawers"),
    "station": gettext_lazy("Stations"),
    "stock": gettext_lazy("Stock"),
    "supplier": gettext_lazy("Suppliers"),
    "transfer": gettext_lazy("Transfers"),
    "user": gettext_lazy("People"),
    "variant": gettext_lazy("Sizes"),
}


@dataclass(frozen=True)
class Change:
    """One thing that was written: what it was (None where it is only a note) and what it is."""

    name: str
    before: str | None
    after: str


@dataclass(frozen=True)
class Entry:
    """An event with words for it."""

    event: AuditEvent

    @property
    def what(self) -> str:
        return words_of(self.event.action)

    @property
    def kind(self) -> str:
        """What it was done to: “Order”, “Goods receipt”."""
        return _spaced(self.event.target_label.rpartition(".")[2])

    @property
    def changes(self) -> list[Change]:
        return changes_of(self.event.data, self.event.action)

    @property
    def door(self) -> str:
        """The kind of door it came in by."""
        name = self.event.door
        if name:
            is_call = name.startswith(("api-", "headless"))
            return _("API") if is_call else _("Pages")
        return "" if self.event.actor_id else _("By itself")


def matching(
    *,
    person: str = "",
    subject: str = "",
    action: str = "",
    target: str = "",
    thing: tuple[str, str] | None = None,
) -> QuerySet[AuditEvent]:
    """Find events: by a part of a name or e-mail, the beginning of an action or all of it, a
    part of what the thing is called, or the thing itself (label and key).
    """
    rows = AuditEvent.objects.select_related("actor")
    if person:
        users: Any = get_user_model()._default_manager
        rows = rows.filter(actor__in=users.matching(person).values("pk"))
    if subject:
        rows = rows.filter(action__begins=f"{subject}.")
    if action:
        rows = rows.filter(action=action)
    if target:
        rows = rows.filter(target_text__icontains=target)
    if thing:
        rows = rows.filter(target_label=thing[0], target_pk=thing[1])
    return rows


def page_of(rows: QuerySet[AuditEvent], cursor: str) -> Page[AuditEvent]:
    return latest_first(rows, cursor, size=A_PAGE)


def head_of_export() -> list[str]:
    return [
        *(_("When"), _("Who"), _("E-mail"), _("What"), _("Action"), _("Of what"), _("Key")),
        *(_("Called"), _("Before and after"), _("Door"), _("Address"), _("Request")),
    ]


def rows_of_export(rows: QuerySet[AuditEvent]) -> Iterator[list[Cell]]:
    def page(cursor: str) -> Page[AuditEvent]:
        return latest_first(rows, cursor, size=ROWS_AT_ONCE)

    return (_row(Entry(event)) for event in all_of(page))


def _row(entry: Entry) -> list[Cell]:
    event = entry.event
    who, mail = (str(event.actor), event.actor.email) if event.actor else (_("GasStock"), "")
    said = "; ".join(
        f"{each.name}: {each.after}"
        if each.before is None
        else f"{each.name}: {each.before} → {each.after}"
        for each in entry.changes
    )
    return [
        *(event.created_at, who, mail, entry.what, event.action, entry.kind, event.target_pk),
        *(event.target_text, said, event.door or entry.door, event.address, event.request_id),
    ]


def words_of(action: str) -> str:
    """“invoice.sent_back” → “Invoice sent back”."""
    return action.replace(".", " ").replace("_", " ").capitalize()


def changes_of(data: dict[str, Any], action: str = "") -> list[Change]:
    """Read what `record` was told: "before" and "after" compare, and pairs of actions in PAIRS;
    anything else is a note.
    """
    data = dict(data)
    changes = []
    if "before" in data and "after" in data:
        changes += _compared(action, data.pop("before"), data.pop("after"), is_named=False)
    for name, value in data.items():
        if action in PAIRS and isinstance(value, list) and len(value) == 2:
            changes += _compared(name, *value)
        elif value not in ("", None, [], {}):
            changes.append(Change(_spaced(name), None, _say(name, value)))
    return changes


def _compared(name: str, before: Any, after: Any, *, is_named: bool = True) -> list[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        names = sorted({*before, *after})
        pairs = [(each, before.get(each), after.get(each)) for each in names]
        return [
            Change(_spaced(each), _say(each, a), _say(each, b)) for each, a, b in pairs if a != b
        ]
    title = _spaced(name) if is_named else ""
    return [Change(title, _say(name, before), _say(name, after))]


def _say(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value in ("", None, [], {}):
        return "–"
    if isinstance(value, dict):
        return ", ".join(
            f"{_spaced(str(key))} {_say(name if name in MONEY else str(key), each)}"
            for key, each in value.items()
        )
    if isinstance(value, list):
        is_hours = all(isinstance(each, list) and len(each) == 2 for each in value)
        if is_hours and all(isinstance(each, str) for pair in value for each in pair):
            return ", ".join("–".join(pair) for pair in value)
        return ", ".join(_say(name, each) for each in value)
    if name in MONEY and str(value).lstrip("-").isdigit():
        return format_money(int(value))
    return str(value)


def _spaced(name: str) -> str:
    """“GoodsReceipt” and “goods_receipt” → “Goods receipt”."""
    parts = "".join(f" {c.lower()}" if c.isupper() else c for c in name).replace("_", " ")
    return parts.strip().capitalize()
