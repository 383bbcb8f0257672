"""Whatever is listed: pages follow each other without doubles or gaps while rows are added."""

import pytest

from gasstock.inventory.services.adjustments import adjust_stock
from gasstock.notifications.services import notify
from gasstock.orders.services.life import approve_order
from gasstock.orders.services.ratings import rate_order
from gasstock.purchasing.models import Supplier
from tests.api.conftest import signed_in
from tests.factories import (
    make_admin,
    make_brand,
    make_listing,
    make_member,
    make_order,
    make_station,
    make_user,
    make_variant,
)
from tests.orders.acts import delivered

FIRST, SIZE = 7, 2


class Trade:
    """Somebody who buys, whom they buy of, and an admin; each kind of row can be added."""

    def __init__(self) -> None:
        self.station = make_station("remera")
        self.listing = make_listing(self.station, full=500)
        self.buyer, self.admin = make_user(), make_admin()
        self.manager = make_member(None, self.station)

    def order(self) -> None:
        make_order(self.listing, buyer=self.buyer)

    def approved(self) -> None:
        approve_order(self.admin, order=make_order(self.listing, buyer=self.buyer))

    def rated(self) -> None:
        order = delivered(make_order(self.listing, buyer=self.buyer), self.manager)
        rate_order(self.buyer, order=order, stars=5)

    def told(self) -> None:
        notify([self.buyer], kind="test.told", text="News", url="/")

    def adjusted(self) -> None:
        self.listing.full.refresh_from_db()
        adjust_stock(
            self.manager,
            listing=self.listing,
            condition="full",
            quantity=self.listing.full.on_hand - 1,
            reason="Lost",
        )

    def supplied(self) -> None:
        client = signed_in(self.manager)
        client.do("suppliers/", {"name": f"Depot {Supplier.objects.count()}"})

    def listed(self) -> None:
        make_listing(self.station, make_variant(), full=1)

    def branded(self) -> None:
        make_brand()

    def registered(self) -> None:
        make_user()


@pytest.fixture
def trade(db) -> Trade:
    return Trade()


@pytest.mark.parametrize(
    ("who", "path", "add", "key"),
    [
        ("buyer", "orders/", "order", "number"),
        ("manager", "seller/orders/", "order", "number"),
        ("manager", "invoices/", "order", "id"),
        ("admin", "admin/orders/pending/", "order", "number"),
        ("buyer", "notifications/", "told", "id"),
        ("buyer", "ratings/", "rated", "id"),
        ("manager", "stock/movements/", "adjusted", "id"),
        ("manager", "seller/inventory/", "listed", "id"),
        ("manager", "suppliers/", "supplied", "id"),
        ("manager", "transactions/", "rated", None),
        ("admin", "brands/", "branded", "id"),
        ("admin", "admin/users/", "registered", "id"),
        ("admin", "admin/customers/", "registered", "id"),
        ("buyer", "gas/", "listed", "id"),
    ],
)
def test_a_list_holds_still_while_rows_are_added(trade, who, path, add, key):
    client = signed_in(getattr(trade, who))
    for _ in range(FIRST):
        getattr(trade, add)()

    def name(item):
        return item[key] if key else tuple(sorted(map(str, item.items())))

    before = [name(item) for item in client.get(path, limit=100)["items"]]
    seen = []
    for page in client.pages(path, limit=SIZE):
        assert len(page) <= SIZE
        seen += [name(item) for item in page]
        getattr(trade, add)()
        assert len(seen) < 100

    assert len(before) >= FIRST
    assert len({*seen}) == len(seen)
    assert [each for each in seen if each in before] == before
