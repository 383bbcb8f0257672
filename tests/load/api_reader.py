"""The other side of `api`: fills a database with so many listings and times `gas/` among them.

Bare rows are 25 of them as they lie in their table; or with all that `gas/` tells of them, of
other tables too, still in one query. The first are the stricter measure.
"""

import random
import sys
from time import perf_counter

import django
from django.core.management import call_command
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import path

django.setup()

import gasstock.urls  # noqa: E402
from gasstock.accounts.access import public  # noqa: E402
from gasstock.accounts.districts import PROVINCES  # noqa: E402
from gasstock.accounts.models import Station  # noqa: E402
from gasstock.api.schemas.shop import COLUMNS, THING  # noqa: E402
from gasstock.catalog.models import Variant  # noqa: E402
from gasstock.inventory.models import Balance, Condition, Listing, LocationKind  # noqa: E402
from gasstock.inventory.services.locations import location_of  # noqa: E402
from tests.factories import make_brand, make_station, make_user, make_variant  # noqa: E402

GAS, BARE = "/api/v1/gas/", "/api/v1/bare/"
SIZES = (3, 6, 12, 13, 15, 20, 35, 40, 45, 50)
BRANDS = "abcdefghij"
TIMES = 60
DISTRICTS = [name for names in PROVINCES.values() for name in names]
PAGE = "a page of gas/"
QUERIES = {
    PAGE: "",
    "dearest first": "ordering=-price",
    "smallest first": "ordering=weight",
    "by name": "ordering=name",
    "best rated first": "ordering=-rating",
    "of a brand": "brand=brand-c",
    "of 12 kg": "weight=12kg",
    "of a district": "location=Gasabo",
    "in stock, from a price on": "in_stock=true&min_price=20000",
}
TOLD = (*COLUMNS, *(f"variant__{name}" for name in THING))


@public
def bare(request: HttpRequest) -> JsonResponse:
    """25 rows by price, with the columns of their own table or those asked for."""
    rows = Listing.objects.filter(is_published=True).order_by("refill_price", "pk")
    told = TOLD if "told" in request.GET else ()
    return JsonResponse({"items": list(rows.values(*told)[:25])})


def main(listings: int) -> None:
    gasstock.urls.urlpatterns.append(path(BARE[1:], bare))
    call_command("migrate", verbosity=0)
    fill(listings)
    client = Client(SERVER_NAME="localhost")
    report(client, "")
    if connection.vendor == "sqlite":
        analyze()
        report(client, ", analysed")


def fill(listings: int) -> None:
    dice = random.Random(7)  # noqa: S311
    brands = [make_brand(f"Brand {letter}", slug=f"brand-{letter}") for letter in BRANDS]
    things = [
        make_variant(f"{brand} {size} kg", size_g=size * 1000, brand=brand)
        for brand in brands
        for size in SIZES
    ]
    applicant = make_user()
    for _ in range(listings // len(things)):
        count = dice.choice([0, 0, 5, 20])
        station = make_station(
            applicant=applicant,
            district=dice.choice(DISTRICTS),
            rating_count=count,
            rating_sum=count * 3 + dice.randint(0, count * 2),
        )
        fill_station(station, things, dice)
    if connection.vendor == "postgresql":
        analyze()  # as its autovacuum does in time


def fill_station(station: Station, things: list[Variant], dice: random.Random) -> None:
    here = location_of(LocationKind.STATION, station=station)
    shelf = Balance.objects.bulk_create(
        Balance(
            location=here,
            variant=thing,
            condition=Condition.FULL,
            is_counted=True,
            on_hand=dice.randint(0, 40),
        )
        for thing in things
    )
    Listing.objects.bulk_create(
        Listing(
            station=station,
            variant=thing,
            full=full,
            refill_price=dice.randrange(4_000, 60_000, 100),
            new_price=60_000,
            is_published=True,
        )
        for thing, full in zip(things, shelf, strict=True)
    )


def analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def report(client: Client, how: str) -> None:
    """Print what each query costs, as a multiple of the bare rows asked for just before."""
    asked = {what: f"{GAS}?{query}" for what, query in QUERIES.items()}
    cursor = client.get(GAS).json()["next"]
    asked["its second page"] = f"{GAS}?cursor={cursor}"
    asked["the same fields as bare rows"] = f"{BARE}?told"
    for what, address in asked.items():
        queries = count_queries(client, address)
        times = [(seconds(client, BARE), seconds(client, address)) for _ in range(TIMES)]
        rows, page = (min(each) for each in zip(*times, strict=True))  # others work here too
        if what == PAGE:
            print(f"25 bare rows{how} ms {rows * 1000:.3f}")
            print(f"{what}{how} queries {queries}")
        print(f"{what}{how} {'x' if what == PAGE else 'times'} {page / rows:.3f}", flush=True)


def count_queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert len(client.get(address).json()["items"]) == 25, address
        return len(queries)


def seconds(client: Client, address: str) -> float:
    start = perf_counter()
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return perf_counter() - start


if __name__ == "__main__":
    main(int(sys.argv[1]))
