"""What waits for an admin: orders, invoices, stations, money; each with its evidence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db.models import (
    Count,
    Exists,
    F,
    IntegerField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.accounts.models import Station, StationStatus, User
from gasstock.billing.models import Invoice, InvoiceStatus
from gasstock.core.paging import Page, oldest_first
from gasstock.inventory.models import Reservation
from gasstock.orders.evidence import Row, order_of, row_of
from gasstock.orders.models import Order, OrderLine, OrderStatus

Thing = TypeVar("Thing", bound=Model)
GROUP_SIZE = 30
TITLES = {
    "order": gettext_lazy("Orders"),
    "invoice": gettext_lazy("Invoices"),
    "station": gettext_lazy("Stations that want to sell"),
    "unpaid": gettext_lazy("Approved, not paid"),
}
TABS = {"orders": "order", "invoices": "invoice", "stations": "station", "unpaid": "unpaid"}


@dataclass(frozen=True)
class Group:
    key: str
    tab: str
    rows: list[Row]
    next: str | None

    @property
    def title(self) -> str:
        return str(TITLES[self.key])


@dataclass(frozen=True)
class Asked:
    """What the admin wants to see. `tab` is empty for everything that waits."""

    user: User
    tab: str = ""
    words: str = ""
    station: str = ""
    only_admin: bool = False
    cursor: str = ""


@dataclass
class Queue:
    """The queue as asked for; five queries at most, however long it is."""

    asked: Asked
    groups: list[Group] = field(default_factory=list)

    def __post_init__(self) -> None:
        keys = [TABS[self.asked.tab]] if self.asked.tab else ["order", "invoice", "station"]
        pages = {key: _page(key, self.asked) for key in keys}
        things = [thing for page in pages.values() for thing in page.rows]
        _fetch_lines(things)
        self.counts = _counts(things)
        tabs = {key: tab for tab, key in TABS.items()}
        for key, page in pages.items():
            rows = [row_of(thing, self.asked.user) for thing in page.rows]
            if rows or self.asked.tab:
                self.groups.append(Group(key, tabs[key], rows, page.next))

    @property
    def tabs(self) -> list[tuple[str, str, int]]:
        return tabs_of(self.counts)

    @cached_property
    def stations(self) -> list[Station]:
        """The stations of the rows shown, to narrow them further."""
        shown = {row.station.pk: row.station for group in self.groups for row in group.rows}
        return sorted(shown.values(), key=str)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.asked.words or self.asked.station or self.asked.only_admin)


# --- What waits -------------------------------------------------------------------------------


def _page(key: str, asked: Asked) -> Page:
    with_evidence = {"order": orders, "station": stations}.get(key, invoices)
    rows = _with_counts(narrowed(key, asked, with_evidence()))
    return oldest_first(rows, asked.cursor if asked.tab else "", size=GROUP_SIZE)


def narrowed(key: str, asked: Asked, rows: QuerySet[Thing]) -> QuerySet[Thing]:
    """Those of `rows` that wait, as they were asked for. Orders are "order", and so on."""
    if key == "order":
        rows = rows.filter(status=OrderStatus.PLACED)
        if asked.only_admin:
            rows = rows.filter(total__gt=F("station__approval_limit"))
        names = Q(number__icontains=asked.words) | Q(buyer__name__icontains=asked.words)
    elif key == "station":
        rows = rows.filter(status=StationStatus.APPLIED)
        names = Q(applicant__name__icontains=asked.words) | Q(district__icontains=asked.words)
    else:
        status = InvoiceStatus.SUBMITTED if key == "invoice" else InvoiceStatus.APPROVED
        rows = rows.filter(status=status)
        names = (
            Q(number__icontains=asked.words)
            | Q(reference__icontains=asked.words)
            | Q(buyer_name__icontains=asked.words)
        )
    prefix = "" if key == "station" else "station__"
    if asked.words:
        rows = rows.filter(names | Q(**{f"{prefix}name__icontains": asked.words}))
    return rows.filter(**{f"{prefix}slug": asked.station}) if asked.station else rows


def orders() -> QuerySet[Order]:
    """Orders with their evidence: what the buyer did before, what is held for them."""
    before = Order.objects.filter(buyer=OuterRef("buyer"), pk__lt=OuterRef("pk"))
    was_good = Q(status=OrderStatus.CLOSED) | Q(invoice__status=InvoiceStatus.PAID)
    held = Reservation.objects.filter(document=OuterRef("number"))
    return Order.objects.select_related("station", "buyer", "invoice").annotate(
        has_earlier=Exists(before),
        paid_before=_count(before.filter(was_good)),
        held=_sum(held, "quantity"),
    )


def invoices() -> QuerySet[Invoice]:
    """Invoices with the order they bill and what its corrections come to."""
    others = Invoice.objects.filter(corrects=OuterRef("base")).exclude(status=InvoiceStatus.VOID)
    return (
        Invoice.objects.select_related("station", "order", "corrects__order")
        .annotate(base=Coalesce("corrects_id", "id"))
        .annotate(corrections_total=_sum(others, "total"))
    )


def stations() -> QuerySet[Station]:
    return Station.objects.select_related("applicant")


def things_of(picks: Iterable[tuple[str, int]]) -> list[Any]:
    """The orders, invoices and stations named, as rows need them, whatever their state."""
    wanted: dict[str, set[int]] = {"order": set(), "invoice": set(), "station": set()}
    for kind, pk in picks:
        wanted[kind].add(pk)
    rows: dict[str, QuerySet] = {"order": orders(), "invoice": invoices(), "station": stations()}
    things = [
        thing
        for kind, pks in wanted.items()
        if pks
        for thing in rows[kind].filter(pk__in=pks).order_by("pk")
    ]
    _fetch_lines(things)
    return things


def _fetch_lines(things: Iterable[Model]) -> None:
    """The lines of all orders and billed orders, in one query."""
    found = [order for order in map(order_of, things) if order is not None]
    lines = OrderLine.objects.select_related("variant").order_by("pk")
    by_order: dict[int, list[OrderLine]] = {order.pk: [] for order in found}
    if by_order:
        for line in lines.filter(order__in=by_order):
            by_order[line.order_id].append(line)
    for order in found:
        order.all_lines = by_order[order.pk]  # type: ignore[attr-defined]


# --- How many ---------------------------------------------------------------------------------


def _waiting() -> dict[str, QuerySet]:
    bills = Invoice.objects.all()
    return {
        "order": Order.objects.to_approve(),
        "invoice": bills.to_approve(),
        "station": Station.objects.filter(status=StationStatus.APPLIED),
        "unpaid": bills.filter(status=InvoiceStatus.APPROVED),
    }


def _with_counts(rows: QuerySet) -> QuerySet:
    """Every row brings along how many of each kind wait, so that counting costs no query."""
    return rows.annotate(**{f"all_{key}": _count(some) for key, some in _waiting().items()})


def _counts(things: Sequence[Model]) -> dict[str, int]:
    if things:
        return {key: getattr(things[0], f"all_{key}") for key in TITLES}
    return counts()


def counts() -> dict[str, int]:
    """How many of each kind wait; one query."""
    one = User.objects.order_by("pk").annotate(
        **{f"all_{key}": _count(some) for key, some in _waiting().items()}
    )
    found = one.values(*(f"all_{key}" for key in TITLES)).first() or {}
    return {key: found.get(f"all_{key}", 0) for key in TITLES}


def tabs_of(counts: dict[str, int]) -> list[tuple[str, str, int]]:
    """Each tab of the page: its word in the URL, its name, how many wait there."""
    waiting = sum(counts[key] for key in ("order", "invoice", "station"))
    return [
        ("", _("All"), waiting),
        ("orders", _("Orders"), counts["order"]),
        ("invoices", _("Invoices"), counts["invoice"]),
        ("stations", _("Stations"), counts["station"]),
        ("unpaid", _("Approved, not paid"), counts["unpaid"]),
    ]


def _count(rows: QuerySet) -> Coalesce:
    counted = rows.order_by().annotate(one=Value(1)).values("one").annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n"), output_field=IntegerField()), 0)


def _sum(rows: QuerySet, name: str) -> Coalesce:
    summed = rows.order_by().annotate(one=Value(1)).values("one").annotate(n=Sum(name))
    return Coalesce(Subquery(summed.values("n"), output_field=IntegerField()), 0)
