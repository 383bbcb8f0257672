import re

import pytest

from gasstock.inventory.models import Balance, LocationKind
from gasstock.inventory.services.verify import differences
from gasstock.orders.models import Fulfilment, LineKind, Order, OrderStatus
from gasstock.orders.services.life import approve_order, dispatch_order
from tests.factories import make_listing, make_member, make_order
from tests.queries import cost

RUNS = "/at/kimironko/runs/"
RIDERS = "/at/kimironko/riders/"


@pytest.fixture
def run(gas, manager, rider) -> Order:
    """Two refills on the way with the rider."""
    return send(make_order({gas: 2}), manager, rider)


def send(order, manager, rider) -> Order:
    approve_order(manager, order=order)
    return dispatch_order(manager, order=order, rider=rider)


def url_of(order: Order) -> str:
    return f"/at/kimironko/orders/{order.number}/deliver/"


def typed(order: Order, delivered: int, empties: int | None = None, **more: str) -> dict:
    line = order.lines.get()
    data: dict = {f"delivered_{line.pk}": delivered}
    if empties is not None:
        data[f"empties_{line.pk}"] = empties
    return data | more


def carried(rider) -> dict[str, int]:
    rows = Balance.objects.filter(location__kind=LocationKind.RIDER, location__person=rider)
    return {row.condition: row.on_hand for row in rows}


class TestRuns:
    def test_a_rider_sees_their_own_runs_and_opens_no_other(self, client, rider, manager, gas, run):
        colleague = make_member(None, gas.station, "rider")
        other = send(make_order(gas), manager, colleague)
        client.force_login(rider)

        html = client.get(RUNS).text

        assert run.number in html
        assert other.number not in html
        assert client.get(url_of(run)).status_code == 200
        assert client.get(url_of(other)).status_code == 404
        assert client.post(url_of(other), typed(other, 1, 1, code=other.code)).status_code == 404

    def test_a_rider_begins_their_day_there(self, client, rider):
        client.force_login(rider)

        assert client.get("/home/")["Location"] == RUNS

    def test_buyers_and_strangers_do_not(self, client, buyer, station, run):
        client.force_login(buyer)

        assert client.get(RUNS).status_code == 404
        assert client.get(url_of(run)).status_code == 404

    def test_the_same_queries_for_one_run_and_for_many(self, client, rider, manager, station, run):
        client.force_login(rider)
        one = cost(client, RUNS)
        gas = make_listing(station, full=20)
        for _ in range(12):
            send(make_order(gas), manager, rider)

        assert cost(client, RUNS) == one <= 8


