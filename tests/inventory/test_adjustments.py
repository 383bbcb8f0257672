"""Putting the books right, with a reason, never below what orders hold."""

import re

import pytest
from django.urls import reverse

from gasstock.audit.models import AuditEvent
from gasstock.inventory.errors import HeldForOrders, OutOfStock, ReasonMissing, StockMoved
from gasstock.inventory.models import (
    Balance,
    Condition,
    LocationKind,
    LowStockAlert,
    Move,
    Reason,
)
from gasstock.inventory.services.adjustments import adjust_stock
from gasstock.inventory.services.reservations import reserve
from gasstock.inventory.services.verify import differences
from tests.factories import make_listing, make_member, make_station, make_variant
from tests.queries import cost

pytestmark = pytest.mark.django_db


def url(listing, slug="kimironko"):
    return reverse("stock:adjust", args=[slug, listing.pk])


def on_hand(listing, condition="full", kind=LocationKind.STATION):
    rows = Balance.objects.filter(
        location__kind=kind,
        location__station=listing.station,
        variant=listing.variant,
        condition=condition,
    )
    return sum(rows.values_list("on_hand", flat=True))


def typed(**fields):
    seen = {"seen_full": 10, "seen_empty": 4, "seen_defect": 0}
    return seen | {"condition": "full", "quantity": "8", "reason": "Two were stolen"} | fields


# --- The service ------------------------------------------------------------------------------


def test_what_is_missing_goes_to_what_was_lost(gas, manager):
    [move] = adjust_stock(
        manager, listing=gas, condition=Condition.FULL, quantity=8, reason=" Two  were stolen "
    )

    assert (move.quantity, move.reason, move.note) == (2, Reason.ADJUSTMENT, "Two were stolen")
    assert (move.source.kind, move.destination.kind) == ("station", "loss")
    assert (move.actor, move.station) == (manager, gas.station)
    event = AuditEvent.objects.get(action="stock.adjusted")
    assert move.document == f"ADJUST-{event.pk}"
    assert event.data == {
        "condition": "full",
        "before": 10,
        "after": 8,
        "reason": "Two were stolen",
    }
    assert (on_hand(gas), on_hand(gas, kind=LocationKind.LOSS)) == (8, 2)
    assert list(differences()) == []


def test_what_was_found_comes_from_there(gas):
    [move] = adjust_stock(
        None, listing=gas, condition=Condition.DEFECT, quantity=3, reason="Found behind the shed"
    )

    assert (move.source.kind, move.destination.kind, move.quantity) == ("loss", "station", 3)
    assert on_hand(gas, "defect") == 3
    assert list(differences()) == []


def test_what_the_books_say_already_moves_nothing(gas):
    assert adjust_stock(None, listing=gas, condition="full", quantity=10, reason="Counted") == []

    assert not Move.objects.filter(reason=Reason.ADJUSTMENT).exists()
    assert not AuditEvent.objects.filter(action="stock.adjusted").exists()


def test_it_cannot_go_below_what_orders_hold(gas):
    reserve(document="KGP-1", wanted={gas: 3})

    with pytest.raises(HeldForOrders, match=r"3 of .* are held for orders") as caught:
        adjust_stock(None, listing=gas, condition=Condition.FULL, quantity=2, reason="Stolen")

    assert isinstance(caught.value, OutOfStock)
    assert on_hand(gas) == 10
    adjust_stock(None, listing=gas, condition=Condition.FULL, quantity=3, reason="Stolen")
    assert on_hand(gas) == 3


def test_an_older_number_changes_nothing(gas):
    adjust_stock(None, listing=gas, condition="full", quantity=9, reason="One less", seen=10)

    with pytest.raises(StockMoved, match="there are 9 now"):
        adjust_stock(None, listing=gas, condition="full", quantity=8, reason="Two less", seen=10)

    assert on_hand(gas) == 9


@pytest.mark.parametrize("reason", ["", "  \n "])
def test_it_wants_a_reason(gas, reason):
    with pytest.raises(ReasonMissing):
        adjust_stock(None, listing=gas, condition="full", quantity=9, reason=reason)


# --- The page ---------------------------------------------------------------------------------


