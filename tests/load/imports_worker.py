"""The other side of `imports`: answers megabytes, seconds to look at, and seconds to confirm."""

import resource
import sys
from pathlib import Path
from time import perf_counter

import django
from django.core.management import call_command
from django.test import Client

django.setup()

from gasstock.catalog.models import Variant  # noqa: E402
from gasstock.core.exports import csv_response, xlsx_response  # noqa: E402
from gasstock.inventory.models import Listing, Move  # noqa: E402
from gasstock.inventory.services.import_template import head_of_template  # noqa: E402
from tests.factories import make_member, make_station, make_user, make_variant  # noqa: E402
from tests.uploads import upload  # noqa: E402

PATH = "/at/load/imports/"
PAGE = resource.getpagesize()


def main(kind: str, rows: int) -> None:
    call_command("migrate", verbosity=0)
    client = Client(SERVER_NAME="localhost")
    client.force_login(make_member(make_user(), make_station("load")))
    product = make_variant().product
    for start in range(0, rows, 1000):
        Variant.objects.bulk_create(
            Variant(product=product, sku=f"SKU-{number:05d}", name=f"Gas {number}", size_g=12_000)
            for number in range(start, start + 1000)
        )
    client.get(PATH)
    figures = measure(client, make_file(kind, rows))
    assert Listing.objects.count() == rows
    assert Move.objects.count() == 3 * rows
    print(*figures)


def make_file(kind: str, rows: int) -> bytes:
    respond = csv_response if kind == "csv" else xlsx_response
    lines = (
        [f"SKU-{number:05d}", f"Gas {number}", 20_000, 22_000, 5, 10 + number % 7, 4, 1, "yes"]
        for number in range(rows)
    )
    return b"".join(respond(f"stock.{kind}", head_of_template(), lines))


def measure(client: Client, content: bytes) -> tuple[float, float, float]:
    before = resident()
    start = perf_counter()
    sent = client.post(f"{PATH}add/", {"file": upload("stock", content)})
    assert client.get(sent["Location"]).status_code == 200
    looked = perf_counter()
    done = client.post(f"{sent['Location']}confirm/", follow=True)
    assert "is imported" in done.text
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return (peak - before) / 1_000_000, looked - start, perf_counter() - looked


def resident() -> int:
    """Bytes of memory that the process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
