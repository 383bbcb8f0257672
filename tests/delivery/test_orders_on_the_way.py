"""The migration that gives orders which were on the way before there were deliveries one each."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from gasstock.accounts.permissions import Role
from gasstock.delivery.models import Delivery, DeliveryStatus
from gasstock.delivery.services.running import deliver
from gasstock.orders.services.handover import Handed, deliver_order
from gasstock.orders.services.life import call_off_order, dispatch_order
from tests.delivery.acts import approved
from tests.factories import make_listing, make_member, make_station

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE, AFTER = ("delivery", "0001_initial"), ("delivery", "0002_orders_on_the_way")


@pytest.fixture(autouse=True)
def _all_is_migrated_again():
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def migrate(target):
    MigrationExecutor(connection).migrate([target])


@pytest.fixture
def order(settings):
    """One that left when nobody wrote deliveries, beside others that are not on the way."""
    settings.ORDER_FOLLOWERS = []
    migrate(BEFORE)
    station = make_station(approval_limit=10**7)
    manager, rider = make_member(None, station), make_member(None, station, Role.RIDER)
    gas = make_listing(station, full=20)
    order, arrived, called_off = (
        dispatch_order(manager, order=approved(manager, {gas: 2}), rider=rider) for _ in range(3)
    )
    handed = {line.pk: Handed(2, 2) for line in arrived.lines.all()}
    deliver_order(rider, order=arrived, handed=handed, code=arrived.code)
    call_off_order(manager, order=called_off, reason="Too late")
    approved(manager, gas)
    return order


def books():
    call_command("verify_ledger", stdout=StringIO())


def test_an_order_on_the_way_has_a_delivery_after_it(order):
    with pytest.raises(CommandError):
        books()

    migrate(AFTER)

    [delivery] = Delivery.objects.all()
    assert (delivery.order, delivery.station) == (order, order.station)
    assert (delivery.rider, delivery.assigned_by) == (order.rider, order.rider)
    assert delivery.status == DeliveryStatus.ON_THE_WAY
    assert delivery.departed_at == delivery.assigned_at == order.dispatched_at
    books()


def test_there_and_back_again_makes_no_second_one(order):
    migrate(AFTER)
    migrate(BEFORE)
    migrate(AFTER)

    assert Delivery.objects.count() == 1
    books()


def test_the_rider_goes_on_with_it(order, settings):
    migrate(AFTER)
    settings.ORDER_FOLLOWERS = ["gasstock.delivery.services.following.follow_order"]
    delivery = Delivery.objects.get()

    handed = {line.pk: Handed(2, 1) for line in order.lines.all()}
    deliver(order.rider, delivery=delivery, handed=handed, code=order.code, cash=1_000)

    delivery.refresh_from_db()
    assert delivery.status == DeliveryStatus.DELIVERED
