"""The people, the station and the gas of the demo that docs/api.md and the collection speak of."""

from gasstock.catalog.models import Category, Product
from tests.factories import (
    make_admin,
    make_brand,
    make_listing,
    make_member,
    make_station,
    make_user,
    make_variant,
)

PASSWORD = "gasstock-demo"
SLUG = "kimironko-gas-point"


def make_demo() -> None:
    people = {
        who: make_user(f"{who}@demo.example", password=PASSWORD)
        for who in ("buyer", "manager", "rider")
    }
    make_admin("admin@demo.example", password=PASSWORD)
    station = make_station(SLUG, code="KGP", name="Kimironko Gas Point", approval_limit=0)
    make_member(people["manager"], station)
    make_member(people["rider"], station, "rider")
    cylinders = Category.objects.create(name="Cylinders", slug="cylinders", kind="cylinder")
    gas = Product.objects.create(name="SP gas", brand=make_brand("SP"), category=cylinders)
    make_listing(station, make_variant("SP 12 kg", product=gas))