def test_the_page_shows_the_books_and_puts_them_right(client, manager, gas):
    client.force_login(manager)
    page = client.get(url(gas)).text
    assert "Full, 10" in page
    assert "Empty, 4" in page
    assert "Defect, 0" in page
    assert re.findall(r'value="(\w+)"[^>]* checked>', page) == ["full"]

    there = client.post(url(gas), typed(), follow=True)

    assert there.redirect_chain == [(reverse("stock:listings", args=["kimironko"]), 302)]
    assert "the books are right now" in there.text
    assert on_hand(gas) == 8


@pytest.mark.parametrize(
    ("quantity", "condition", "after"),
    [
        ("+2", "full", 12),
        ("-1", "full", 9),
        ("−4", "empty", 0),
        ("+ 3", "defect", 3),
        (" 7 ", "full", 7),
        ("0", "full", 0),
    ],
)
def test_a_new_count_or_a_change(client, manager, gas, quantity, condition, after):
    client.force_login(manager)

    client.post(url(gas), typed(quantity=quantity, condition=condition))

    assert on_hand(gas, condition) == after


def test_sent_twice_is_once(client, manager, gas):
    client.force_login(manager)

    assert client.post(url(gas), typed(quantity="-2")).status_code == 302
    again = client.post(url(gas), typed(quantity="-2"))

    assert again.status_code == 422
    assert "has moved since you opened this page: there are 8 now" in again.text
    assert 'name="seen_full" value="8"' in again.text
    assert on_hand(gas) == 8


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"quantity": ""}, "required"),
        ({"quantity": "many"}, "Write a number"),
        ({"quantity": "1.5"}, "Write a number"),
        ({"quantity": "²"}, "Write a number"),
        ({"quantity": "-11"}, "There are only 10."),
        ({"quantity": "999999"}, "At most 100000."),
        ({"reason": " "}, "required"),
        ({"reason": "x" * 241}, "at most 240"),
        ({"condition": "stolen"}, "not one of the available choices"),
        ({"seen_full": ""}, "Open this page again"),
    ],
)
def test_bad_input_is_said_beside_the_field_and_changes_nothing(client, manager, gas, wrong, says):
    client.force_login(manager)

    answer = client.post(url(gas), typed(**wrong))

    assert answer.status_code == 422
    assert says in answer.text
    assert on_hand(gas) == 10


def test_what_orders_hold_is_said_beside_the_number(client, manager, gas):
    reserve(document="KGP-1", wanted={gas: 3})
    client.force_login(manager)

    answer = client.post(url(gas), typed(quantity="2"))

    assert answer.status_code == 422
    assert re.findall(r'value="(\w+)"[^>]* checked>', answer.text) == ["full"]
    feedback = answer.text.partition('class="invalid-feedback"')[2].partition("<input")[0]
    assert "are held for orders, so there cannot be fewer" in feedback
    assert 'value="2"' in answer.text


def test_an_accessory_has_one_condition(client, manager, station):
    hose = make_listing(station, make_variant(size_g=None), full=5)
    client.force_login(manager)

    assert 'type="radio"' not in client.get(url(hose)).text
    sent = {"condition": "empty", "quantity": "1", "reason": "x", "seen_full": "5"}
    assert client.post(url(hose), sent).status_code == 422
    client.post(url(hose), sent | {"condition": "full"})

    assert on_hand(hose) == 1


def test_what_falls_to_its_level_is_told_at_once(client, manager, station):
    gas = make_listing(station, full=10, empty=4, reorder_level=8)
    client.force_login(manager)

    client.post(url(gas), typed())

    assert LowStockAlert.objects.shown().get().free == 8
    assert manager.notifications.get().kind == "stock.low"


@pytest.mark.parametrize(
    ("who", "status"), [("manager", 200), ("clerk", 403), ("rider", 403), ("admin", 200)]
)
def test_who_may_adjust(client, request, gas, who, status):
    client.force_login(request.getfixturevalue(who))

    assert client.get(url(gas)).status_code == status
    assert client.post(url(gas), typed()).status_code == {200: 302}.get(status, status)


def test_the_stock_of_others_is_not_there(client, gas):
    client.force_login(make_member(None, make_station("other")))

    for path in (url(gas), url(gas, "other")):
        assert client.get(path).status_code == 404
        assert client.post(path, typed()).status_code == 404
    assert on_hand(gas) == 10


def test_the_page_is_cheap(client, manager, gas):
    client.force_login(manager)

    assert cost(client, url(gas)) <= 8
