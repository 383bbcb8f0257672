import pytest

from gasstock.notifications.models import Message
from gasstock.orders.services.life import approve_order, call_off_order, dispatch_order
from gasstock.orders.services.money import submit_bill
from tests.factories import make_order


def told(person, kind):
    return [each.text for each in person.notifications.filter(kind=kind)]


@pytest.fixture
def order(gas, buyer, manager, clerk, rider):
    return make_order({gas: 1}, buyer=buyer)


def test_the_team_hears_of_a_step_but_not_the_one_who_took_it(order, manager, clerk, rider):
    approve_order(clerk, order=order)

    assert told(manager, "desk.approved") == [f"Order {order} is approved."]
    assert told(clerk, "desk.approved") == []
    assert told(rider, "desk.approved") == []


def test_a_rider_hears_of_a_run_given_to_them(order, manager, rider):
    approve_order(manager, order=order)
    dispatch_order(manager, order=order, rider=rider)

    assert told(rider, "run.given") == [
        f"You bring order {order} to {order.address}, {order.district}."
    ]
    assert rider.notifications.get(kind="run.given").url == "/at/kimironko/runs/"


def test_no_subject_of_a_message_holds_the_code(order, manager, rider):
    approve_order(manager, order=order)
    dispatch_order(manager, order=order, rider=rider)

    subjects = Message.objects.values_list("subject", flat=True)

    assert f"{order}: On the way" in subjects
    assert not [subject for subject in subjects if order.code in subject.replace(order.number, "")]


def test_who_takes_the_run_needs_no_message(order, manager, rider):
    approve_order(manager, order=order)
    dispatch_order(rider, order=order)

    assert told(rider, "run.given") == []


def test_the_buyer_hears_why_it_was_called_off(order, manager, buyer):
    call_off_order(manager, order=order, reason="The truck is late")

    assert told(buyer, "order.cancelled") == [
        f"Kimironko Gas Point cancelled order {order}: The truck is late"
    ]


def test_admins_hear_of_an_invoice_to_approve(order, manager, admin):
    approve_order(manager, order=order)
    [invoice] = submit_bill(manager, order=order)

    assert told(admin, "approval.inv_submitted")[0].startswith(f"Invoice {invoice} of Kimironko")
