"""The rider's day, through the API."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gasstock.accounts.models import Membership
from gasstock.accounts.permissions import Role
from gasstock.delivery.models import Delivery, Failure
from gasstock.delivery.services.assigning import assign
from gasstock.orders.models import LineKind
from tests.api.client import Refused
from tests.api.conftest import signed_in
from tests.delivery.acts import approved, assigned, at, books, out
from tests.delivery.riding import taken
from tests.factories import make_admin, make_listing, make_member, make_station, make_user


@pytest.fixture(autouse=True)
def _books_are_clean(db):
    yield
    call_command("verify_ledger", verbosity=0)
    assert books() == []


@pytest.fixture
def station(db):
    return make_station("remera", name="Remera Gas", approval_limit=1_000_000)


@pytest.fixture
def manager(station):
    return make_member(make_user(name="Claire Niyonsaba"), station)


@pytest.fixture
def rider(station):
    return make_member(make_user(name="Eric Mugisha"), station, Role.RIDER)


@pytest.fixture
def eric(rider):
    return signed_in(rider)


@pytest.fixture
def gas(station):
    return make_listing(station, full=20)


@pytest.fixture
def waits(manager, rider, gas):
    """On the rider's list, not loaded yet."""
    return assigned(manager, rider, gas, note="Ring twice")


@pytest.fixture
def riding(manager, rider, gas):
    """On the bike: two refills, 41,000."""
    return out(manager, rider, {gas: 2})


def at_the_door(delivery, given=2, empties=2, **more):
    line = {"id": delivery.order.lines.get().pk, "delivered": given, "empties": empties}
    return {"code": delivery.order.code, "lines": [line]} | more


def refused(client, delivery, step="deliver", body=None):
    with pytest.raises(Refused) as refusal:
        client.post(f"deliveries/{delivery.pk}/{step}/", body)
    return refusal.value


# --- Reading ------------------------------------------------------------------------------------


def test_a_delivery_as_it_is_written(eric, rider, waits):
    order = waits.order
    [line] = order.lines.all()

    found = eric.get(f"deliveries/{waits.pk}/")

    assert found.pop("assigned_at")
    assert found.pop("promised_until")
    assert found == {
        "id": waits.pk,
        "status": "ASSIGNED",
        "order": order.number,
        "station": {
            "slug": "remera",
            "name": "Remera Gas",
            "district": "Gasabo",
            "phone": "+250788000111",
        },
        "rider": {"id": rider.pk, "name": "Eric Mugisha"},
        "position": 1,
        "note": "",
        "estimated_at": None,
        "departed_at": None,
        "ended_at": None,
        "buyer": {"id": order.buyer.pk, "name": order.buyer.name},
        "contact_phone": "+250788412906",
        "address": {"district": "Gasabo", "line": "KG 7 Ave 12"},
        "order_note": "Ring twice",
        "promised_from": None,
        "lines": [
            {
                "id": line.pk,
                "sku": line.variant.sku,
                "name": line.variant.name,
                "kind": "EXCHANGE",
                "quantity": 1,
                "delivered": 0,
                "empties": 0,
            }
        ],
        "payment_method": "CASH",
        "delivery_fee": "1000",
        "total": "21000",
        "due": "21000",
        "currency": "RWF",
        "failed": None,
        "goes_back": False,
        "wish": None,
        "wished_from": None,
    }


def test_nobody_but_the_buyer_reads_the_code(eric, manager, rider, riding):
    riding.order.code = "7391"
    riding.order.save(update_fields=["code"])

    for client in (eric, signed_in(manager), signed_in(make_admin())):
        for path in ("deliveries/", f"deliveries/{riding.pk}/"):
            assert "7391" not in client.ask("GET", path).text


def test_riders_see_theirs_and_the_desk_sees_all(station, manager, rider, gas, waits, riding):
    other = make_member(None, station, Role.RIDER)
    theirs = assigned(manager, other, gas)
    make_member(manager, make_station("elsewhere"), Role.RIDER)
    far = make_member(None, make_station())

    def seen(person, **query):
        found = signed_in(person).get("deliveries/", **query)["items"]
        return {item["id"] for item in found}

    all_of_them = {waits.pk, riding.pk, theirs.pk}
    assert seen(rider) == {waits.pk, riding.pk}
    assert seen(other) == {theirs.pk}
    assert seen(manager) == seen(make_admin()) == all_of_them
    assert seen(manager, station="remera") == all_of_them
    assert seen(manager, station="elsewhere") == set()
    assert seen(rider, status="ASSIGNED") == {waits.pk}
    assert seen(rider, waiting="true") == {waits.pk, riding.pk}
    assert seen(far) == seen(waits.order.buyer) == set()
    assert signed_in(far).ask("GET", "deliveries/", station="remera").status_code == 404
    assert signed_in(other).ask("GET", f"deliveries/{riding.pk}/").status_code == 404


