"""Stock between two stations: who says what when, and where it is meanwhile."""

import uuid

import pytest

from gasstock.accounts.permissions import Role
from gasstock.inventory.errors import (
    MoreThanThere,
    MovedOn,
    NothingToMove,
    NotSelling,
    NotYourStep,
    OutOfStock,
    OwnTransfer,
    ReasonMissing,
    TransferIsAlready,
)
from gasstock.inventory.models import Balance, Condition, Move, Transfer, TransferLine
from gasstock.inventory.services import journeys, roads
from gasstock.inventory.services import transfers as services
from gasstock.inventory.services.listings import create_listing
from gasstock.inventory.services.reservations import reserve
from gasstock.inventory.services.transfers import Wish
from gasstock.inventory.services.verify import differences
from gasstock.notifications.models import Notification
from tests.factories import make_admin, make_listing, make_member, make_station

pytestmark = pytest.mark.django_db

FULL, EMPTY, DEFECT = Condition.FULL, Condition.EMPTY, Condition.DEFECT


@pytest.fixture
def other(db):
    return make_station("remera", code="RMR", name="Remera Gas")


@pytest.fixture
def their_manager(other):
    return make_member(None, other)


@pytest.fixture
def ask(manager, gas, other):
    """Offer the other station some of what we have: 6 full and 2 empty unless told."""

    def offer(full=6, empty=2, **fields):
        wishes = [Wish(gas.variant, FULL, full), Wish(gas.variant, EMPTY, empty)]
        values = {"station": gas.station, "other": other, "sends": True, "wishes": wishes}
        return services.ask_transfer(manager, **(values | fields))

    return offer


@pytest.fixture
def agreed(ask, other, their_manager):
    return services.agree_transfer(their_manager, transfer=ask(), station=other)


def numbers(transfer, full, empty=0):
    by = {FULL: full, EMPTY: empty}
    return {line.pk: by[line.condition] for line in transfer.lines.all()}


def send(actor, transfer, full=6, empty=2):
    return journeys.send_transfer(
        actor,
        transfer=transfer,
        station=transfer.source,
        loaded=numbers(transfer, full, empty),
        driver="Jean Bosco",
    )


def receive(actor, transfer, full, empty=0, seen=0):
    return journeys.receive_transfer(
        actor,
        transfer=transfer,
        station=transfer.destination,
        arrived=numbers(transfer, full, empty),
        seen=seen,
    )


def write_off(actor, transfer, station=None, seen=0, **said):
    said = {"lost_by": "Jean Bosco", "reason": "Fell off the truck"} | said
    return journeys.write_off_transfer(
        actor, transfer=transfer, station=station or transfer.source, seen=seen, **said
    )


def stock(station, kind, condition=FULL):
    rows = Balance.objects.filter(
        location__station=station, location__kind=kind, condition=condition
    )
    return sum(rows.values_list("on_hand", flat=True))


def places(transfer, condition=FULL):
    """How many are at home, on the road, at the other station, and lost."""
    return (
        stock(transfer.source, "station", condition),
        stock(transfer.source, "transit", condition),
        stock(transfer.destination, "station", condition),
        stock(transfer.source, "loss", condition),
    )


def test_the_whole_way(manager, agreed, their_manager):
    send(manager, agreed)
    assert places(agreed) == (4, 6, 0, 0)
    assert list(differences()) == []

    receive(their_manager, agreed, 5)
    assert agreed.status == "part_received"
    assert places(agreed) == (4, 1, 5, 0)
    assert list(differences()) == []

    receive(their_manager, agreed, 1, 2, seen=5)

    assert agreed.status == "received"
    assert agreed.ended_at
    assert places(agreed) == (4, 0, 6, 0)
    assert places(agreed, EMPTY) == (2, 0, 2, 0)
    assert list(differences()) == []
    books = Move.objects.filter(document=str(agreed)).order_by("pk")
    assert {move.reason for move in books} == {"transfer"}
    assert [move.station for move in books] == [agreed.source] * 2 + [agreed.destination] * 3


def test_asking_moves_nothing_yet(gas, ask, other, manager):
    transfer = ask()

    assert (transfer.source, transfer.destination) == (gas.station, other)
    assert (transfer.status, transfer.asked_by) == ("requested", gas.station)
    assert places(transfer) == (10, 0, 0, 0)


def test_asking_for_some_of_theirs_makes_them_the_source(gas, ask, other):
    transfer = ask(sends=False)

    assert (transfer.source, transfer.destination) == (other, gas.station)
    assert transfer.asked_by == gas.station


def test_the_same_form_twice_asks_once(ask):
    key = uuid.uuid4()

    assert ask(key=key) == ask(key=key)

    assert TransferLine.objects.count() == 2


