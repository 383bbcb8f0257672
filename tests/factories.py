"""Things tests need, made the way the product makes them where that matters (stock, orders)."""

from collections.abc import Mapping
from itertools import count
from typing import Any

from gasstock.accounts.models import Membership, Station, StationStatus, User
from gasstock.accounts.permissions import Role
from gasstock.billing.models import Method
from gasstock.catalog.models import Brand, Category, CategoryKind, Product, Variant
from gasstock.inventory.models import Condition, Listing
from gasstock.inventory.services.listings import create_listing
from gasstock.orders.models import Fulfilment, LineKind, Order
from gasstock.orders.services.placing import Terms, Wanted, place_order

PASSWORD = "correct-horse-7"
_serial = count(1)


def make_user(email: str = "", **fields: Any) -> User:
    n = next(_serial)
    fields = {"name": f"Person {n}", "phone": f"+250788{n:06d}"} | fields
    return User.objects.create_user(
        email or f"person{n}@example.com", fields.pop("password", PASSWORD), **fields
    )


def make_admin(email: str = "", **fields: Any) -> User:
    return make_user(email, is_admin=True, **fields)


def make_station(slug: str = "", **fields: Any) -> Station:
    n = next(_serial)
    letters = "".join(chr(65 + n // 26**power % 26) for power in (3, 2, 1, 0))
    values: dict[str, Any] = {
        "slug": slug or f"station-{n}",
        "code": letters,
        "name": f"Station {n}",
        "district": "Gasabo",
        "address": "KG 11 Ave",
        "phone": "+250788000111",
        "status": StationStatus.APPROVED,
        "delivery_fee": 1000,
        "takes_bank": True,
        "bank_account": "Bank of Kigali 00040",
        "approval_limit": 100_000,
    }
    values |= fields
    if "applicant" not in values:
        values["applicant"] = make_user()
    return Station.objects.create(**values)


def make_member(user: User | None, station: Station, role: Role | str = Role.MANAGER) -> User:
    user = user or make_user()
    Membership.objects.create(user=user, station=station, role=role)
    return user


def _letters(n: int) -> str:
    """A name of its own that no search for a number finds."""
    return str(n).translate(str.maketrans("0123456789", "abcdefghij"))


def make_brand(name: str = "", **fields: Any) -> Brand:
    n = next(_serial)
    name = name or f"Brand {n}"
    return Brand.objects.create(**({"name": name, "slug": f"brand-{n}", "colour": "blue"} | fields))


def make_variant(name: str = "", *, size_g: int | None = 12_000, **fields: Any) -> Variant:
    """A cylinder of a fresh brand; with `size_g=None` an accessory."""
    n = next(_serial)
    kind = CategoryKind.CYLINDER if size_g else CategoryKind.ACCESSORY
    category, _ = Category.objects.get_or_create(
        slug=kind.value, defaults={"name": kind.value.title(), "kind": kind}
    )
    if "product" not in fields:
        brand = fields.pop("brand", None) or make_brand()
        fields["product"] = Product.objects.create(
            name=f"{brand} product {_letters(n)}", brand=brand, category=category
        )
    values = {"sku": f"SKU-{n}", "deposit": 30_000 if size_g else 0} | fields
    return Variant.objects.create(name=name or f"Gas {n}", size_g=size_g, **values)


def make_listing(
    station: Station | None = None,
    variant: Variant | None = None,
    *,
    full: int = 10,
    empty: int = 0,
    **fields: Any,
) -> Listing:
    """A published listing with opening stock: refill 20,000, new 22,000 (a cylinder)."""
    values = {"refill_price": 20_000, "new_price": 22_000, "is_published": True} | fields
    return create_listing(
        None,
        station=station or make_station(),
        variant=variant or make_variant(),
        opening={Condition.FULL: full, Condition.EMPTY: empty},
        **values,
    )


def make_terms(**fields: Any) -> Terms:
    values = {
        "fulfilment": Fulfilment.DELIVERY,
        "payment_method": Method.CASH,
        "phone": "+250788412906",
        "district": "Gasabo",
        "address": "KG 7 Ave 12",
    }
    return Terms(**(values | fields))


def make_order(
    wanted: Mapping[Listing, int] | Listing | None = None,
    *,
    buyer: User | None = None,
    kind: LineKind = LineKind.EXCHANGE,
    **terms: Any,
) -> Order:
    """Place an order for `{listing: quantity}` (or one of a listing), all lines of one kind."""
    if not isinstance(wanted, Mapping):
        wanted = {wanted or make_listing(): 1}
    listings = list(wanted)
    return place_order(
        buyer or make_user(),
        station=listings[0].station,
        wanted=[Wanted(listing, kind, quantity) for listing, quantity in wanted.items()],
        terms=make_terms(**terms),
    )