def test_who_left_the_team_sees_nothing(eric, rider, riding):
    Membership.objects.filter(user=rider).delete()

    assert eric.get("deliveries/")["items"] == []
    assert eric.ask("GET", f"deliveries/{riding.pk}/").status_code == 404
    assert eric.ask("POST", f"deliveries/{riding.pk}/fail/", {}).status_code in (404, 422)


def test_the_list_takes_as_many_queries_however_long_it_is(eric, manager, rider, station, gas):
    orders = [approved(manager, gas) for _ in range(8)]
    assign(manager, station=station, orders=orders, rider=rider)
    costs = []

    for limit in (1, 8):
        with CaptureQueriesContext(connection) as queries:
            assert len(eric.get("deliveries/", limit=limit)["items"]) == limit
        costs.append(len(queries))

    assert costs[0] == costs[1] <= 8


# --- Leaving ------------------------------------------------------------------------------------


def test_the_rider_leaves_with_it(eric, waits, gas):
    found = eric.post(f"deliveries/{waits.pk}/depart/")

    waits.order.refresh_from_db()
    assert (found["status"], waits.order.status) == ("ON_THE_WAY", "dispatched")
    assert found["departed_at"]
    assert at("rider", gas.variant) == 1


def test_leaving_twice_is_leaving_once(eric, waits):
    path = f"deliveries/{waits.pk}/depart/"

    answers = [eric.ask("POST", path, key=key) for key in ("k", "k", "")]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert waits.order.events.filter(kind="dispatched").count() == 1


def test_the_desk_lets_a_rider_leave(manager, rider, waits):
    found = signed_in(manager).post(f"deliveries/{waits.pk}/depart/")

    assert (found["status"], found["rider"]["id"]) == ("ON_THE_WAY", rider.pk)


def test_what_failed_does_not_leave_again(eric, riding):
    eric.post(f"deliveries/{riding.pk}/fail/", {"reason": "ABSENT"})

    assert refused(eric, riding, "depart").kind == "wrong-status"


# --- Handing over -------------------------------------------------------------------------------


def test_it_is_handed_over_against_the_code(eric, riding, gas):
    found = eric.post(f"deliveries/{riding.pk}/deliver/", at_the_door(riding, cash="41000"))

    [line] = found["lines"]
    assert (found["status"], found["due"]) == ("DELIVERED", "0")
    assert (line["delivered"], line["empties"]) == (2, 2)
    assert taken(riding) == 41_000
    assert (at("buyer", gas.variant), at("rider", gas.variant, "empty")) == (2, 2)


def test_a_missing_empty_is_charged_and_what_stays_is_not(eric, riding):
    body = at_the_door(riding, given=1, empties=0)

    found = eric.post(f"deliveries/{riding.pk}/deliver/", body)

    assert found["due"] == "53000"  # 22,000 + 30,000 + 1,000


def test_handing_over_twice_is_once(eric, riding):
    path, body = f"deliveries/{riding.pk}/deliver/", at_the_door(riding, cash="41000")

    answers = [eric.ask("POST", path, body, key=key) for key in ("k", "k", "")]
    other = refused(eric, riding, body=body | {"cash": "40000"})

    assert [answer.status_code for answer in answers] == [200] * 3
    assert answers[0].content == answers[1].content
    assert (other.status, other.kind) == (409, "delivered-otherwise")
    assert taken(riding) == 41_000


def test_a_wrong_code_counts_with_a_key_too(eric, riding):
    body = at_the_door(riding) | {"code": "x"}
    kinds = []

    for key in ("k", "k", ""):
        answer = eric.ask("POST", f"deliveries/{riding.pk}/deliver/", body, key=key)
        kinds.append((answer.status_code, answer.json()["type"].rpartition("/")[2]))

    riding.order.refresh_from_db()
    assert kinds == [(409, "wrong-code")] * 3
    assert riding.order.code_misses == 3


