"""From a cart to orders: all or nothing, at the prices of this moment."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from string import digits

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from gasstock.accounts.models import Station, User
from gasstock.billing.models import Method
from gasstock.billing.services.invoices import Party, draft_invoice, total_of
from gasstock.core import clock, platform
from gasstock.core.tokens import random_text
from gasstock.inventory.errors import OutOfStock
from gasstock.inventory.models import Balance, Listing
from gasstock.inventory.services.reservations import reserve
from gasstock.orders.errors import (
    MethodNotTaken,
    NoDelivery,
    NothingOrdered,
    PriceChanged,
    QuantityOutOfRange,
    ShortOfStock,
)
from gasstock.orders.models import (
    Cart,
    CartLine,
    EventKind,
    Fulfilment,
    LineKind,
    Order,
    OrderLine,
)
from gasstock.orders.services.bills import bills_as_ordered
from gasstock.orders.services.carts import MOST, check_kind, lines_of
from gasstock.orders.services.promises import Promise, Slot, promise
from gasstock.orders.services.timeline import tell_buyer, tell_station, write_event

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0 O 1 I L U: it is read out on the phone


@dataclass(frozen=True)
class Terms:
    """How the buyer wants it. `district`, `address` and `slots` are for deliveries.

    A station without one of the `slots` brings it as soon as possible.
    """

    fulfilment: Fulfilment
    payment_method: Method
    phone: str
    district: str = ""
    address: str = ""
    note: str = ""
    slots: Collection[Slot] = ()


@dataclass(frozen=True)
class Wanted:
    """One line to order; `quantity` > 0."""

    listing: Listing
    kind: LineKind
    quantity: int


@dataclass(frozen=True)
class Quote:
    """What a cart would cost at one station, in minor units."""

    station: Station
    lines: list[CartLine]
    goods: int
    fee: int

    @property
    def total(self) -> int:
        return self.goods + self.fee


def quote(lines: Sequence[CartLine], fulfilment: Fulfilment, district: str = "") -> list[Quote]:
    """Say what the lines (sorted by station) cost, one quote per station. One query."""
    prefetch_related_objects([line.listing.station for line in lines], "areas")
    quotes = []
    for station, group in groupby(lines, key=lambda line: line.listing.station):
        own = list(group)
        priced = [order_line(Wanted(x.listing, LineKind(x.kind), x.quantity)) for x in own]
        goods = sum(line.total for line in priced)
        quotes.append(Quote(station, own, goods, fee_of(station, fulfilment, district)))
    return quotes


def fee_of(station: Station, fulfilment: Fulfilment, district: str = "") -> int:
    """What bringing it costs, in minor units; where no district is named, what it does usually."""
    if fulfilment != Fulfilment.DELIVERY:
        return 0
    areas = {area.district: area.fee for area in station.areas.all()} if district else {}
    return areas.get(district, station.delivery_fee)


def order_line(wanted: Wanted) -> OrderLine:
    """An order line at today's prices, not saved and without an order."""
    listing = wanted.listing
    new_price = listing.refill_price if listing.new_price is None else listing.new_price
    return OrderLine(
        listing=listing,
        variant=listing.variant,
        kind=wanted.kind,
        quantity=wanted.quantity,
        unit_price=new_price if wanted.kind == LineKind.NEW else listing.refill_price,
        new_price=new_price,
        deposit=listing.variant.deposit,
    )


@transaction.atomic
def check_out(
    actor: User, *, cart: Cart, terms: Terms, expected_total: int | None = None
) -> list[Order]:
    """Order what is in the cart, one order per station, and empty it.

    A double click finds the cart empty. Raises PriceChanged if the sum is not the one the buyer
    saw, NothingOrdered, and all that `place_order` raises; then nothing has happened.
    """
    Cart.objects.select_for_update().get(pk=cart.pk)
    lines = list(lines_of(cart))
    if not lines:
        raise NothingOrdered
    quotes = quote(lines, terms.fulfilment, terms.district)
    total = sum(each.total for each in quotes)
    if expected_total is not None and total != expected_total:
        raise PriceChanged(total)
    wanted = [Wanted(line.listing, LineKind(line.kind), line.quantity) for line in lines]
    if len(quotes) > 1:
        _lock_balances(wanted)
    _check_stock(wanted)
    orders = [
        place_order(
            actor,
            station=each.station,
            wanted=[w for w in wanted if w.listing.station_id == each.station.pk],
            terms=terms,
        )
        for each in quotes
    ]
    cart.lines.all().delete()
    return orders


