"""The table to fill in: the catalogue, with what the station says of it already."""

from collections.abc import Iterator

from gasstock.accounts.models import Station
from gasstock.catalog.models import Variant
from gasstock.core.exports import Cell
from gasstock.core.money import as_decimal
from gasstock.inventory.models import Listing
from gasstock.inventory.services.import_plan import TITLES, words_of


def head_of_template() -> list[str]:
    return [str(title) for title in TITLES.values()]


def rows_of_template(station: Station) -> Iterator[list[Cell]]:
    """Yield all that is sold, by shelf and name; stock stays empty, for it is counted."""
    kept = Listing.objects.at(station).kept()
    listings = {listing.variant_id: listing for listing in kept}
    variants = Variant.objects.sold().order_by(
        "product__category__position", "product__category__name", "product__name", "size_g", "pk"
    )
    for variant in variants.iterator():
        yield [variant.sku, variant.name, *_listed(listings.get(variant.pk))]


def _listed(listing: Listing | None) -> list[Cell]:
    if listing is None:
        return [None] * (len(TITLES) - 2)
    new_price = None if listing.new_price is None else as_decimal(listing.new_price)
    shown = words_of("is_published", listing.is_published)
    prices = [as_decimal(listing.refill_price), new_price]
    return [*prices, listing.reorder_level, None, None, None, shown]
