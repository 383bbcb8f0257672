"""The days before the first order: the catalogue, the stations, their people and their shelves."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import cycle

from django.utils.text import slugify

from gasstock.accounts.models import User
from gasstock.accounts.permissions import Role
from gasstock.accounts.services import (
    add_address,
    apply_for_station,
    approve_station,
    set_admin,
    set_approval_limit,
    set_load_limit,
    update_station,
)
from gasstock.catalog.models import Category, CategoryKind, Variant
from gasstock.catalog.services import (
    create_brand,
    create_category,
    create_product,
    create_variant,
)
from gasstock.core import clock
from gasstock.demo.cast import Customer, Outlet, Registry, hire, new_customer
from gasstock.demo.market import (
    CATEGORIES,
    DEMAND,
    EXTRAS,
    HOURS,
    NEXT_DOOR,
    PLACES,
    SHELL_SHARE,
    SHELLS,
    SHOPS,
    SIGNS,
    TARE_KG,
    Extra,
    Shell,
    Shop,
)
from gasstock.demo.people import KITCHENS
from gasstock.inventory.models import Condition
from gasstock.inventory.services.listings import create_listing
from gasstock.orders.services.areas import set_delivery_terms

EXTRA_DEMAND = 1  # an accessory is asked for this often, in the measure of DEMAND
WEEKDAYS = (1.0, 0.9, 0.9, 1.0, 1.2, 1.4, 0.6)  # from Monday, how much is sold on each
PER_ORDER = 2.2  # pieces an order asks for, kitchens included
# How much of what will be ordered stands on the shelf at first, and how often so. What runs low
# is bought anew (demo/supply.py).
STOCKED = ((0.5, 1), (1.0, 1), (1.5, 3), (2.2, 3))
# At the main station we choose what is scarce, and keep back what today's scenes ask for.
SCARCE = {"JIBU-3": 0.2, "MERU-6": 0.6, "LAKE-GAS-6": 0.7}
KEPT = {
    "SP-6": 12,
    "SP-12": 18,
    "SP-15": 5,
    "SP-20": 8,
    "KIGALI-GAS-6": 8,
    "KIGALI-GAS-12": 7,
    "MERU-12": 11,
    "HOSE-15": 3,
    "REG-20": 3,
}
RIDERS = ("Jean-Paul Habimana", "Pacifique Mugabo")  # at the main station, beside the sign-in's
# How many cylinders one trip takes: a moto with a rack, a three-wheeler. Others take the usual.
RACK, THREE_WHEELS = 12, 24
HOME = "KG 11 Ave, house 24. Blue gate, next to the pharmacy"
WORK = "KG 7 Ave, Kacyiru. Ask for Marie at the desk"


@dataclass(frozen=True)
class Size:
    """How much of a story is told."""

    stations: int
    days: int
    orders: int
    sales: int
    buyers: int
    rare_sizes: bool = False


@dataclass
class World:
    """Everybody and everything before the first order."""

    admin: User
    outlets: list[Outlet]
    customers: list[Customer]
    buyer: Customer
    rider: User

    @property
    def main(self) -> Outlet:
        return self.outlets[0]


def set_up(registry: Registry, size: Size, opening: datetime) -> World:
    """Make the world up to the morning of `opening`, the first day of trade."""
    with clock.at(opening - timedelta(days=12)):
        admin = set_admin(None, user=registry.sign_in("admin"), is_admin=True)
        prices = dict(_catalogue(admin, rare_sizes=size.rare_sizes))
    shops = list(_shops(registry, size.stations))
    outlets = [
        _open(registry, admin, shop, opening - timedelta(days=10) + timedelta(minutes=7 * number))
        for number, shop in enumerate(shops)
    ]
    share = size.orders * PER_ORDER / sum(shop.busy for shop in shops)
    for number, outlet in enumerate(outlets):
        with clock.at(opening - timedelta(hours=30) + timedelta(minutes=11 * number)):
            _fill_shelves(registry, outlet, prices, share * outlet.busy)
    with clock.at(opening - timedelta(hours=2)):
        customers = list(_customers(registry, outlets, size.buyers))
        for district in list(NEXT_DOOR[outlets[0].station.district])[:2]:
            customers.append(new_customer(registry, district, outlets[:1]))
        marie = registry.sign_in("buyer")
        buyer = new_customer(registry, "Gasabo", outlets[:2], user=marie, line=HOME)
        add_address(marie, label="Work", district="Gasabo", line=WORK)
    return World(admin, outlets, customers, buyer, outlets[0].riders[0])


def _catalogue(admin: User, *, rare_sizes: bool) -> Iterator[tuple[Variant, int]]:
    """Every variant with the price of a refill, or of the accessory."""
    cylinders = create_category(admin, name="Cylinders", kind=CategoryKind.CYLINDER)
    for shell in SHELLS:
        yield from _cylinders(admin, cylinders, shell, rare_sizes=rare_sizes)
    shelves = {
        name: create_category(admin, name=name, kind=CategoryKind.ACCESSORY, position=position)
        for position, name in enumerate(CATEGORIES, start=1)
    }
    for extra in EXTRAS:
        yield _accessory(admin, shelves[extra.category], extra), extra.price


def _cylinders(
    admin: User, category: Category, shell: Shell, *, rare_sizes: bool
) -> Iterator[tuple[Variant, int]]:
    product = create_product(
        admin,
        name=f"{shell.brand} cylinder",
        category=category,
        brand=create_brand(admin, name=shell.brand, colour=shell.colour),
        description="Full for empty: bring an empty of the same size, or pay a deposit for one.",
    )
    for kg, price in sorted(shell.sizes.items()):
        if rare_sizes or kg not in shell.rare:
            variant = create_variant(
                admin,
                product=product,
                sku=f"{slugify(shell.brand).upper()}-{kg}",
                name=f"{shell.brand} {kg} kg",
                size_g=kg * 1000,
                deposit=100 * round(shell.deposit * SHELL_SHARE[kg] / 100),
                attributes={"Valve": shell.valve, "Empty weight": f"{TARE_KG[kg]} kg"},
            )
            yield variant, price


def _accessory(admin: User, category: Category, extra: Extra) -> Variant:
    product = create_product(admin, name=extra.product, category=category)
    return create_variant(
        admin, product=product, sku=extra.sku, name=extra.name, attributes=extra.facts
    )


def _shops(registry: Registry, count: int) -> Iterator[Shop]:
    """The shops we know by name, then others, one in each place of the country."""
    yield from SHOPS[:count]
    places = [(district, place) for district, names in PLACES.items() for place in names]
    signs = cycle(SIGNS)
    for district, place in places[: max(0, count - len(SHOPS))]:
        yield Shop(
            name=f"{place} {next(signs)}",
            district=district,
            address=f"{registry.new_line(district)}, {place}",
            fee=registry.dice.choice((500, 800, 1_000, 1_500)),
            limit=registry.dice.choice((40_000, 60_000, 90_000)),
            busy=registry.dice.randint(1, 3),
        )


def _open(registry: Registry, admin: User, shop: Shop, applied: datetime) -> Outlet:
    """From the application to a station with a team."""
    is_main = shop is SHOPS[0]
    with clock.at(applied):
        manager = registry.sign_in("manager") if is_main else registry.register()
        station = apply_for_station(manager, details=application(registry, shop))
    with clock.at(applied + timedelta(days=1)):
        station = approve_station(admin, station=station)
        set_approval_limit(admin, station=station, limit=shop.limit)
    with clock.at(applied + timedelta(days=1, hours=3)):
        changes = {
            "delivery_fee": shop.fee if shop.delivers else 0,
            "takes_bank": bool(shop.bank),
            "bank_account": shop.bank,
            "takes_foreign_empties": shop.foreign_empties,
        }
        station = update_station(manager, station=station, changes=changes)
    outlet = Outlet(station, manager, shop.busy, kept=KEPT if is_main else {})
    with clock.at(applied + timedelta(days=2)):
        clerk = registry.sign_in("clerk") if is_main else registry.register()
        hire(outlet, Role.CLERK, clerk)
        rider = registry.sign_in("rider") if is_main else registry.register()
        hire(outlet, Role.RIDER, rider)
        names = RIDERS if is_main else ("",) * (shop.busy > 2)
        for name in names:
            hire(outlet, Role.RIDER, registry.register(name))
    with clock.at(applied + timedelta(days=2, hours=1)):
        _set_delivery(outlet, shop, is_main=is_main)
    return outlet


def _set_delivery(outlet: Outlet, shop: Shop, *, is_main: bool) -> None:
    """Who carries how much; when the station comes, and what it takes for going further."""
    limits = (RACK, THREE_WHEELS) if is_main else (THREE_WHEELS,)
    for rider, limit in zip(outlet.riders, limits, strict=False):
        membership = outlet.station.memberships.get(user=rider)
        set_load_limit(outlet.manager, membership=membership, limit=limit)
    if shop.delivers:
        further = NEXT_DOOR.get(shop.district, {})
        outlet.station = set_delivery_terms(
            outlet.manager,
            station=outlet.station,
            fees={district: shop.fee + more for district, more in further.items()},
            windows=[(time(first), time(last)) for first, last in HOURS],
            minutes=outlet.station.delivery_minutes,
        )


def application(registry: Registry, shop: Shop) -> dict[str, object]:
    """What the applicant writes on the form."""
    return {
        "name": shop.name,
        "district": shop.district,
        "address": shop.address,
        "phone": registry.new_phone(),
        "licence": f"RURA/LPG/{registry.dice.randint(100, 999)}/2025",
        "delivers": shop.delivers,
    }


def _fill_shelves(
    registry: Registry, outlet: Outlet, prices: dict[Variant, int], pieces: float
) -> None:
    """Put most of the catalogue on sale, with stock for the `pieces` that will be asked for."""
    dice, is_main = registry.dice, bool(outlet.kept)
    chosen = [variant for variant in prices if is_main or dice.random() < 0.7]
    demand = sum(demand_of(variant) for variant in chosen)
    local = dice.choice((-300, -100, 0, 100, 300))
    for variant in chosen:
        expected = pieces * demand_of(variant) / demand
        stocked = dice.choices(*zip(*STOCKED, strict=True))[0]
        if is_main:
            stocked = SCARCE.get(variant.sku, 1.8)
        price = prices[variant] + (local if variant.is_cylinder else 0)
        full = 4 + round(expected * stocked) + outlet.kept.get(variant.sku, 0)
        opening = {Condition.FULL: full}
        if variant.is_cylinder:
            opening[Condition.EMPTY] = dice.randint(2, 6 + full // 4)
        listing = create_listing(
            outlet.manager,
            station=outlet.station,
            variant=variant,
            refill_price=price,
            new_price=price if dice.random() < 0.85 or is_main else None,
            reorder_level=3 + round(expected / 6),
            opening=opening,
            is_published=is_main or dice.random() < 0.95,
        )
        outlet.listings.append(listing)


def demand_of(variant: Variant) -> int:
    return DEMAND[variant.size_g // 1000] if variant.size_g else EXTRA_DEMAND


def _customers(registry: Registry, outlets: list[Outlet], count: int) -> Iterator[Customer]:
    """Buyers who live near a station and know a second one of their district, if there is one."""
    dice = registry.dice
    for number in range(max(count, len(outlets))):
        near = dice.choices(outlets, [outlet.busy for outlet in outlets])[0]
        if number < len(outlets):
            near = outlets[number]
        district = near.station.district
        also = [x for x in outlets if x.station.district == district and x is not near]
        if number % 4 == 1 and district in NEXT_DOOR:
            district = dice.choice(list(NEXT_DOOR[district])[:2])
        known = [near, *dice.sample(also, min(1, len(also)))]
        kitchen = _kitchen(number // 6, district) if number % 6 == 3 else ""
        yield new_customer(registry, district, known, kitchen=kitchen)


def _kitchen(number: int, district: str) -> str:
    name = KITCHENS[number % len(KITCHENS)]
    return name if number < len(KITCHENS) else f"{name}, {district}"