class TestHandingOver:
    def test_with_the_code_it_is_delivered(self, client, rider, run):
        client.force_login(rider)

        response = client.post(url_of(run), typed(run, 2, 2, code=run.code))
        run.refresh_from_db()

        assert response["Location"] == RUNS
        assert run.status == OrderStatus.DELIVERED
        assert list(differences()) == []

    def test_a_wrong_code_stands_beside_the_code_and_keeps_what_was_typed(self, client, rider, run):
        wrong = "0000" if run.code != "0000" else "1111"
        client.force_login(rider)

        bad = client.post(
            url_of(run),
            typed(run, 2, 1, code=wrong),
            headers={"HX-Request": "true", "HX-Target": "hand"},
        )
        run.refresh_from_db()

        assert bad.status_code == 422
        assert bad.text.strip().startswith('<form class="gs-runform" id="hand"')
        assert "4 more tries" in bad.text.split('id="hand_code_error"')[1]
        assert re.search(r'name="empties_\d+" value="1"', bad.text)
        assert (run.status, run.code_misses) == (OrderStatus.DISPATCHED, 1)

    def test_neither_code_nor_reason_is_refused(self, client, rider, run):
        client.force_login(rider)

        bad = client.post(url_of(run), typed(run, 2, 2))

        assert bad.status_code == 422
        assert "Type the buyer&#x27;s code" in bad.text

    def test_without_the_code_a_reason_does(self, client, rider, run):
        client.force_login(rider)

        client.post(url_of(run), typed(run, 2, 2, no_code="Phone is off"))
        run.refresh_from_db()

        assert run.status == OrderStatus.DELIVERED
        assert run.events.filter(note="Without the code: Phone is off").exists()

    def test_a_missing_empty_is_billed_as_a_new_cylinder(self, client, manager, run):
        client.force_login(manager)

        page = client.post(url_of(run), typed(run, 2, 1, code=run.code), follow=True).text
        run.invoice.refresh_from_db()

        assert run.invoice.total == 20_000 + 22_000 + 30_000 + 1000
        assert "The bill is RWF\u00a073,000." in page

    def test_a_part_lowers_the_bill_and_the_rest_stays_with_the_rider(self, client, rider, run):
        client.force_login(rider)

        client.post(url_of(run), typed(run, 1, 1, code=run.code))
        run.invoice.refresh_from_db()

        assert run.invoice.total == 21_000
        assert carried(rider) == {"full": 1, "empty": 1}

    @pytest.mark.parametrize(
        ("delivered", "empties", "words"),
        [
            (3, 2, "From 0 to 2."),
            (1, 2, "at most 1 come back"),
            ("two", 2, "Type a number."),
            (0, 0, "Nothing was handed over"),
        ],
    )
    def test_impossible_numbers_change_nothing(self, client, rider, run, delivered, empties, words):
        client.force_login(rider)

        bad = client.post(url_of(run), typed(run, delivered, empties, code=run.code))
        run.refresh_from_db()

        assert bad.status_code == 422
        assert words in bad.text
        assert run.status == OrderStatus.DISPATCHED

    def test_the_bill_follows_the_numbers_before_anything_is_sent(self, client, rider, run):
        client.force_login(rider)

        bill = client.get(
            url_of(run), typed(run, 2, 1), headers={"HX-Request": "true", "HX-Target": "bill"}
        )

        assert bill.text.strip().startswith('<section class="gs-card" id="bill"')
        assert "RWF\u00a073,000" in bill.text
        assert "RWF\u00a032,000 more than ordered" in bill.text
        assert run.invoice.total == 41_000

    def test_a_pick_up_is_handed_over_at_the_counter(self, client, clerk, gas):
        order = make_order(gas, fulfilment=Fulfilment.PICKUP, kind=LineKind.NEW)
        approve_order(clerk, order=order)
        client.force_login(clerk)

        page = client.get(url_of(order)).text
        response = client.post(url_of(order), typed(order, 1, code=order.code))
        order.refresh_from_db()

        assert "Take back" not in page
        assert response["Location"] == f"/at/kimironko/orders/{order.number}/"
        assert order.status == OrderStatus.DELIVERED

    def test_what_is_handed_over_already_is_not_asked_again(self, client, rider, run):
        client.force_login(rider)
        client.post(url_of(run), typed(run, 2, 2, code=run.code))

        again = client.post(url_of(run), typed(run, 2, 2, code=run.code), follow=True)

        assert client.get(url_of(run))["Location"] == RUNS
        assert f"Order {run.number} is already delivered." in again.text


class TestTakingIn:
    def test_what_came_back_goes_to_the_shelf_but_not_what_buyers_wait_for(
        self, client, rider, clerk, manager, gas, run
    ):
        client.force_login(rider)
        client.post(url_of(run), typed(run, 1, 1, code=run.code))
        waits = send(make_order({gas: 3}), manager, rider)
        client.force_login(clerk)

        page = client.get(RIDERS).text
        answer = client.post(f"{RIDERS}{rider.pk}/return/", follow=True)

        assert "Take in 2" in page
        assert "2 taken in from Jean Bosco." in answer.text
        assert carried(rider) == {"full": 3, "empty": 0}
        client.post(url_of(waits), typed(waits, 3, 3, code=waits.code))
        assert carried(rider) == {"full": 0, "empty": 3}
        assert list(differences()) == []

    def test_nothing_is_taken_in_twice(self, client, rider, clerk, gas, run):
        client.force_login(rider)
        client.post(url_of(run), typed(run, 2, 2, code=run.code))
        client.force_login(clerk)
        client.post(f"{RIDERS}{rider.pk}/return/")

        again = client.post(
            f"{RIDERS}{rider.pk}/return/",
            headers={"Referer": f"http://testserver{RIDERS}"},
            follow=True,
        )

        assert "has nothing to bring back" in again.text
        gas.full.refresh_from_db()
        assert gas.full.on_hand == 8

    def test_riders_of_other_stations_are_not_there(self, client, clerk, rider, station):
        stranger = make_member(None, make_listing().station, "rider")
        client.force_login(clerk)

        assert client.post(f"{RIDERS}{stranger.pk}/return/").status_code == 404

    def test_the_same_queries_for_one_rider_and_for_many(self, client, clerk, manager, station):
        gas = make_listing(station, full=30)
        client.force_login(clerk)
        send(make_order(gas), manager, make_member(None, station, "rider"))
        one = cost(client, RIDERS)
        for _ in range(12):
            send(make_order(gas), manager, make_member(None, station, "rider"))

        assert cost(client, RIDERS) == one <= 8