@pytest.mark.parametrize("code", ["", None])
def test_without_a_code_there_is_a_reason(eric, riding, code):
    body = at_the_door(riding)
    del body["code"]
    body |= {"code": code} if code is not None else {}

    assert refused(eric, riding, body=body).kind == "code-missing"
    found = eric.post(
        f"deliveries/{riding.pk}/deliver/", body | {"override_reason": "Phone is lost"}
    )

    assert found["status"] == "DELIVERED"
    assert "Phone is lost" in riding.order.events.get(kind="delivered").note


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lines": []}, "lines"),
        ({"cash": "-1"}, "cash"),
        ({"cash": 0.5}, "cash"),
        ({"cash": "1e5"}, "cash"),
        ({"code": "x" * 21}, "code"),
        ({"override_reason": "x" * 201}, "override_reason"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(eric, riding, change, field):
    refusal = refused(eric, riding, body=at_the_door(riding) | change)

    assert (refusal.status, list(refusal.fields)) == (422, [field])


def test_lines_are_of_this_order_once_each_with_their_empties(eric, riding):
    mine = riding.order.lines.get().pk
    said = [(mine, 1, 1), (mine, 1, 1), (mine + 1, 1, 1), (2**62, 1, 1)]
    lines = [{"id": pk, "delivered": n, "empties": m} for pk, n, m in said]

    refusal = refused(eric, riding, body=at_the_door(riding) | {"lines": lines})
    silent = refused(
        eric, riding, body=at_the_door(riding) | {"lines": [{"id": mine, "delivered": 1}]}
    )

    assert [*refusal.fields] == ["lines.1.id", "lines.2.id", "lines.3.id"]
    assert [*silent.fields] == ["lines.0.empties"]


def test_what_is_no_refill_needs_no_word_of_empties(eric, manager, rider, gas):
    delivery = out(manager, rider, gas, kind=LineKind.NEW)
    line = {"id": delivery.order.lines.get().pk, "delivered": 1}

    body = {"code": delivery.order.code, "lines": [line]}
    assert eric.post(f"deliveries/{delivery.pk}/deliver/", body)["status"] == "DELIVERED"


@pytest.mark.parametrize(
    ("given", "empties", "kind"),
    [(3, 0, "quantity-out-of-range"), (1, 2, "quantity-out-of-range"), (0, 0, "nothing-delivered")],
)
def test_no_more_is_handed_over_than_there_is(eric, riding, given, empties, kind):
    refusal = refused(eric, riding, body=at_the_door(riding, given, empties))

    assert (refusal.status, refusal.kind) == (409, kind)


def test_what_has_not_left_is_not_handed_over(eric, waits):
    assert refused(eric, waits, body=at_the_door(waits, 1, 1)).kind == "not-left-yet"
    assert refused(eric, waits, "fail", {"reason": "ABSENT"}).kind == "not-left-yet"


# --- In vain ------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["ABSENT", "ADDRESS", "REFUSED", "VEHICLE", "UNSAFE"])
def test_it_fails_for_a_reason(eric, riding, reason):
    found = eric.post(f"deliveries/{riding.pk}/fail/", {"reason": reason, "note": "Gate shut"})

    assert {each.name for each in Failure} == {"ABSENT", "ADDRESS", "REFUSED", "VEHICLE", "UNSAFE"}
    assert found["failed"].pop("at")
    assert found["failed"] == {"reason": reason, "note": "Gate shut"}
    assert (found["status"], found["goes_back"]) == ("FAILED", False)


def test_failing_twice_is_failing_once_and_may_still_be_delivered(eric, riding):
    path, body = f"deliveries/{riding.pk}/fail/", {"reason": "ABSENT", "goes_back": True}

    answers = [eric.ask("POST", path, body, key=key).status_code for key in ("k", "k", "")]
    done = eric.post(f"deliveries/{riding.pk}/deliver/", at_the_door(riding))

    assert answers == [200] * 3
    assert riding.attempts.count() == 1
    assert (done["status"], done["failed"]["reason"]) == ("DELIVERED", "ABSENT")


@pytest.mark.parametrize("reason", ["absent?", "", None, 1, "Nobody at home"])
def test_a_reason_is_one_of_those(eric, riding, reason):
    refusal = refused(eric, riding, "fail", {"reason": reason})

    assert (refusal.status, list(refusal.fields)) == (422, ["reason"])
    assert Delivery.objects.get(pk=riding.pk).status == "on_the_way"
