"""The pages of transfers: who sees and does what from which side, sent twice."""

import uuid

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from gasstock.accounts.permissions import Role
from gasstock.inventory.models import Condition, Transfer
from gasstock.inventory.services import journeys
from gasstock.inventory.services import transfers as services
from gasstock.inventory.services.transfers import Wish
from tests.factories import make_listing, make_member, make_station, make_variant
from tests.queries import cost

pytestmark = pytest.mark.django_db

FULL, EMPTY = Condition.FULL, Condition.EMPTY


def at(name, *args, slug="kimironko"):
    return reverse(f"stock:{name}", args=[slug, *args])


def said(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


@pytest.fixture
def other(db):
    return make_station("remera", code="RMR", name="Remera Gas")


@pytest.fixture
def their_manager(other):
    return make_member(None, other)


@pytest.fixture
def transfer(manager, gas, other):
    wishes = [Wish(gas.variant, FULL, 6), Wish(gas.variant, EMPTY, 2)]
    return services.ask_transfer(
        manager, station=gas.station, other=other, sends=True, wishes=wishes
    )


@pytest.fixture
def agreed(transfer, other, their_manager):
    return services.agree_transfer(their_manager, transfer=transfer, station=other)


@pytest.fixture
def sent(agreed, manager):
    loaded = {line.pk: line.quantity for line in agreed.lines.all()}
    return journeys.send_transfer(
        manager, transfer=agreed, station=agreed.source, loaded=loaded, driver="Jean Bosco"
    )


def typed(transfer, full, empty=0, **more):
    by = {FULL: full, EMPTY: empty}
    return {f"n{line.pk}": by[line.condition] for line in transfer.lines.all()} | more


STEPS = [
    "transfer_agree",
    "transfer_reject",
    "transfer_cancel",
    "transfer_send",
    "transfer_receive",
    "transfer_write_off",
]


@pytest.mark.parametrize(
    ("who", "sees", "asks"),
    [("manager", 200, 200), ("clerk", 200, 403), ("rider", 403, 403), ("admin", 200, 200)],
)
def test_who_sees_transfers_and_who_asks(client, request, transfer, who, sees, asks):
    client.force_login(request.getfixturevalue(who))

    assert client.get(at("transfers")).status_code == sees
    assert client.get(at("transfer", transfer.pk)).status_code == sees
    assert client.get(at("transfer_add")).status_code == asks
    for name in STEPS:
        if asks == 403 and (name, who) != ("transfer_receive", "clerk"):
            assert client.post(at(name, transfer.pk)).status_code == 403


def test_stations_that_take_no_part_find_nothing(client, transfer):
    client.force_login(make_member(None, make_station("third")))

    assert client.get(at("transfer", transfer.pk, slug="third")).status_code == 404
    assert client.get(at("transfer", transfer.pk)).status_code == 404
    for name in STEPS:
        assert client.post(at(name, transfer.pk, slug="third")).status_code == 404
    assert str(transfer) not in client.get(at("transfers", slug="third")).text


def test_asking_in_two_pages(client, manager, gas, other):
    client.force_login(manager)
    assert "Remera Gas" in client.get(at("transfer_add")).text
    page = f"{at('transfer_add')}?way=send&other=remera"
    assert "10 free" in client.get(page).text
    form = {"key": uuid.uuid4().hex, f"n{gas.variant_id}-full": "6", "note": "For Saturday"}

    answers = [client.post(page, form) for _ in range(2)]

    transfer = Transfer.objects.get()
    assert {answer.url for answer in answers} == {at("transfer", transfer.pk)}
    assert (transfer.note, transfer.lines.get().quantity) == ("For Saturday", 6)
    assert "For Saturday" in client.get(answers[0].url).text


@pytest.mark.parametrize("change", ["quantity", "way"])
def test_a_form_sent_before_with_other_things_in_it_is_refused(client, manager, gas, other, change):
    make_listing(other, gas.variant)
    client.force_login(manager)
    page = f"{at('transfer_add')}?other=remera&way="
    form = {"key": uuid.uuid4().hex, f"n{gas.variant_id}-full": "6"}
    client.post(f"{page}send", form)

    again = form | {f"n{gas.variant_id}-full": "7" if change == "quantity" else "6"}
    answer = client.post(page + ("ask" if change == "way" else "send"), again)

    assert answer.status_code == 422
    assert "sent before with other things" in answer.text
    assert Transfer.objects.get().lines.get().quantity == 6


def test_bad_wishes_stand_beside_their_fields(client, manager, gas, other):
    client.force_login(manager)
    page = f"{at('transfer_add')}?way=send&other=remera"
    key = uuid.uuid4().hex

    answer = client.post(page, {"key": key, f"n{gas.variant_id}-full": "six"})
    assert answer.status_code == 422
    assert "A whole number." in answer.text
    assert 'value="six"' in answer.text
    answer = client.post(page, {"key": key})
    assert answer.status_code == 422
    assert "Say how many" in answer.text
    assert not Transfer.objects.exists()


@pytest.mark.parametrize("query", ["?way=send&other=kimironko", "?way=x&other=remera", "?other=z"])
def test_only_another_station_can_be_chosen(client, manager, gas, other, query):
    client.force_login(manager)

    assert client.get(at("transfer_add") + query).status_code == 422


def test_asking_shows_what_the_others_sell_and_not_how_much(client, manager, station, other):
    make_listing(other, make_variant("SP 12 kg"), full=7391)
    client.force_login(manager)

    page = client.get(f"{at('transfer_add')}?way=ask&other=remera").text

    assert "SP 12 kg" in page
    assert "7391" not in page


def test_the_page_offers_what_may_be_done_from_here(client, transfer, manager, their_manager):
    def offered(user, slug):
        client.force_login(user)
        page = client.get(at("transfer", transfer.pk, slug=slug)).text
        return [name for name in STEPS if at(name, transfer.pk, slug=slug) in page]

    assert offered(manager, "kimironko") == ["transfer_cancel"]
    assert offered(their_manager, "remera") == ["transfer_agree", "transfer_reject"]

    client.post(at("transfer_agree", transfer.pk, slug="remera"))
    assert offered(manager, "kimironko") == ["transfer_cancel", "transfer_send"]
    assert offered(their_manager, "remera") == ["transfer_cancel"]

    client.force_login(manager)
    client.post(at("transfer_send", transfer.pk), typed(transfer, 6, 2, driver="Jean Bosco"))
    assert offered(manager, "kimironko") == ["transfer_write_off"]
    assert offered(their_manager, "remera") == ["transfer_receive", "transfer_write_off"]
    clerk = make_member(None, transfer.destination, Role.CLERK)
    assert offered(clerk, "remera") == ["transfer_receive"]

    client.post(at("transfer_receive", transfer.pk, slug="remera"), typed(transfer, 6, 2, seen=0))
    assert offered(their_manager, "remera") == []


def test_loading_too_much_or_nobody_driving_stands_on_the_page(client, agreed, manager):
    client.force_login(manager)

    answer = client.post(at("transfer_send", agreed.pk), typed(agreed, 7))
    assert answer.status_code == 422
    assert "At most 6" in answer.text
    assert 'value="7"' in answer.text
    answer = client.post(at("transfer_send", agreed.pk), typed(agreed, 0, driver="Jean"))
    assert "Say how many" in answer.text
    agreed.refresh_from_db()
    assert agreed.status == "approved"


def test_loading_what_is_not_free_keeps_what_was_typed(client, agreed, manager, gas):
    gas.full.on_hand = 5
    gas.full.save()
    client.force_login(manager)
    assert "6 asked, 5 free here" in client.get(at("transfer", agreed.pk)).text

    answer = client.post(at("transfer_send", agreed.pk), typed(agreed, 6, driver="Jean Bosco"))

    assert answer.status_code == 422
    assert "Only 5 left" in answer.text
    assert 'value="Jean Bosco"' in answer.text
    assert at("transfer_send", agreed.pk) in answer.text


def test_both_see_what_is_on_the_road(client, sent, manager, their_manager):
    client.force_login(manager)
    page = client.get(at("transfers")).text
    assert "On the way from you" in page
    assert "To Remera Gas" in page
    client.force_login(their_manager)
    page = client.get(at("transfers", slug="remera")).text
    assert "On the way to you" in page
    assert "6 × " in page
    assert "Jean Bosco" in page


def test_what_comes_is_taken_in_and_a_second_press_is_told(client, sent, their_manager):
    client.force_login(their_manager)
    here = at("transfer_receive", sent.pk, slug="remera")
    page = client.get(at("transfer", sent.pk, slug="remera")).text
    assert "Not on your list yet" in page
    assert f"?variant={sent.lines.first().variant_id}" in page

    answers = [client.post(here, typed(sent, 2, 0, seen=0)) for _ in range(2)]

    assert said(answers[1])[-1].startswith(f"Somebody took in some of {sent}")
    assert sent.lines.get(condition=FULL).received == 2


def test_bad_numbers_of_what_came_stand_beside_their_field(client, sent, their_manager):
    client.force_login(their_manager)
    here = at("transfer_receive", sent.pk, slug="remera")

    answer = client.post(here, typed(sent, 7, "", seen=0))

    assert answer.status_code == 422
    assert "At most 6" in answer.text
    assert "Type a number, 0 if there was none." in answer.text


def test_a_loss_needs_a_name_and_a_reason(client, sent, manager):
    client.force_login(manager)
    here = at("transfer_write_off", sent.pk)

    assert client.post(here, {"seen": 0, "lost_by": "", "reason": ""}).status_code == 422
    client.post(here, {"seen": 0, "lost_by": "Jean Bosco", "reason": "Stolen at night"})

    page = client.get(at("transfer", sent.pk)).text
    assert "6 lost: Jean Bosco, Stolen at night" in page
    assert "Closed with a loss" in page


def test_saying_no_and_calling_off_need_a_reason(client, transfer, their_manager, manager):
    for person, name, slug in (
        (their_manager, "transfer_reject", "remera"),
        (manager, "transfer_cancel", "kimironko"),
    ):
        client.force_login(person)
        assert client.get(at(name, transfer.pk, slug=slug)).status_code == 200
        answer = client.post(at(name, transfer.pk, slug=slug), {"reason": ""})
        assert answer.status_code == 422
        assert "Say why" in answer.text

    client.post(at("transfer_cancel", transfer.pk), {"reason": "Sold it"})

    assert "Sold it" in client.get(at("transfer", transfer.pk)).text


def test_pages_of_transfers_ask_as_often_for_30_as_for_1(client, manager, gas, other, transfer):
    client.force_login(manager)
    first = cost(client, at("transfers"))
    for _ in range(30):
        wishes = [Wish(make_listing(gas.station).variant, FULL, 1), Wish(gas.variant, FULL, 1)]
        services.ask_transfer(manager, station=other, other=gas.station, sends=True, wishes=wishes)

    assert cost(client, at("transfers")) == first <= 9
    assert cost(client, at("transfer", transfer.pk)) <= 9
    assert cost(client, f"{at('transfer_add')}?way=send&other=remera") <= 8
