"""What the demo leaves behind: clean books, and something to do for everybody."""

from collections import Counter
from datetime import timedelta
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.db import transaction
from django.urls import resolve

from gasstock.accounts.models import Station, StationStatus, User
from gasstock.billing.models import Invoice, InvoiceStatus
from gasstock.core import clock
from gasstock.delivery.custody import on_the_road
from gasstock.delivery.models import CollectedCash, Delivery, DeliveryStatus, Homecoming, Wish
from gasstock.delivery.services.assigning import loads_of
from gasstock.delivery.services.homecoming import post
from gasstock.demo.cast import PASSWORD, SIGN_INS
from gasstock.inventory.models import Listing, Move, Reason
from gasstock.notifications.models import Message, MessageState, Notification
from gasstock.orders.models import EventKind, Fulfilment, Order, OrderEvent, OrderStatus, Rating

pytestmark = pytest.mark.usefixtures("told")


def end_of_the_story():
    """A minute after the last order was placed, at most a few before the real end."""
    return Order.objects.latest("placed_at").placed_at + timedelta(minutes=4)


def main_orders():
    return Order.objects.filter(station__code="KGP")


def invoices_of_the_main_station():
    return Invoice.objects.filter(station__code="KGP")


def test_the_books_are_clean():
    said = StringIO()
    call_command("verify_ledger", stdout=said)

    assert said.getvalue().endswith("balances: clean\n")


def test_the_output_names_the_sign_ins(told):
    assert " orders: " in told
    assert all(email in told for email, _ in SIGN_INS.values())
    assert PASSWORD in told


@pytest.mark.parametrize("role", SIGN_INS)
def test_a_sign_in_has_the_password_and_a_verified_address(role):
    email, name = SIGN_INS[role]
    user = User.objects.get(email=email)

    assert user.name == name
    assert user.check_password(PASSWORD)
    assert EmailAddress.objects.filter(user=user, email=email, verified=True, primary=True).exists()


def test_nobody_else_can_sign_in():
    emails = [email for email, _ in SIGN_INS.values()]

    assert all(not user.has_usable_password() for user in User.objects.exclude(email__in=emails))


def test_the_people_of_the_main_station_work_there():
    roles = Station.objects.get(code="KGP").memberships.values_list("user__email", "role")

    assert {
        ("manager@demo.example", "manager"),
        ("clerk@demo.example", "clerk"),
        ("rider@demo.example", "rider"),
    } <= set(roles)


@pytest.mark.parametrize(
    "status",
    [OrderStatus.PLACED, OrderStatus.APPROVED, OrderStatus.DISPATCHED, OrderStatus.DELIVERED],
)
def test_the_main_station_has_something_to_do_with_orders(status):
    assert main_orders().filter(status=status).count() >= 2


def test_the_main_station_has_a_pick_up_to_hand_over():
    waiting = main_orders().filter(status=OrderStatus.APPROVED, fulfilment=Fulfilment.PICKUP)

    assert waiting.exists()


@pytest.mark.parametrize(
    "status", [InvoiceStatus.DRAFT, InvoiceStatus.REJECTED, InvoiceStatus.APPROVED]
)
def test_the_main_station_has_something_to_do_with_invoices(status):
    delivered = invoices_of_the_main_station().filter(order__status=OrderStatus.DELIVERED)

    assert delivered.filter(status=status).exists()


def test_a_corrected_invoice_has_a_credit_note_and_a_further_invoice():
    corrected = invoices_of_the_main_station().filter(credited__gt=0, corrections__isnull=False)

    assert corrected.exists()


def test_approved_orders_of_several_districts_wait_for_a_rider_and_some_are_late():
    busy = Delivery.objects.waiting().values("order")
    waiting = main_orders().filter(status=OrderStatus.APPROVED, fulfilment=Fulfilment.DELIVERY)
    orders = list(waiting.exclude(pk__in=busy))

    with clock.at(end_of_the_story()):
        late = [order for order in orders if order.is_late]
        slots = [order for order in orders if order.promised_from]

    assert {order.district for order in orders} >= {"Gasabo", "Kicukiro", "Nyarugenge"}
    assert len(late) >= 2
    assert len(slots) >= 2
    assert any(order.delivery_fee > order.station.delivery_fee for order in orders)


def test_the_rider_has_something_of_everything_on_the_run():
    rider = User.objects.get(email="rider@demo.example")
    states = Counter(Delivery.objects.of(rider).waiting().values_list("status", flat=True))
    failed = Delivery.objects.of(rider).filter(status=DeliveryStatus.FAILED)

    assert states == {"assigned": 1, "on_the_way": 3, "failed": 3}
    assert set(failed.values_list("goes_back", "wish")) == {
        (True, ""),
        (False, ""),
        (False, Wish.TRY_AGAIN),
    }
    assert CollectedCash.objects.filter(rider=rider, homecoming=None).count() >= 2


