import re

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gasstock.catalog.services import retire_variant
from gasstock.inventory.models import Balance, Condition, Listing, LocationKind, Move, Reason
from gasstock.inventory.services.ledger import Line, post
from gasstock.inventory.services.locations import location_of
from tests.factories import make_listing, make_member, make_station, make_variant

pytestmark = pytest.mark.django_db

LOOK = ["listings", "listing_moves"]
CHANGE = ["listing_add", "listing_edit"]
ACTS = ["listing_publish", "listing_unpublish", "listing_retire"]


def url(name, listing=None, slug="kimironko"):
    args = [slug] if name in {"listings", "listing_add"} else [slug, listing.pk if listing else 1]
    return reverse(f"stock:{name}", args=args)


def queries_of(client, where):
    with CaptureQueriesContext(connection) as seen:
        assert client.get(where).status_code == 200
    return len(seen)


@pytest.mark.parametrize(
    ("who", "looks", "changes"),
    [("manager", 200, 200), ("clerk", 200, 403), ("rider", 403, 403), ("admin", 200, 200)],
)
def test_who_may_see_and_who_may_change(client, request, gas, who, looks, changes):
    client.force_login(request.getfixturevalue(who))

    assert [client.get(url(name, gas)).status_code for name in LOOK] == [looks] * 2
    assert [client.get(url(name, gas)).status_code for name in CHANGE] == [changes] * 2
    if changes == 403:
        assert [client.post(url(name, gas)).status_code for name in ACTS] == [403] * 3


def test_the_stock_of_others_is_not_there(client, gas):
    assert client.get(url("listings")).status_code == 302
    client.force_login(make_member(None, make_station("other")))

    for name in (*LOOK, *CHANGE):
        assert client.get(url(name, gas)).status_code == 404
    for name in ACTS:
        assert client.post(url(name, gas)).status_code == 404
    own = reverse("stock:listing_edit", args=["other", gas.pk])
    assert client.get(own).status_code == 404
    assert client.post(own, {"refill_price": "1"}).status_code == 404
    gas.refresh_from_db()
    assert gas.refill_price == 20_000


@pytest.mark.parametrize("name", ACTS)
def test_what_changes_something_is_a_post(client, manager, gas, name):
    client.force_login(manager)

    assert client.get(url(name, gas)).status_code == 405


def test_adding_begins_with_what_is_not_listed_yet(client, manager, station, gas):
    make_variant("Jibu 3 kg")
    retire_variant(None, variant=make_variant("Gone 3 kg"))
    client.force_login(manager)

    page = client.get(url("listing_add")).text

    assert "Jibu 3 kg" in page
    assert "Gone 3 kg" not in page
    assert gas.variant.name not in page


ADDED = {
    "refill_price": "20,400",
    "new_price": "22,400",
    "reorder_level": "5",
    "full": "12",
    "empty": "3",
    "is_published": "on",
}


def test_adding_a_listing_opens_its_books(client, manager, station):
    variant = make_variant("SP 12 kg")
    client.force_login(manager)

    there = client.post(f"{url('listing_add')}?variant={variant.pk}", ADDED, follow=True)

    listing = Listing.objects.on_sale().for_cards().get()
    assert (listing.refill_price, listing.new_price, listing.reorder_level) == (20_400, 22_400, 5)
    assert listing.available == 12
    assert {m.actor for m in Move.objects.all()} == {manager}
    assert "SP 12 kg is on your list." in there.text


def test_adding_an_accessory_asks_for_one_price(client, manager, station):
    variant = make_variant(size_g=None)
    client.force_login(manager)
    where = f"{url('listing_add')}?variant={variant.pk}"

    assert 'name="new_price"' not in client.get(where).text
    client.post(where, {"refill_price": "3,000", "reorder_level": "0", "full": "9"})

    assert Listing.objects.for_cards().get().available == 9
    assert not Listing.objects.get().is_published


@pytest.mark.parametrize("chosen", ["0", "999", "x", "-1", "9" * 30, "²"])
def test_adding_what_is_not_in_the_catalogue_is_a_404(client, manager, chosen):
    client.force_login(manager)

    assert client.get(url("listing_add"), {"variant": chosen}).status_code == 404


def test_bad_input_comes_back_beside_the_field_and_changes_nothing(client, manager, station):
    variant = make_variant()
    client.force_login(manager)
    typed = {"refill_price": "12.000", "new_price": "0", "reorder_level": "-1", "full": "many"}

    answer = client.post(f"{url('listing_add')}?variant={variant.pk}", typed)

    assert answer.status_code == 422
    for text in typed.values():
        assert f'value="{text}"' in answer.text
    assert answer.text.count('class="invalid-feedback"') == 5  # the empties were not said at all
    assert not Listing.objects.exists()
    assert not Balance.objects.exists()


