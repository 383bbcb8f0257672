"""The other side of `reports`: tells a year of trade with so many moves, and reads reports of it.

Reads commands line by line: `time QUERY` answers the seconds a report takes.
"""

import sys
from datetime import timedelta
from time import perf_counter
from typing import Any
from urllib.parse import parse_qs

import django
from django.core.management import call_command
from django.db import connection, models

django.setup()

from gasstock.accounts.models import Station  # noqa: E402
from gasstock.billing.models import Invoice, Payment  # noqa: E402
from gasstock.core import clock  # noqa: E402
from gasstock.inventory.models import DepositEntry, LocationKind, Move  # noqa: E402
from gasstock.inventory.services.locations import location_of  # noqa: E402
from gasstock.orders.models import Order, OrderLine  # noqa: E402
from gasstock.reports import rollups  # noqa: E402
from gasstock.reports.periods import days_of  # noqa: E402
from gasstock.reports.registry import REPORTS  # noqa: E402
from gasstock.reports.report import Ask  # noqa: E402
from gasstock.reports.sums import Scope  # noqa: E402
from tests.factories import make_listing, make_station, make_user  # noqa: E402

THINGS, DAYS = 10, 365
MOMENT = {
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%S', {first} + i * {step}, 'unixepoch')",
    "postgresql": "to_timestamp({first} + i * {step})",
}
NUMBERS = """
CREATE TABLE load_sale AS
WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {count})
SELECT i, {moment} AS moment FROM numbers
"""


def main(moves: int) -> None:
    call_command("migrate", verbosity=0)
    station = make_station("load", code="KGP")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET statement_timeout = 0")
        fill(cursor, station, moves // 2)
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")  # as its autovacuum does in time
    while rollups.sum_up():  # as the worker does
        pass
    print("station=load", flush=True)
    for line in sys.stdin:
        print(seconds(station, line.strip().removeprefix("time ")), flush=True)


def fill(cursor: Any, station: Station, sales: int) -> None:
    """So many sales of one refill each, spread over the days until now: a move out, one in."""
    listings = [make_listing(station, full=0) for _ in range(THINGS)]
    buyer = make_user().pk
    first = int((clock.now() - timedelta(days=DAYS)).timestamp())
    moment = MOMENT[connection.vendor].format(first=first, step=DAYS * 86_400 / sales)
    cursor.execute(NUMBERS.format(count=sales, moment=moment), [])
    thing = f"{listings[0].variant_id} + i %% {THINGS}"
    listing = f"{listings[0].pk} + i %% {THINGS}"
    shelf = location_of(LocationKind.STATION, station=station).pk
    home = location_of(LocationKind.BUYER, station=station).pk
    common = {"station_id": station.pk, "variant_id": thing}
    for condition, source, destination in (("full", shelf, home), ("empty", home, shelf)):
        ends = {"source_id": source, "destination_id": destination, "document": "'L-' || i"}
        kind = {"condition": f"'{condition}'", "reason": "'sale'", "quantity": 1}
        insert(cursor, Move, **common, **ends, **kind, created_at="moment")
    bill = {"number": "'L-' || i", "status": "'paid'", "total": 20_000, "paid": 20_000}
    insert(cursor, Invoice, id="i", station_id=station.pk, created_at="moment", **bill)
    order = {"number": "'L-' || i", "status": "'closed'", "total": 20_000}
    order |= {"id": "i", "invoice_id": "i", "station_id": station.pk, "buyer_id": buyer}
    moments = dict.fromkeys(("placed_at", "expires_at", "delivered_at"), "moment")
    insert(cursor, Order, **order, **moments, fulfilment="'pickup'")
    prices = {"unit_price": 20_000, "new_price": 22_000, "unit_cost": 15_000}
    amounts = {"quantity": 1, "delivered": 1, "empties": 1, "kind": "'exchange'"}
    lines = {"order_id": "i", "listing_id": listing, "variant_id": thing}
    insert(cursor, OrderLine, **lines, **prices, **amounts)
    paid = {"method": "'cash'", "amount": 20_000, "key": "'L-' || i", "created_at": "moment"}
    insert(cursor, Payment, invoice_id="i", **paid)
    kept = {"quantity": 1, "unit_amount": 30_000, "document": "'L-' || i", "created_at": "moment"}
    insert(cursor, DepositEntry, "i %% 50 = 0", **common, **kept)


def insert(cursor: Any, model: type[models.Model], where: str = "1 = 1", **given: Any) -> None:
    """Write a row a sale, of these expressions; the rest as the model would."""
    values: dict[str, Any] = dict(given)
    defaults = []
    for field in model._meta.concrete_fields:
        if field.column not in values and not field.null and not field.primary_key:
            values[field.column] = "%s"
            defaults.append(field.get_default())
    names = ", ".join(f'"{name}"' for name in values)
    terms = ", ".join(str(term) for term in values.values())
    table = model._meta.db_table
    cursor.execute(
        f'INSERT INTO "{table}" ({names}) SELECT {terms} FROM load_sale WHERE {where}',  # noqa: S608
        defaults,
    )


def seconds(station: Station, query: str) -> float:
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    scope = Scope(*days_of(asked["days"], clock.today()), station)
    start = perf_counter()
    table = REPORTS[asked["report"]].read(Ask(scope, asked["group"]))
    took = perf_counter() - start
    assert table.rows or asked["report"] == "stock-value", query
    return took


if __name__ == "__main__":
    main(int(sys.argv[1]))
