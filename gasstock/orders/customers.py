"""Who buys on GasStock: everybody, as admins read it, or a station's own buyers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import (
    BigIntegerField,
    Count,
    Exists,
    F,
    Max,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from gasstock.accounts.models import Station, User, UserQuerySet
from gasstock.billing.models import Invoice, InvoiceStatus
from gasstock.core.paging import EPOCH, Page, newest_first
from gasstock.inventory.models import DEPOSIT, DepositEntry
from gasstock.orders.models import Order, OrderStatus

A_PAGE = 30
SORTS = {  # what a list may be sorted by, "" being the usual
    "": _("Newest first"),
    "last": _("Last order first"),
    "owes": _("Owes most first"),
    "name": _("By name"),
}
NOT_COUNTED = (OrderStatus.VOIDED,)
Rows = TypeVar("Rows", bound=Model)


@dataclass(frozen=True)
class Habit:
    """What somebody ordered and paid in all; money in minor units."""

    orders: int = 0
    last_order_at: datetime | None = None
    paid: int = 0


def customers() -> UserQuerySet:
    """Everybody who bought something, and who has an account for nothing else."""
    bought = Order.objects.filter(buyer=OuterRef("pk"))
    only_buys = User.objects.in_role("buyer").filter(pk=OuterRef("pk"))
    return User.objects.filter(Q(Exists(bought)) | Q(Exists(only_buys)))


def habits_of(people: Collection[User]) -> dict[int, Habit]:
    """What each of `people` did so far, by pk; two queries. Undone sales do not count."""
    orders = Order.objects.filter(buyer__in=people).exclude(status=OrderStatus.VOIDED)
    rows = orders.order_by().values("buyer").annotate(n=Count("pk"), last=Max("placed_at"))
    bills = Invoice.objects.filter(buyer__in=people).exclude(status=InvoiceStatus.VOID)
    paid = dict(bills.order_by().values_list("buyer").annotate(Sum("paid")))
    return {
        row["buyer"]: Habit(row["n"], row["last"], int(paid.get(row["buyer"], 0))) for row in rows
    }


@dataclass(frozen=True)
class Standing:
    """How a buyer stands, on the platform or with one station; money in minor units.

    `due` is what approved bills still ask for; `held` shells are theirs to bring back, for
    `deposit`; `given` are the stars of all their ratings together.
    """

    orders: int = 0
    last_order_at: datetime | None = None
    due: int = 0
    held: int = 0
    deposit: int = 0
    ratings: int = 0
    given: int = 0

    @property
    def stars(self) -> float | None:
        """What they gave on average; None if they never rated."""
        return self.given / self.ratings if self.ratings else None


@dataclass(frozen=True)
class Customer:
    person: User
    standing: Standing


def buyers_of(station: Station) -> UserQuerySet:
    """Who ordered or bought something at the station."""
    return User.objects.filter(Exists(_orders(station).filter(buyer=OuterRef("pk"))))


def page_of_customers(
    station: Station | None, *, words: str, sort: str, cursor: str
) -> tuple[list[Customer], str | None]:
    """Return a page of customers, of one station or all, with the cursor of the next."""
    people = buyers_of(station) if station else customers()
    page = _sorted(people.matching(words, by_email=station is None), sort, cursor, station)
    standings = standings_of(page.rows, station)
    found = [Customer(user, standings.get(user.pk, Standing())) for user in page.rows]
    return found, page.next


def standings_of(people: Collection[User], station: Station | None = None) -> dict[int, Standing]:
    """How each of `people` stands, by pk; three queries."""
    mine = Q(buyer__in=[user.pk for user in people])
    orders = _by_buyer(
        _orders(station).filter(mine),
        n=Count("pk"),
        last=Max("placed_at"),
        ratings=Count("rating"),
        stars=Sum("rating__stars"),
    )
    bills = _by_buyer(_due(station).filter(mine), due=_rest())
    entries = _at(DepositEntry.objects.filter(mine), station)
    held = _by_buyer(entries, n=Sum("quantity"), amount=Sum(DEPOSIT))
    return {
        pk: Standing(
            orders=orders.get(pk, {}).get("n", 0),
            last_order_at=orders.get(pk, {}).get("last"),
            due=bills.get(pk, {}).get("due", 0),
            held=held.get(pk, {}).get("n", 0),
            deposit=held.get(pk, {}).get("amount", 0),
            ratings=orders.get(pk, {}).get("ratings", 0),
            given=orders.get(pk, {}).get("stars") or 0,
        )
        for pk in {*orders, *bills, *held}
    }


def _sorted(people: UserQuerySet, sort: str, cursor: str, station: Station | None) -> Page[User]:
    if sort == "last":
        latest = _orders(station).filter(buyer=OuterRef("pk")).order_by("-pk")
        last = Subquery(latest.values("placed_at")[:1])  # a step in an index for each
        return _from(people.annotate(key=Coalesce(last, EPOCH)), "-", cursor)
    if sort == "owes":
        sums = _due(station).filter(buyer=OuterRef("pk")).order_by().values("buyer")
        owed = Subquery(
            sums.annotate(value=_rest()).values("value"), output_field=BigIntegerField()
        )
        return _from(people.annotate(key=Coalesce(owed, 0)), "-", cursor)
    if sort == "name":
        return _from(people.annotate(key=F("name")), "", cursor)
    return newest_first(people, cursor, size=A_PAGE)


def _from(people: QuerySet[Any], sign: str, cursor: str) -> Page[User]:
    """Page by `key`: the cursor names the last person shown, wherever they stand by now."""
    shown = cursor if cursor.isascii() and cursor.isdigit() and len(cursor) <= 18 else ""
    place = people.order_by().filter(pk=shown).values_list("key", flat=True) if shown else ()
    for value in place:
        way = "lt" if sign else "gt"
        beyond = Q(**{f"pk__{way}": shown}) | Q(**{f"key__{way}": value})
        people = people.filter(beyond, **{f"key__{way}e": value})
    rows = list(people.order_by(f"{sign}key", f"{sign}pk")[: A_PAGE + 1])
    return Page(rows[:A_PAGE], str(rows[A_PAGE - 1].pk) if len(rows) > A_PAGE else None)


def _orders(station: Station | None) -> QuerySet[Order]:
    return _at(Order.objects.exclude(status__in=NOT_COUNTED), station)


def _due(station: Station | None) -> QuerySet[Invoice]:
    return _at(Invoice.objects.filter(status=InvoiceStatus.APPROVED), station)


def _rest() -> Sum:
    """What is still to be paid; an approved bill with too much paid is paid, not approved."""
    return Sum(F("total") - F("credited") - F("paid"), output_field=BigIntegerField())


def _at(rows: QuerySet[Rows], station: Station | None) -> QuerySet[Rows]:
    return rows.filter(station=station) if station else rows


def _by_buyer(rows: QuerySet[Any], **sums: Any) -> dict[int, dict[str, Any]]:
    return {row["buyer"]: row for row in rows.order_by().values("buyer").annotate(**sums)}
