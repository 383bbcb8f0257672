"""What the counter shows: the keys of the till, the last sale, buyers, and what was sold."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import to_python

from gasstock.accounts.models import Station, User, UserQuerySet
from gasstock.billing.models import (
    Invoice,
    Method,
    Payment,
    PaymentStatus,
    Shift,
    ShiftStatus,
)
from gasstock.billing.services.invoices import Bills, total_of
from gasstock.catalog.models import Variant
from gasstock.core.paging import Page, newest_first
from gasstock.inventory.models import Listing
from gasstock.inventory.services import deposits
from gasstock.orders.models import LineKind, Order, OrderLine, OrderStatus
from gasstock.orders.services.bills import bills_as_sold
from gasstock.orders.services.counter import SaleLine, priced
from gasstock.orders.services.shells import other_brands

MOST_FOUND = 6
LEAST_DIGITS = 3
SALES_A_PAGE = 30


# --- The keys ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One product: each size (grams) and what the station sells of it, None for nothing."""

    name: str
    shell: str
    cells: list[tuple[int, Listing | None]]


@dataclass(frozen=True)
class Keys:
    """Brands down, sizes (grams) across. The place of a key never changes with the stock."""

    sizes: list[int]
    rows: list[Row]
    others: list[Listing]
    brands: dict[int, list[Variant]]

    @property
    def listings(self) -> list[Listing]:
        cylinders = [listing for row in self.rows for _column, listing in row.cells if listing]
        return [*cylinders, *self.others]

    @property
    def by_size(self) -> dict[int, list[Variant]]:
        """What else may come back empty, by size in grams."""
        found: dict[int, dict[int, Variant]] = defaultdict(dict)
        for variants in self.brands.values():
            for variant in variants:
                found[variant.size_g or 0][variant.pk] = variant
        return {size: list(variants.values()) for size, variants in found.items()}


def keys_of(station: Station) -> Keys:
    """Everything the station sells over the counter, published or not; two queries at most."""
    rows = Listing.objects.at(station).kept().for_cards()
    listings = list(
        rows.order_by("variant__product__brand__name", "variant__product", "variant__name", "pk")
    )
    cylinders = [x for x in listings if x.variant.is_cylinder]
    sizes = sorted({x.variant.size_g or 0 for x in cylinders})
    return Keys(
        sizes=sizes,
        rows=list(_rows(cylinders, sizes)),
        others=[x for x in listings if not x.variant.is_cylinder],
        brands=other_brands(station, [x.variant for x in cylinders]),
    )


def _rows(cylinders: Iterable[Listing], sizes: Sequence[int]) -> Iterable[Row]:
    """One row a product; a second one if it has two things of a size."""
    by_product: dict[int, list[Listing]] = defaultdict(list)
    products = defaultdict(set)
    for listing in cylinders:
        by_product[listing.variant.product_id].append(listing)
        products[listing.variant.product.brand_id].add(listing.variant.product_id)
    for left in by_product.values():
        product = left[0].variant.product
        is_alone = product.brand is not None and len(products[product.brand_id]) == 1
        name = product.brand.name if product.brand and is_alone else product.name
        while left:
            cells = [(size, _take(left, size)) for size in sizes]
            yield Row(name, product.brand.colour if product.brand else "grey", cells)


def _take(left: list[Listing], size: int) -> Listing | None:
    found = next((x for x in left if x.variant.size_g == size), None)
    if found:
        left.remove(found)
    return found


# --- Beside the keys --------------------------------------------------------------------------


@dataclass(frozen=True)
class Last:
    """The sale before this one, and what was given back as change (minor units)."""

    sale: Order
    change: int
    refill: OrderLine | None

    @property
    def amount(self) -> int:
        """What was paid, whoever paid it."""
        return abs(self.sale.total)


def last_of(shift: Shift) -> Last | None:
    """The last sale in this drawer; three queries."""
    sales = Order.objects.counter().filter(shift=shift).select_related("invoice")
    sale = sales.order_by("-pk").first()
    if sale is None:
        return None
    received = sale.invoice.payments.filter(status=PaymentStatus.SUCCEEDED, tendered__isnull=False)
    change = received.aggregate(change=Sum(F("tendered") - F("amount"), default=0))["change"]
    refills = OrderLine.objects.filter(order__shift=shift, kind=LineKind.EXCHANGE)
    refill = refills.select_related("variant").order_by("-pk").first()
    return Last(sale, change, refill)


def known_buyers(station: Station, phone: str = "") -> UserQuerySet:
    """Who may be looked up here: those who bought here before, and who tells their number."""
    bought_here = Order.objects.filter(station=station, buyer=OuterRef("pk"))
    known = Q(Exists(bought_here))
    if phone:
        known |= Q(phone=phone)
    return User.objects.filter(known, is_active=True)


def buyer_with(phone: str) -> User | None:
    """Whose number (E.164) this is, if it is one person's."""
    found = list(User.objects.filter(phone=phone, is_active=True)[:2])
    return found[0] if len(found) == 1 else None


def find_buyers(station: Station, words: str) -> list[User]:
    """Former buyers by a part of their name or number, anybody by the whole number."""
    words = words.strip()
    if len(words) < LEAST_DIGITS:
        return []
    phone = phone_in(words)
    here = known_buyers(station).matching(words)
    found = User.objects.filter(phone=phone, is_active=True) if phone else here
    return list(found.order_by("name", "pk")[:MOST_FOUND])


def phone_in(words: str) -> str:
    """The number (E.164) that was typed, or "" if it was none."""
    phone = to_python(words)
    return phone.as_e164 if phone and phone.is_valid() else ""


