"""The days of riders, buyers and admins, and what each page costs."""

from datetime import timedelta

import pytest

from gasstock.billing.models import Invoice, InvoiceStatus
from gasstock.core import clock
from gasstock.inventory.services import alerts
from gasstock.orders.models import LineKind
from gasstock.orders.services.life import approve_order
from gasstock.orders.services.ratings import rate_order
from tests.delivery.acts import assigned, out
from tests.doors import World
from tests.factories import make_order, make_user
from tests.orders.acts import delivered
from tests.queries import cost
from tests.reports.days import MINE, PLATFORM, TODAY, shown


class TestARidersDay:
    def test_the_next_stop_comes_first(self, client, manager, rider, gas):
        first, second = out(manager, rider, gas), out(manager, rider, gas)
        client.force_login(rider)

        html = client.get(f"{TODAY}?all=1").text

        assert f"/runs/{first.order.number}/" in html.split('id="card-bike"')[0]
        assert f"/runs/{second.order.number}/" in html.split('id="card-stops"')[1]
        assert "On the bike" in html

    def test_what_waits_to_be_loaded(self, client, manager, rider, gas):
        assigned(manager, rider, gas)
        client.force_login(rider)

        assert "1 delivery to load" in shown(client, "next")


class TestABuyersPage:
    def test_the_code_stands_where_it_is_needed(self, client, manager, rider, buyer, gas):
        waiting = make_order(gas, buyer=buyer)
        client.force_login(buyer)
        assert f"{waiting.station} has your order" in shown(client, "coming", MINE)
        assert " ".join(waiting.code) not in shown(client, "coming", MINE)

        approve_order(manager, order=waiting)

        text = shown(client, "coming", MINE)
        assert "Your gas is set aside" in text
        assert " ".join(waiting.code) in text

    def test_what_to_rate_to_pay_and_to_bring_back(self, client, manager, buyer, gas):
        order = delivered(make_order(gas, buyer=buyer, kind=LineKind.NEW), manager)
        Invoice.objects.filter(pk=order.invoice_id).update(
            status=InvoiceStatus.APPROVED,
            number="KGP-INV-2026-00001",
            due_on=clock.today() + timedelta(days=7),
        )
        client.force_login(buyer)

        assert "RWF 53,000" in shown(client, "pay", MINE)
        assert "Rate it" in shown(client, "rate", MINE)
        assert "RWF 30,000 of deposits are yours" in shown(client, "held", MINE)
        assert "Your usual: 1 ×" in shown(client, "usual", MINE)

        rate_order(buyer, order=order, stars=5, comment="")

        assert "Rate it" not in shown(client, "rate", MINE)

    def test_nothing_of_anybody_else(self, client, manager, buyer, gas):
        order = make_order(gas, buyer=make_user())
        approve_order(manager, order=order)
        client.force_login(buyer)

        assert order.number not in client.get(f"{MINE}?all=1").text
        assert "".join(order.code) not in shown(client, "coming", MINE)


class TestThePlatformsDay:
    def test_what_waits_and_who_is_busy(self, client, admin, manager, gas):
        waiting = make_order(gas)
        delivered(make_order(gas), manager)
        client.force_login(admin)

        assert waiting.number in shown(client, "needs", PLATFORM)
        assert "Kimironko Gas Point RWF 20,000" in shown(client, "stations", PLATFORM)
        assert "RWF 20,000" in shown(client, "sales", PLATFORM)


@pytest.mark.parametrize(
    ("who", "page"),
    [
        ("manager", "today"),
        ("clerk", "today"),
        ("rider", "today"),
        ("buyer", MINE),
        ("admin", PLATFORM),
        ("admin", "today"),
    ],
)
def test_the_whole_page_costs_at_most_twelve_queries(client, db, who, page):
    world = World()
    path = f"/at/{world.station.slug}/today/" if page == "today" else page
    client.force_login(world.person(who))

    few = cost(client, f"{path}?all=1")
    for _ in range(8):
        order = make_order(world.gas, buyer=world.buyer)
        approve_order(world.manager, order=order)
        make_order(world.gas, buyer=world.buyer)
        alerts.check_levels(world.station)

    assert few <= 12
    assert cost(client, f"{path}?all=1") <= max(few, 12)
