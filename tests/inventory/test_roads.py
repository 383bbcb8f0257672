"""What `verify_ledger` finds wrong in transfers, and what may be chosen for one."""

import pytest

from gasstock.inventory.models import Condition, Transfer, TransferLine
from gasstock.inventory.services import journeys, roads
from gasstock.inventory.services import transfers as services
from gasstock.inventory.services.transfers import Wish
from gasstock.inventory.services.verify import differences
from tests.factories import make_listing, make_member, make_station, make_variant

pytestmark = pytest.mark.django_db

FULL = Condition.FULL


@pytest.fixture
def other(db):
    return make_station("remera", code="RMR", name="Remera Gas")


@pytest.fixture
def sent(manager, gas, other):
    """6 full ones on the way."""
    transfer = services.ask_transfer(
        manager,
        station=gas.station,
        other=other,
        sends=True,
        wishes=[Wish(gas.variant, FULL, 6)],
    )
    services.agree_transfer(make_member(None, other), transfer=transfer, station=other)
    loaded = {transfer.lines.get().pk: 6}
    return journeys.send_transfer(
        manager, transfer=transfer, station=gas.station, loaded=loaded, driver="Jean Bosco"
    )


def test_transit_that_no_transfer_explains_is_named(sent, gas):
    assert list(differences()) == []

    TransferLine.objects.update(received=2)

    assert list(differences()) == [
        f"station {sent.source_id}: 6 of variant {gas.variant_id} full in transit, "
        "its transfers say 4"
    ]


def test_a_closed_transfer_with_something_on_the_way_is_named(sent):
    Transfer.objects.update(status="received")

    assert list(differences()) == [
        f"station {sent.source_id}: a transfer that is received has 6 on the way"
    ]


def test_accessories_come_full_only(station):
    make_listing(station, make_variant("Hose", size_g=None), full=2)

    [choice] = roads.to_send(station)

    assert choice.conditions == [FULL]
    assert choice.there == {"full": 2}


def test_what_others_hold_is_not_shown(gas, other):
    make_listing(other, full=3)
    make_listing(other, full=3, is_published=False)

    [choice] = roads.to_ask_for(other)

    assert choice.there is None