def test_two_wishes_of_the_same_become_one_line(ask, gas):
    transfer = ask(wishes=[Wish(gas.variant, FULL, 2), Wish(gas.variant, FULL, 3)])

    assert transfer.lines.get().quantity == 5


def test_nothing_is_no_transfer(ask):
    with pytest.raises(NothingToMove):
        ask(full=0, empty=0)

    assert not Transfer.objects.exists()


def test_only_stations_that_sell_move_stock(ask):
    with pytest.raises(NotSelling):
        ask(other=make_station(status="suspended", status_reason="Licence"))


def test_the_other_station_agrees_and_not_the_one_who_asked(ask, manager, gas, other):
    transfer = ask()
    with pytest.raises(NotYourStep):
        services.agree_transfer(manager, transfer=transfer, station=gas.station)
    make_member(manager, other, Role.MANAGER)
    with pytest.raises(OwnTransfer):
        services.agree_transfer(manager, transfer=transfer, station=other)
    with pytest.raises(OwnTransfer):
        services.reject_transfer(manager, transfer=transfer, station=other, reason="No")

    admin = make_admin()
    services.agree_transfer(admin, transfer=transfer, station=other)

    assert (transfer.status, transfer.decided_by) == ("approved", admin)


def test_agreeing_twice_agrees_once(agreed, other, their_manager):
    with pytest.raises(TransferIsAlready, match="already approved"):
        services.agree_transfer(their_manager, transfer=agreed, station=other)


def test_a_no_needs_a_reason_and_ends_it(ask, other, their_manager, manager):
    transfer = ask()
    with pytest.raises(ReasonMissing):
        services.reject_transfer(their_manager, transfer=transfer, station=other, reason=" ")

    services.reject_transfer(their_manager, transfer=transfer, station=other, reason="No room")

    assert (transfer.status, transfer.reason) == ("rejected", "No room")
    assert Notification.objects.get(user=manager).text.endswith("No room")
    with pytest.raises(TransferIsAlready):
        send(manager, transfer)


def test_who_asked_calls_it_off_until_they_agree_then_either(ask, manager, other, their_manager):
    first, second = ask(), ask()
    with pytest.raises(NotYourStep):
        services.cancel_transfer(their_manager, transfer=first, station=other, reason="No")
    with pytest.raises(ReasonMissing):
        services.cancel_transfer(manager, transfer=first, station=first.source, reason="")

    services.cancel_transfer(manager, transfer=first, station=first.source, reason="Mistake")
    services.agree_transfer(their_manager, transfer=second, station=other)
    services.cancel_transfer(their_manager, transfer=second, station=other, reason="No room")

    assert {first.status, second.status} == {"cancelled"}


def test_what_is_on_the_road_cannot_be_called_off(agreed, manager):
    send(manager, agreed)

    with pytest.raises(TransferIsAlready, match="already sent"):
        services.cancel_transfer(manager, transfer=agreed, station=agreed.source, reason="No")


def test_less_may_be_loaded_than_was_asked_but_not_more(agreed, manager):
    with pytest.raises(MoreThanThere, match="At most 6"):
        send(manager, agreed, 7)
    with pytest.raises(NothingToMove):
        send(manager, agreed, 0, 0)

    agreed.refresh_from_db()
    send(manager, agreed, 4, 0)

    assert places(agreed) == (6, 4, 0, 0)
    assert places(agreed, EMPTY) == (4, 0, 0, 0)


def test_only_what_is_free_leaves(agreed, manager, gas):
    reserve(document="KGP-1", wanted={gas: 5})

    with pytest.raises(OutOfStock, match="Only 5 left"):
        send(manager, agreed)

    agreed.refresh_from_db()
    assert agreed.status == "approved"
    assert places(agreed) == (10, 0, 0, 0)
    assert list(differences()) == []


def test_sending_twice_sends_once(agreed, manager):
    send(manager, agreed)

    with pytest.raises(TransferIsAlready):
        send(manager, agreed)

    assert places(agreed) == (4, 6, 0, 0)


def test_each_side_does_its_own_part(agreed, manager, their_manager):
    with pytest.raises(NotYourStep):
        journeys.send_transfer(
            their_manager,
            transfer=agreed,
            station=agreed.destination,
            loaded=numbers(agreed, 1),
            driver="Me",
        )
    send(manager, agreed)
    with pytest.raises(NotYourStep):
        journeys.receive_transfer(
            manager, transfer=agreed, station=agreed.source, arrived=numbers(agreed, 1), seen=0
        )