def test_adding_twice_keeps_what_was_typed(client, manager, gas):
    client.force_login(manager)

    answer = client.post(f"{url('listing_add')}?variant={gas.variant_id}", ADDED)

    assert answer.status_code == 422
    assert "is on your list already" in answer.text
    assert 'value="20,400"' in answer.text
    assert Listing.objects.get().refill_price == 20_000


def test_changing_prices(client, manager, gas):
    client.force_login(manager)
    assert 'value="20,000"' in client.get(url("listing_edit", gas)).text

    client.post(url("listing_edit", gas), {"refill_price": "19,500", "reorder_level": "4"})

    gas.refresh_from_db()
    assert (gas.refill_price, gas.new_price, gas.reorder_level) == (19_500, None, 4)


def test_a_bad_price_changes_nothing(client, manager, gas):
    client.force_login(manager)

    answer = client.post(url("listing_edit", gas), {"refill_price": "0", "reorder_level": "4"})

    assert answer.status_code == 422
    gas.refresh_from_db()
    assert (gas.refill_price, gas.reorder_level) == (20_000, 0)


def test_hiding_and_showing_go_back_to_the_page(client, manager, gas):
    client.force_login(manager)
    page = f"http://testserver{url('listings')}?show=low"

    answer = client.post(url("listing_unpublish", gas), headers={"Referer": page})
    assert answer.url == page
    assert not Listing.objects.get().is_published

    client.post(url("listing_publish", gas))
    assert Listing.objects.get().is_published


def test_retiring_with_stock_explains_itself(client, manager, gas):
    client.force_login(manager)

    answer = client.post(url("listing_retire", gas))

    assert "you still have 10 full" in str(next(iter(get_messages(answer.wsgi_request))))
    assert Listing.objects.kept().exists()


def test_retiring_keeps_the_movements(client, manager, station):
    gas = make_listing(station, full=0)
    client.force_login(manager)

    client.post(url("listing_retire", gas))

    assert client.get(url("listing_edit", gas)).status_code == 404
    assert "Nothing has moved yet" in client.get(url("listing_moves", gas)).text


def ride(gas, rider, times=1):
    home = location_of(LocationKind.STATION, station=gas.station)
    bike = location_of(LocationKind.RIDER, station=gas.station, person=rider)
    for n in range(times):
        post(
            rider,
            station=gas.station,
            lines=[
                Line(gas.variant, Condition.FULL, 1, home, bike),
                Line(gas.variant, Condition.FULL, 1, bike, home),
            ],
            reason=Reason.DISPATCH,
            document=f"KGP-{n}",
            note="A note",
        )


def test_movements_say_who_when_why_and_what_was_left(client, manager, gas, rider):
    ride(gas, rider)
    client.force_login(manager)

    page = client.get(url("listing_moves", gas)).text

    assert "10 full, 4 empty at this station" in page
    effects = re.findall(r"<b>([+−]\d+) (\w+)</b><span[^>]*>(\d+) left", page)
    assert effects == [
        ("+1", "full", "10"),
        ("−1", "full", "9"),
        ("+4", "empty", "4"),
        ("+10", "full", "10"),
    ]
    assert "Eric Nshimiyimana" in page
    assert "A note" in page
    assert reverse("station:order", args=["kimironko", "KGP-0"]) in page
    assert page.count("Opening stock") == 2
    assert "OPENING-" not in page


def test_movements_on_the_road_change_nothing_here(client, manager, gas, rider):
    bike = location_of(LocationKind.RIDER, station=gas.station, person=rider)
    buyer = location_of(LocationKind.BUYER, station=gas.station, person=manager)
    lines = [Line(gas.variant, Condition.EMPTY, 2, buyer, bike)]
    post(rider, station=gas.station, lines=lines, reason=Reason.DELIVERY, document="KGP-7")
    client.force_login(manager)

    assert "on the road" in client.get(url("listing_moves", gas)).text


def test_movements_come_in_pages_that_count_on(client, manager, gas, rider):
    ride(gas, rider, times=20)
    client.force_login(manager)

    first = client.get(url("listing_moves", gas)).text
    cursor = re.search(r"\?cursor=[\d-]+", first).group()
    second = client.get(url("listing_moves", gas) + cursor).text

    pattern = r"<b>([+−]\d+ \w+)</b><span[^>]*>(\d+) left"
    pages = [re.findall(pattern, first), re.findall(pattern, second)]
    assert [len(page) for page in pages] == [25, 17]
    assert pages[0][-1] != pages[1][0]
    assert pages[1][0] == ("−1 full", "9")
    assert pages[1][-1] == ("+10 full", "10")
    assert "cursor=" not in second.replace("?cursor=None", "")


def test_movements_ask_as_often_for_25_as_for_2(client, manager, gas, rider):
    client.force_login(manager)
    first = queries_of(client, url("listing_moves", gas))
    ride(gas, rider, times=15)

    assert queries_of(client, url("listing_moves", gas)) == first <= 10