@transaction.atomic
def place_order(actor: User, *, station: Station, wanted: list[Wanted], terms: Terms) -> Order:
    """Hold the stock, freeze the prices, draft the invoice.

    Raises NothingOrdered, NotForSale, KindNotOffered, NoDelivery, MethodNotTaken or
    ShortOfStock, SlotGone, QuantityOutOfRange, and then nothing has happened.
    """
    _check_terms(station, wanted, terms)
    number = _new_number(station)
    _hold(number, wanted)
    _check_size(wanted)
    lines = [order_line(each) for each in wanted]
    fee = fee_of(station, terms.fulfilment, terms.district)
    is_delivery = terms.fulfilment == Fulfilment.DELIVERY
    promised_from, promised_until = _promise(station, terms) if is_delivery else (None, None)
    address = f"{terms.address}, {terms.district}" if is_delivery else ""
    bills = bills_as_ordered(lines, fee)
    order = Order.objects.create(
        station=station,
        buyer=actor,
        number=number,
        invoice=draft_invoice(
            actor,
            station=station,
            party=Party(actor, str(actor), terms.phone, address),
            reference=number,
            bills=bills,
        ),
        fulfilment=terms.fulfilment,
        district=terms.district if is_delivery else "",
        address=terms.address if is_delivery else "",
        phone=terms.phone,
        note=terms.note,
        payment_method=terms.payment_method,
        delivery_fee=fee,
        total=total_of(bills),
        currency=platform.current().currency,
        code=random_text(digits, 4),
        promised_from=promised_from,
        promised_until=promised_until,
        expires_at=clock.now() + timedelta(hours=platform.current().order_expiry_hours),
    )
    for line in lines:
        line.order = order
    OrderLine.objects.bulk_create(lines)
    write_event(actor, order, EventKind.PLACED)
    tell_station(
        actor,
        order,
        EventKind.PLACED,
        format_lazy(_("New order {order} from {person}."), order=order, person=actor),
    )
    tell_buyer(
        order,
        EventKind.PLACED,
        format_lazy(_("{station} has your order {order}."), station=station, order=order),
    )
    return order


def _promise(station: Station, terms: Terms) -> Promise:
    slots = (slot for slot in terms.slots if slot.window.station_id == station.pk)
    return promise(station, next(slots, None))


def _check_terms(station: Station, wanted: list[Wanted], terms: Terms) -> None:
    if not wanted:
        raise NothingOrdered
    for each in wanted:
        check_kind(each.listing, each.kind)
    if terms.fulfilment == Fulfilment.DELIVERY and not station.delivers:
        raise NoDelivery(str(station))
    check_method(station, terms.payment_method)


def _check_size(wanted: list[Wanted]) -> None:
    """No more of a thing than a cart takes, so that nobody holds a whole depot by phone."""
    for each in wanted:
        if each.quantity > MOST:
            raise QuantityOutOfRange(each.listing.variant.name, MOST)


def check_method(station: Station, method: Method) -> None:
    """Raise MethodNotTaken if the station does not take it."""
    if method == Method.BANK and not station.takes_bank:
        raise MethodNotTaken(str(station), method.label)


def _hold(number: str, wanted: list[Wanted]) -> None:
    """Hold all lines together; two lines of the same listing count as one."""
    try:
        reserve(document=number, wanted=sums_of(wanted))
    except OutOfStock as error:
        _check_stock(wanted)
        raise ShortOfStock({}, {}, str(error)) from error  # it came back in between


def sums_of(wanted: Iterable[Wanted | OrderLine]) -> Counter[Listing]:
    """How many of each listing."""
    sums: Counter[Listing] = Counter()
    for each in wanted:
        sums[each.listing] += each.quantity
    return sums


def _check_stock(wanted: list[Wanted]) -> None:
    """Raise ShortOfStock with every listing there is too little of, not just the first."""
    sums = sums_of(wanted)
    rows = Balance.objects.filter(pk__in=[listing.full_id for listing in sums])
    free = {balance.pk: balance.available for balance in rows}
    short = {
        listing.pk: max(0, free[listing.full_id])
        for listing, quantity in sums.items()
        if free[listing.full_id] < quantity
    }
    if short:
        raise ShortOfStock(short, {listing.pk: listing.variant.name for listing in sums})


def _lock_balances(wanted: list[Wanted]) -> None:
    """Lock what several orders will hold in one go, so that no two carts wait in a ring."""
    pks = {each.listing.full_id for each in wanted}
    list(Balance.objects.select_for_update().filter(pk__in=pks).order_by("pk"))


def _new_number(station: Station) -> str:
    while True:
        number = f"{station.code}-{random_text(ALPHABET, 6)}"
        if not Order.objects.filter(number=number).exists():
            return number