def lots_held(station: Station, buyer: User) -> dict[int, list[tuple[int, int]]]:
    """How many shells of the station's the buyer holds, and what was paid for one, oldest first,
    by variant."""
    lots: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for lot in deposits.lots_of(station=station, buyer=buyer):
        lots[lot.variant_id].append((lot.quantity, lot.unit_amount))
    return lots


# --- The sum ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Quote:
    """What a ticket would cost now, in minor units; nothing is saved."""

    bills: Bills
    total: int

    @property
    def rows(self) -> list[tuple[int, str, int]]:
        return [(n, bill.description, n * bill.unit_price) for bill, n in self.bills.items()]


def quote(station: Station, lines: Sequence[SaleLine], buyer: User | None) -> Quote:
    """Add a ticket up. Raises what `priced` does, and NotHeld."""
    found = priced(station, lines)
    refunds = [
        (line, refund)
        for line in found
        if line.kind == LineKind.RETURN
        for refund in deposits.worth(
            station=station, buyer=buyer, variant=line.variant, quantity=line.quantity
        )
    ]
    bills = bills_as_sold(found, refunds)
    return Quote(bills, total_of(bills))


# --- What was sold ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Sold:
    """The takings of a day's sales by method, in minor units.

    Only of drawers that were counted, for nobody may know before what should be in one:
    `waiting` is how many sales are in the others.
    """

    day: date
    count: int
    waiting: int
    total: int
    by_method: list[tuple[str, int]]
    on_account: int


def day_bounds(day: date) -> tuple[datetime, datetime]:
    start = timezone.make_aware(datetime.combine(day, time.min))
    return start, timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def sold_on(station: Station, day: date, cashier: int | None = None) -> Sold:
    """What was sold on a day and how it was paid so far; two queries."""
    sales = Order.objects.counter().at(station).exclude(status=OrderStatus.VOIDED)
    sales = sales.filter(placed_at__range=day_bounds(day))
    if cashier:
        sales = sales.filter(shift__cashier=cashier)
    is_open = Q(shift__status=ShiftStatus.OPEN)
    found = sales.aggregate(
        count=Count("pk"),
        waiting=Count("pk", filter=is_open),
        total=Sum("total", filter=~is_open, default=0),
    )
    told = Payment.objects.filter(
        invoice__order__in=sales.exclude(is_open), status=PaymentStatus.SUCCEEDED
    )
    sums = dict(told.values_list("method").annotate(Sum("amount")).order_by())
    by_method = [(str(method.label), sums[method]) for method in Method if sums.get(method)]
    return Sold(
        day=day, by_method=by_method, on_account=found["total"] - sum(sums.values()), **found
    )


def sales_page(
    station: Station,
    *,
    words: str,
    day: date | None,
    cashier: int | None = None,
    cursor: str,
    size: int = SALES_A_PAGE,
) -> Page[Order]:
    """The station's counter sales, newest first, with what a row shows; two queries."""
    sales = Order.objects.counter().at(station)
    sales = sales.select_related("buyer", "invoice", "shift__cashier")
    if day:
        sales = sales.filter(placed_at__range=day_bounds(day))
    if cashier:
        sales = sales.filter(shift__cashier=cashier)
    if words:
        sales = sales.filter(_matching(words))
    lines = OrderLine.objects.select_related("variant").order_by("pk")
    page = newest_first(sales.prefetch_related(Prefetch("lines", lines)), cursor, size=size)
    for sale in page.rows:
        sale.station = station
    return page


def _matching(words: str) -> Q:
    """A receipt's or sale's number, or the buyer's name or phone."""
    hit = Q(number__icontains=words) | Q(invoice__number__icontains=words)
    hit |= Q(invoice__buyer_name__icontains=words)
    digits = "".join(c for c in words if c.isdecimal()).lstrip("0")
    if len(digits) >= LEAST_DIGITS:
        hit |= Q(phone__contains=digits)
    return hit


def cashiers(station: Station) -> list[User]:
    """Who ever sold over this counter; one query."""
    worked = Shift.objects.filter(station=station, cashier=OuterRef("pk"))
    return list(User.objects.filter(Exists(worked)).order_by("name", "pk"))


def state_of(sale: Order) -> tuple[str, str]:
    """The tone and the word for how a sale stands."""
    if sale.status == OrderStatus.VOIDED:
        return "off", _("Undone")
    if sale.status == OrderStatus.DELIVERED:
        return "wait", _("On account")
    return "ok", _("Paid")


@dataclass(frozen=True)
class Slip:
    """A receipt with all that it says. Amounts in minor units."""

    sale: Order
    lines: list[OrderLine]
    payments: list[Payment]

    @property
    def invoice(self) -> Invoice:
        return self.sale.invoice

    @property
    def state(self) -> tuple[str, str]:
        return state_of(self.sale)

    @property
    def change(self) -> int:
        given = [x for x in self.payments if x.tendered is not None]
        return sum((x.tendered or 0) - x.amount for x in given)

    @property
    def empties(self) -> list[tuple[int, str]]:
        """What was taken back, by what it was."""
        counts: dict[str, int] = defaultdict(int)
        for line in self.lines:
            counts[str(line.empty_variant or line.variant)] += line.empties
        return [(count, name) for name, count in counts.items() if count]

    @property
    def deposit(self) -> int:
        """The deposit taken with this sale."""
        return sum(
            x.deposit * (x.delivered if x.kind == LineKind.NEW else x.missing) for x in self.lines
        )


def slip_of(sale: Order) -> Slip:
    """Gather a receipt; two queries."""
    lines = sale.lines.select_related("variant__product__brand", "empty_variant")
    received = sale.invoice.payments.exclude(status=PaymentStatus.PENDING)
    return Slip(sale, list(lines.order_by("pk")), list(received.order_by("pk")))
