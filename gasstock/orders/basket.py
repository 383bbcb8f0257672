"""What is in a cart, as the pages show it: sums, explanations, and what stands in the way."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gasstock.accounts.models import Address, Station, User
from gasstock.core.errors import DomainError
from gasstock.core.money import format_money
from gasstock.inventory.models import Listing
from gasstock.orders.errors import shortage
from gasstock.orders.models import CartLine, Fulfilment, LineKind, OrderLine
from gasstock.orders.services.carts import check_kind
from gasstock.orders.services.placing import Wanted, order_line, quote


def lines_in_cart(user: User | None, token: str) -> list[CartLine]:
    """Return what a person, or the visitor with this token, has in the cart, station by station."""
    return list(_lines(user, token))


def basket_at_home(user: User | None, token: str) -> "Basket":
    """The cart as it would be brought to somebody's first address, as far as we know one."""
    homes = Address.objects.filter(user=OuterRef("cart__user")).order_by("position", "pk")
    rows = _lines(user, token).annotate(home=Subquery(homes.values("district")[:1]))
    lines = list(rows)
    return Basket(lines, lines[0].home or "") if lines else Basket()


def _lines(user: User | None, token: str) -> QuerySet[CartLine]:
    lines = CartLine.objects.filter(cart__user=user)
    if user is None:
        lines = lines.filter(cart__token=token)
    return lines.select_related(
        "listing__station", "listing__variant__product__brand", "listing__full"
    ).order_by("listing__station__name", "listing__station_id", "pk")


@dataclass(frozen=True)
class Item:
    """A line of a cart with its price. Amounts in minor units."""

    line: CartLine
    price: OrderLine
    left: int
    problem: str

    @property
    def listing(self) -> Listing:
        return self.line.listing

    @property
    def total(self) -> int:
        return self.price.total

    @property
    def deposit(self) -> int:
        """What of the total is a deposit."""
        return self.price.deposit * self.line.quantity if self.line.kind == LineKind.NEW else 0

    @property
    def explanation(self) -> str:
        """What the buyer gives or gets back for it."""
        return explain(self.price, takes_foreign=self.listing.station.takes_foreign_empties)


def explain(line: OrderLine, *, takes_foreign: bool) -> str:
    """Say in words what a line of an order means for who orders it."""
    if line.kind == LineKind.ACCESSORY:
        return _("Yours to keep, no deposit")
    if line.kind == LineKind.RETURN:
        return _("You gave it back and got the deposit.")
    if line.kind == LineKind.NEW:
        deposit = format_money(line.deposit * line.quantity)
        return _("New cylinder. %(deposit)s of it is a deposit: you get it back.") % {
            "deposit": deposit
        }
    values = {"count": line.quantity, "name": line.variant.name}
    if takes_foreign:
        return (
            ngettext(
                "Refill: you give one empty of the same size, any brand.",
                "Refill: you give %(count)s empties of the same size, any brand.",
                line.quantity,
            )
            % values
        )
    return (
        ngettext(
            "Refill: you give one empty %(name)s.",
            "Refill: you give %(count)s empty %(name)s.",
            line.quantity,
        )
        % values
    )


@dataclass(frozen=True)
class Part:
    """What goes to one station, and becomes one order."""

    station: Station
    items: list[Item]
    fee: int

    @property
    def goods(self) -> int:
        return sum(item.total for item in self.items)


@dataclass(frozen=True)
class Basket:
    """A cart, station by station, and what it comes to if it is brought to `district`.

    Without a district, the fee is the one that the stations take usually.
    """

    lines: Sequence[CartLine] = ()
    district: str = ""

    def __bool__(self) -> bool:
        return bool(self.lines)

    @cached_property
    def parts(self) -> list[Part]:
        wanted: Counter[int] = Counter()
        for line in self.lines:
            wanted[line.listing_id] += line.quantity
        quotes = quote(self.lines, Fulfilment.DELIVERY, self.district)
        return [
            Part(
                each.station,
                [_item(line, wanted[line.listing_id]) for line in each.lines],
                fee=each.fee if each.station.delivers else 0,  # nobody brings it
            )
            for each in quotes
        ]

    @cached_property
    def items(self) -> list[Item]:
        return [item for part in self.parts for item in part.items]

    @cached_property
    def count(self) -> int:
        return sum(line.quantity for line in self.lines)

    @cached_property
    def goods(self) -> int:
        return sum(item.total for item in self.items)

    @cached_property
    def deposit(self) -> int:
        return sum(item.deposit for item in self.items)

    @cached_property
    def fee(self) -> int:
        return sum(part.fee for part in self.parts)

    @cached_property
    def carriers(self) -> list[Station]:
        """The stations that bring what they sell."""
        return [part.station for part in self.parts if part.station.delivers]

    @cached_property
    def is_fee_known(self) -> bool:
        """Whether the fee is what delivery will cost, wherever it goes."""
        return bool(self.district) or not any(station.areas.all() for station in self.carriers)

    @cached_property
    def total(self) -> int:
        """What it comes to when it is brought."""
        return self.goods + self.fee

    @cached_property
    def problems(self) -> list[Item]:
        return [item for item in self.items if item.problem]

    @cached_property
    def gas(self) -> list[tuple[str, int]]:
        """The goods without deposits, kind by kind: what it is called, and the sum."""
        names = {
            LineKind.EXCHANGE: _("Refills"),
            LineKind.NEW: _("Gas in new cylinders"),
            LineKind.ACCESSORY: _("Accessories"),
        }
        sums: Counter[LineKind] = Counter()
        for item in self.items:
            sums[LineKind(item.line.kind)] += item.total - item.deposit
        return [(name, sums[kind]) for kind, name in names.items() if kind in sums]

    @cached_property
    def empties(self) -> str:
        """The empties to have ready: “2 × SP 12 kg, 1 × Meru 6 kg”."""
        wanted: Counter[str] = Counter()
        for line in self.lines:
            if line.kind == LineKind.EXCHANGE:
                wanted[line.listing.variant.name] += line.quantity
        return ", ".join(f"{count} × {name}" for name, count in wanted.items())

    def line_for(self, listing_pk: int, kind: str) -> CartLine | None:
        """Return the line that the card of a listing changes."""
        found = (x for x in self.lines if x.listing_id == listing_pk and x.kind == kind)
        return next(found, None)


def _item(line: CartLine, wanted: int) -> Item:
    listing = line.listing
    left = max(0, listing.available)
    problem = ""
    try:
        check_kind(listing, LineKind(line.kind))
    except DomainError as error:
        problem, left = str(error), 0
    else:
        if left < wanted:
            problem = shortage(left, listing.variant.name)
    return Item(
        line, order_line(Wanted(listing, LineKind(line.kind), line.quantity)), left, problem
    )