def test_taking_in_the_same_part_twice_takes_it_in_once(agreed, manager, their_manager):
    send(manager, agreed)
    receive(their_manager, agreed, 2)

    with pytest.raises(MovedOn):
        receive(their_manager, agreed, 2)

    assert places(agreed) == (4, 4, 2, 0)


def test_more_than_was_sent_does_not_arrive(agreed, manager, their_manager):
    send(manager, agreed, 4)

    with pytest.raises(MoreThanThere, match="At most 4"):
        receive(their_manager, agreed, 5)
    with pytest.raises(NothingToMove):
        receive(their_manager, agreed, 0)

    assert places(agreed) == (6, 4, 0, 0)


def test_what_is_not_sent_yet_cannot_arrive_or_be_lost(agreed, their_manager):
    with pytest.raises(TransferIsAlready):
        receive(their_manager, agreed, 1)
    with pytest.raises(TransferIsAlready):
        write_off(their_manager, agreed)


def test_what_is_missing_is_written_off_with_a_name(agreed, manager, their_manager, other):
    send(manager, agreed)
    receive(their_manager, agreed, 5, 2)
    for said in ({"lost_by": ""}, {"reason": " "}):
        with pytest.raises(ReasonMissing):
            write_off(manager, agreed, seen=7, **said)
    with pytest.raises(MovedOn):
        write_off(manager, agreed, seen=0)

    write_off(their_manager, agreed, station=other, seen=7)

    assert agreed.status == "received"
    assert places(agreed) == (4, 0, 5, 1)
    line = agreed.lines.get(condition=FULL)
    assert (line.lost, line.lost_by, line.lost_reason) == (1, "Jean Bosco", "Fell off the truck")
    move = Move.objects.get(document=str(agreed), reason="loss")
    assert (move.station, move.quantity, move.note) == (
        agreed.source,
        1,
        "Jean Bosco: Fell off the truck",
    )
    assert list(differences()) == []
    with pytest.raises(TransferIsAlready, match="already received"):
        write_off(manager, agreed, seen=8)


def test_a_whole_load_can_be_lost(agreed, manager):
    send(manager, agreed)
    write_off(manager, agreed)

    assert places(agreed) == (4, 0, 0, 6)
    assert agreed.status == "received"
    assert list(differences()) == []


def test_it_arrives_where_it_is_not_listed_yet(agreed, manager, their_manager, other):
    send(manager, agreed)
    receive(their_manager, agreed, 6, 2)

    lines = roads.lines_of(agreed)
    assert roads.unlisted_at(other, lines) == {lines[0].variant_id}
    listing = create_listing(
        their_manager, station=other, variant=lines[0].variant, refill_price=19_000
    )
    assert listing.full.on_hand == 6
    assert roads.unlisted_at(other, lines) == set()


def test_full_ones_come_in_at_what_they_cost_the_sender(agreed, manager, their_manager, other, gas):
    theirs = make_listing(other, gas.variant, full=6)
    type(gas).objects.filter(pk=gas.pk).update(average_cost=16_000)
    type(gas).objects.filter(pk=theirs.pk).update(average_cost=14_000)
    send(manager, agreed)

    receive(their_manager, agreed, 3)
    receive(their_manager, agreed, 0, 2, seen=3)

    theirs.refresh_from_db()
    assert theirs.average_cost == round((6 * 14_000 + 3 * 16_000) / 9)
    assert theirs.full.on_hand == 9


def test_a_cost_nobody_knows_changes_nothing(agreed, manager, their_manager, other, gas):
    theirs = make_listing(other, gas.variant, full=6)
    type(gas).objects.filter(pk=theirs.pk).update(average_cost=14_000)
    send(manager, agreed)

    receive(their_manager, agreed, 3)

    theirs.refresh_from_db()
    assert theirs.average_cost == 14_000


def test_the_other_side_hears_of_each_step(ask, manager, other, their_manager):
    their_clerk = make_member(None, other, Role.CLERK)

    def told(user):
        return list(
            Notification.objects.filter(user=user).order_by("pk").values_list("kind", flat=True)
        )

    transfer = services.agree_transfer(their_manager, transfer=ask(), station=other)
    send(manager, transfer)
    receive(their_manager, transfer, 5)
    write_off(manager, transfer, seen=5)

    assert told(their_manager) == ["transfer.asked", "transfer.sent", "transfer.written_off"]
    assert told(their_clerk) == ["transfer.sent"]
    assert told(manager) == ["transfer.agreed", "transfer.received"]
    note = Notification.objects.get(user=their_clerk)
    assert note.url == f"/at/remera/stock/transfers/{transfer.pk}/"
    assert "6 × " in note.text
    assert "Jean Bosco" in note.text
