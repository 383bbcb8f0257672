"""The other side of `moves`: fills a database with so many moves, and opens pages of the log.

Reads commands line by line: `time QUERY` answers the seconds a page takes, `walk N` the cursor
behind so many pages.
"""

import re
import sys
from time import perf_counter

import django
from django.core.management import call_command
from django.db import connection
from django.test import Client

django.setup()

from gasstock.accounts.models import Station  # noqa: E402
from gasstock.inventory.models import LocationKind  # noqa: E402
from gasstock.inventory.services.locations import location_of  # noqa: E402
from tests.factories import make_listing, make_member, make_station, make_user  # noqa: E402

PATH = "/at/load/moves/"
THINGS, PEOPLE = 10, 5
NOW = {
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%S', 1767225600 + i * 20, 'unixepoch')",
    "postgresql": "to_timestamp(1767225600 + i * 20)",  # one each 20 s from 2026-01-01 on
}
FILL = """
INSERT INTO inventory_move (created_at, station_id, variant_id, condition, quantity, source_id,
                            destination_id, reason, document, note, actor_id)
WITH RECURSIVE numbers(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i < %s - 1)
SELECT {now}, %s, %s + i %% 10, CASE WHEN i %% 4 = 0 THEN 'empty' ELSE 'full' END, 1 + i %% 7, %s,
       %s, CASE i %% 10 WHEN 0 THEN 'count' WHEN 1 THEN 'receipt' ELSE 'sale' END,
       'KGP-' || (2000000 + i / 2), '', CASE WHEN i %% 5 = 0 THEN NULL ELSE %s + i %% 5 END
FROM numbers
"""


def main(moves: int) -> None:
    call_command("migrate", verbosity=0)
    station = make_station("load", code="KGP")
    people = [make_member(make_user(), station) for _ in range(PEOPLE)]
    things = [make_listing(station, full=0).variant_id for _ in range(THINGS)]
    fill(station, moves, things[0], people[0].pk)
    client = Client(SERVER_NAME="localhost")
    client.force_login(people[0])
    print(f"variant={things[3]} actor={people[1].pk} day=2026-01-01", flush=True)
    for line in sys.stdin:
        command, _, rest = line.strip().partition(" ")
        print(walk(client, int(rest)) if command == "walk" else seconds(client, rest), flush=True)


def fill(station: Station, moves: int, first_thing: int, first_person: int) -> None:
    places = [
        location_of(kind, station=station).pk
        for kind in (LocationKind.SUPPLIER, LocationKind.STATION)
    ]
    values = [moves, station.pk, first_thing, *places, first_person]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET statement_timeout = 0")
        cursor.execute(FILL.format(now=NOW[connection.vendor]), values)
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE inventory_move")  # as its autovacuum does in time


def seconds(client: Client, query: str) -> float:
    start = perf_counter()
    answer = client.get(f"{PATH}?{query}")
    assert answer.status_code == 200, answer.status_code
    return perf_counter() - start


def walk(client: Client, pages: int) -> str:
    cursor = ""
    for _ in range(pages):
        [cursor] = re.findall(
            r"[?]cursor=([0-9-]+)\" rel=\"next\"", client.get(PATH, {"cursor": cursor}).text
        )
    return cursor


if __name__ == "__main__":
    main(int(sys.argv[1]))
