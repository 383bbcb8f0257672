"""Where to read of the document that a move names."""

import re
from contextlib import suppress

from django.urls import NoReverseMatch, reverse

from gasstock.accounts.models import Station
from gasstock.inventory.models import Move, Reason

OURS = re.compile(r"(?P<kind>COUNT|TRANSFER|IMPORT|HOME)-(?P<pk>[0-9]+)")
PAGES = {
    "COUNT": "stock:count",
    "TRANSFER": "stock:transfer",
    "IMPORT": "stock:import",
    "HOME": "delivery:homecoming",
}
SALES = {Reason.SALE, Reason.VOID}
RECEIPTS = {Reason.RECEIPT, Reason.TO_SUPPLIER}


def page_of(move: Move, station: Station) -> str:
    """Return the path of the document's page at the station, or "" where it has none."""
    with suppress(NoReverseMatch):
        if ours := OURS.fullmatch(move.document):
            return reverse(PAGES[ours["kind"]], args=[station.slug, int(ours["pk"])])
        if move.reason in RECEIPTS:
            return reverse("purchasing:receipt", args=[station.slug, move.document])
        if re.fullmatch(rf"{station.code}-[A-Z0-9]+", move.document):
            name = "counter:sale" if move.reason in SALES else "station:order"
            return reverse(name, args=[station.slug, move.document])
    return ""