def test_another_rider_is_about_to_leave_and_has_something_overdue():
    [second] = User.objects.filter(name="Jean-Paul Habimana")
    assigned = Delivery.objects.of(second).filter(status=DeliveryStatus.ASSIGNED)

    with clock.at(end_of_the_story()):
        held = on_the_road(Station.objects.get(code="KGP"))

    assert any(each.note for each in assigned)
    assert assigned.count() == 2
    assert any(each.is_overdue for each in held if each.holder == second)


def test_one_count_waits_to_be_posted_and_can_be():
    [count] = Homecoming.objects.filter(posted_at=None)

    assert count.differs
    assert count.cash_difference < 0
    with transaction.atomic(), clock.at(end_of_the_story()):
        post(count.counted_by, homecoming=count, answers=str(count.rider), reason="Lost")
        assert count.posted_at
        transaction.set_rollback(True)


def test_riders_came_home_on_most_evenings_and_a_few_times_something_was_missing():
    counts = Homecoming.objects.filter(posted_at__isnull=False)

    assert counts.filter(cash_counted__gt=0).count() >= 5
    assert counts.exclude(reason="").exists()


def test_what_was_brought_back_waits_again():
    back = Delivery.objects.filter(status=DeliveryStatus.BROUGHT_BACK, station__code="KGP")

    assert {delivery.order.status for delivery in back} >= {OrderStatus.APPROVED}
    assert back.filter(wish=Wish.LATER).exists()


def test_nobody_carries_more_than_they_can():
    for station in Station.objects.all():
        limits = dict(station.memberships.values_list("user", "load_limit"))
        assert all(load <= limits[rider] for rider, load in loads_of(station).items())


def test_stations_that_deliver_say_when_and_for_how_much():
    for station in Station.objects.filter(status=StationStatus.APPROVED, delivers=True):
        assert station.windows.count() == 3
        assert station.areas.exclude(fee=station.delivery_fee).exists()


def test_the_buyer_has_an_order_on_the_way_one_to_rate_and_closed_ones():
    marie = User.objects.get(email="buyer@demo.example")
    rated = set(Rating.objects.filter(buyer=marie).values_list("order__status", flat=True))
    states = set(marie.orders.filter(rating=None).values_list("status", flat=True))

    assert states == {OrderStatus.DISPATCHED, OrderStatus.DELIVERED}
    assert rated == {OrderStatus.CLOSED}
    assert marie.cart.lines.count() == 2


def test_the_admin_has_stations_orders_and_invoices_waiting():
    dear = [
        order
        for order in Order.objects.to_approve().select_related("station")
        if order.total > order.station.approval_limit
    ]

    assert Station.objects.filter(status=StationStatus.APPLIED).count() == 2
    assert len(dear) >= 2
    assert Invoice.objects.to_approve().count() >= 3


def test_no_open_order_runs_out_in_the_next_hour():
    for order in Order.objects.to_approve():
        assert order.expires_at > end_of_the_story() + timedelta(hours=1)


def test_orders_stand_in_the_order_of_their_days():
    moments = list(Order.objects.order_by("pk").values_list("placed_at", flat=True))

    assert moments == sorted(moments)


def test_some_stock_is_low_and_most_is_not():
    listings = Listing.objects.select_related("full")
    low = [listing for listing in listings if listing.available <= listing.reorder_level]

    assert 0 < len(low) < listings.count() / 2


def test_riders_brought_their_empties_back():
    assert Move.objects.filter(reason=Reason.RETURN, condition="empty").exists()


def test_every_part_of_an_orders_life_is_told():
    told = set(OrderEvent.objects.values_list("kind", flat=True))

    assert told >= set(EventKind.values) - {
        EventKind.CANCELLED,
        EventKind.EXPIRED,
        EventKind.REJECTED,
        EventKind.VOIDED,
    }


def test_no_letter_of_the_story_goes_out():
    assert not Message.objects.exclude(state=MessageState.SENT).exists()
    assert not Message.objects.filter(is_secret=True).exclude(body="").exists()
    assert not Message.objects.filter(sent_at__gt=clock.now()).exists()


def test_what_is_older_than_two_days_was_read():
    end = Notification.objects.latest("created_at").created_at
    unread = Notification.objects.unread()

    assert unread.exists()
    assert not unread.filter(created_at__lt=end - timedelta(days=2, minutes=5)).exists()


def test_every_notification_leads_to_a_page():
    assert all(resolve(url) for url in set(Notification.objects.values_list("url", flat=True)))
