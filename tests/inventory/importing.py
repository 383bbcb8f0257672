"""Tables of opening stock and prices, as tests send them."""

from gasstock.core.sheets import read_rows
from gasstock.inventory.models import Balance
from gasstock.inventory.services import imports
from gasstock.inventory.services.import_plan import read_typed
from tests.uploads import upload

HEAD = "Code,Name,Refill price,New price,Low from,Full,Empty,Defect,Publish"


def table(*rows, head=HEAD):
    return upload("stock.csv", "\n".join([head, *rows]))


def start(actor, station, *rows, head=HEAD):
    typed = read_typed(read_rows(table(*rows, head=head)))
    return imports.start_import(actor, station=station, file_name="stock.csv", typed=typed)


def only_row(actor, station, row, head=HEAD):
    return start(actor, station, row, head=head).rows[0]


def on_hand(listing):
    here = Balance.objects.filter(
        location__station=listing.station, location__kind="station", variant=listing.variant
    )
    return {row.condition: row.on_hand for row in here if row.on_hand}
