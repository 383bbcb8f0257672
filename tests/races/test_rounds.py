"""A rider's list that is put in order while somebody leaves with it. PostgreSQL only."""

from functools import partial

import pytest

from gasstock.accounts.permissions import Role
from gasstock.delivery.models import Delivery, DeliveryStatus
from gasstock.delivery.services.assigning import assign, reorder
from gasstock.delivery.services.running import depart
from tests.delivery.acts import approved, books
from tests.factories import make_listing, make_member, make_station
from tests.races.conftest import at_once

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("round_", range(4))
def test_putting_a_list_in_order_while_leaving_waits_in_no_ring(round_):
    station = make_station(approval_limit=10**7)
    manager, rider = make_member(None, station), make_member(None, station, Role.RIDER)
    gas = make_listing(station, full=50)
    orders = [approved(manager, gas) for _ in range(8)]
    mine = []
    for order in reversed(orders):  # so that trips were written the other way round than orders
        mine += assign(manager, station=station, orders=[order], rider=rider)

    def put() -> None:
        for _ in range(20):
            reorder(rider, station=station, rider=rider, deliveries=mine[::-1])

    ends = at_once([partial(depart, rider, station=station, rider=rider, deliveries=mine), put])

    assert ends == {"done": 2}
    assert {x.status for x in Delivery.objects.all()} == {DeliveryStatus.ON_THE_WAY}
    assert list(Delivery.objects.order_by("position")) == mine[::-1]
    assert books() == []
