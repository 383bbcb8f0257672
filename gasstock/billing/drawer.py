"""What pages show of a cashier's drawer. Nothing here tells sums of a drawer that is open."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.billing.models import (
    DrawerEntry,
    EntryKind,
    Method,
    Shift,
    ShiftCount,
    ShiftStatus,
)
from gasstock.core.money import format_money

UNDONE = "undone"
BY_HAND = (EntryKind.FLOAT, EntryKind.PAY_IN, EntryKind.PAY_OUT, EntryKind.DROP)
LINES: dict[str, str | Promise] = {
    EntryKind.FLOAT: gettext_lazy("Float at the start"),
    EntryKind.SALE: gettext_lazy("Taken for sales and bills"),
    EntryKind.REFUND: gettext_lazy("Paid out for cylinders given back"),
    UNDONE: gettext_lazy("Taken back: undone sales and payments"),
    EntryKind.PAY_IN: gettext_lazy("Paid in"),
    EntryKind.PAY_OUT: gettext_lazy("Paid out"),
    EntryKind.DROP: gettext_lazy("Taken to the safe"),
}

Sums = Counter[Method]


@dataclass(frozen=True)
class Seen:
    """A shift as the list shows it; `off` is what the count differs by, once there is one."""

    shift: Shift
    float_amount: int
    off: dict[Method, int]


def seen(shifts: list[Shift]) -> list[Seen]:
    """The shifts with their figures, in two queries for all of them."""
    should: defaultdict[int, Sums] = defaultdict(Sums)
    found: defaultdict[int, Sums] = defaultdict(Sums)
    floats = Counter[int]()
    entries = DrawerEntry.objects.filter(shift__in=shifts)
    for pk, kind, method, amount in entries.values_list("shift", "kind", "method").annotate(
        Sum("amount")
    ):
        should[pk][Method(method)] += amount
        if kind == EntryKind.FLOAT:
            floats[pk] = amount
    counts = ShiftCount.objects.filter(shift__in=shifts).values_list("shift", "method")
    for pk, method, amount in counts.annotate(sum=Sum(F("quantity") * Coalesce("denomination", 1))):
        found[pk][Method(method)] = amount
    return [
        Seen(
            shift,
            floats[shift.pk],
            {}
            if shift.status == ShiftStatus.OPEN
            else _differences(should[shift.pk], found[shift.pk]),
        )
        for shift in shifts
    ]


def _differences(should: Sums, found: Sums) -> dict[Method, int]:
    off = {method: found[method] - should[method] for method in Method}
    return {method: amount for method, amount in off.items() if amount}


def by_hand(shift: Shift) -> QuerySet[DrawerEntry]:
    """What somebody put in or took out, without what sales brought: all a cashier may see."""
    return shift.entries.filter(kind__in=BY_HAND).select_related("actor").order_by("pk")


@dataclass(frozen=True)
class Line:
    """One line of a report, with an amount for each method."""

    label: str | Promise
    amounts: list[int]


@dataclass(frozen=True)
class Verdict:
    """How the count of one method fits. Money in minor units."""

    method: Method
    expected: int
    counted: int
    off: int

    @property
    def words(self) -> str:
        return words_for(self.off) if self.off else ""


def words_for(off: int) -> str:
    """By how much a count differs, as people say it."""
    text = _("%(money)s too much") if off > 0 else _("%(money)s missing")
    return text % {"money": format_money(abs(off))}


@dataclass(frozen=True)
class Report:
    """All that a counted drawer says. Money in minor units, in the order of `methods`."""

    methods: list[Method]
    lines: list[Line]
    expected: list[int]
    counted: list[int]
    off: list[int]
    notes: list[ShiftCount]
    wallets: list[ShiftCount]
    moved: list[DrawerEntry]
    late: list[DrawerEntry]
    paid: int
    undone: int
    first_at: datetime | None
    last_at: datetime | None

    @property
    def is_off(self) -> bool:
        return any(self.off)

    @property
    def verdicts(self) -> list["Verdict"]:
        rows = zip(self.methods, self.expected, self.counted, self.off, strict=True)
        return [Verdict(*row) for row in rows if any(row[1:])]


def report_of(shift: Shift) -> Report:
    """The Z report of a counted shift, in two queries."""
    entries = list(shift.entries.select_related("payment", "actor").order_by("pk"))
    counts = list(shift.counts.order_by("-denomination", "pk"))
    sums: dict[str, Sums] = {kind: Sums() for kind in LINES}
    for entry in entries:
        sums[_line_of(entry)][Method(entry.method)] += entry.amount
    methods = list(Method)
    should = [sum(line[method] for line in sums.values()) for method in methods]
    found = [sum(x.amount for x in counts if x.method == method) for method in methods]
    sales = [x for x in entries if x.payment_id and not _is_undoing(x)]
    return Report(
        methods=methods,
        lines=[Line(LINES[kind], [line[x] for x in methods]) for kind, line in sums.items()],
        expected=should,
        counted=found,
        off=[there - here for there, here in zip(found, should, strict=True)],
        notes=[x for x in counts if x.denomination and x.quantity],
        wallets=[x for x in counts if not x.denomination],
        moved=[
            x for x in entries if x.kind in BY_HAND and x.kind != EntryKind.FLOAT and not x.is_late
        ],
        late=[x for x in entries if x.is_late],
        paid=len(_bills(sales)),
        undone=len(_bills(x for x in entries if _is_undoing(x))),
        first_at=sales[0].created_at if sales else None,
        last_at=sales[-1].created_at if sales else None,
    )


def _line_of(entry: DrawerEntry) -> str:
    return UNDONE if _is_undoing(entry) else entry.kind


def _is_undoing(entry: DrawerEntry) -> bool:
    """Whether it goes the other way than its payment: what came in went out, or the reverse."""
    return entry.payment is not None and (entry.payment.amount > 0) != (entry.amount > 0)


def _bills(entries: Iterable[DrawerEntry]) -> set[int]:
    return {entry.payment.invoice_id for entry in entries if entry.payment}
