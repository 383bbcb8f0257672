"""What bringing it costs, when it comes, and who is late."""

from contextlib import contextmanager
from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from gasstock.core import clock
from gasstock.delivery.figures import Figures, figures_of
from gasstock.delivery.services.running import deliver, fail
from gasstock.orders.errors import PriceChanged, SlotGone
from gasstock.orders.models import Cart, CartLine, DeliveryArea, DeliveryWindow, Fulfilment
from gasstock.orders.services.placing import check_out, fee_of
from gasstock.orders.services.promises import coming, promise
from tests.delivery.acts import all_of, out
from tests.factories import make_listing, make_order, make_station, make_terms

DELIVERY, PICKUP = Fulfilment.DELIVERY, Fulfilment.PICKUP


def moment(hour, minute=0, *, day=4):
    return timezone.make_aware(datetime(2026, 11, day, hour, minute))


@contextmanager
def at(hour, minute=0, *, day=4):
    with clock.at(moment(hour, minute, day=day)):
        yield


@pytest.fixture
def windows(station):
    """In the morning and in the afternoon."""
    return [
        DeliveryWindow.objects.create(station=station, starts_at=time(a), ends_at=time(b))
        for a, b in ((14, 17), (8, 11))
    ]


class TestFees:
    def test_a_district_may_cost_other_than_the_rest(self, station, gas):
        DeliveryArea.objects.create(station=station, district="Kicukiro", fee=2_500)

        order = make_order(gas, district="Kicukiro")

        assert (order.delivery_fee, order.total) == (2_500, 22_500)
        assert fee_of(station, DELIVERY, "Gasabo") == fee_of(station, DELIVERY) == 1_000

    def test_it_may_cost_nothing(self, station):
        DeliveryArea.objects.create(station=station, district="Gasabo", fee=0)

        assert fee_of(station, DELIVERY, "Gasabo") == 0

    def test_who_comes_for_it_pays_no_fee(self, station, gas):
        DeliveryArea.objects.create(station=station, district="Gasabo", fee=2_500)

        assert fee_of(station, PICKUP, "Gasabo") == 0
        assert make_order(gas, fulfilment=PICKUP).total == 20_000

    def test_another_stations_district_is_its_own(self, station):
        DeliveryArea.objects.create(station=make_station(), district="Gasabo", fee=9_000)

        assert fee_of(station, DELIVERY, "Gasabo") == 1_000

    def test_the_cart_is_ordered_for_the_fee_of_its_district(self, station, gas, buyer):
        DeliveryArea.objects.create(station=station, district="Kicukiro", fee=2_500)
        cart = Cart.objects.create(user=buyer)
        CartLine.objects.create(cart=cart, listing=gas, kind="exchange", quantity=1)
        terms = make_terms(district="Kicukiro")

        with pytest.raises(PriceChanged, match="22,500"):
            check_out(buyer, cart=cart, terms=terms, expected_total=21_000)
        [order] = check_out(buyer, cart=cart, terms=terms, expected_total=22_500)

        assert order.delivery_fee == 2_500


class TestAsSoonAsPossible:
    @pytest.mark.parametrize(
        ("now", "until"),
        [
            (moment(12), moment(13, 30)),
            (moment(19, 59), moment(21, 29)),
            (moment(5), moment(8, 30)),
            (moment(20), moment(8, 30, day=5)),
            (moment(23, 30), moment(8, 30, day=5)),
        ],
    )
    def test_the_minutes_count_while_the_station_is_open(self, station, now, until):
        with clock.at(now):
            assert promise(station) == (None, until)

    @pytest.mark.parametrize(
        ("now", "until"), [(moment(23), moment(0, 30, day=5)), (moment(12), moment(21, 30))]
    )
    def test_a_station_may_be_open_past_midnight(self, now, until):
        station = make_station(opens_at=time(20), closes_at=time(4))

        with clock.at(now):
            assert promise(station) == (None, until)

    def test_a_station_may_never_close(self):
        station = make_station(opens_at=time(0), closes_at=time(0), delivery_minutes=30)

        with at(3):
            assert promise(station) == (None, moment(3, 30))

    def test_the_order_keeps_what_was_promised(self, gas):
        with at(12):
            order = make_order(gas)

        assert (order.promised_from, order.promised_until) == (None, moment(13, 30))

    def test_nobody_promises_a_pick_up(self, gas):
        order = make_order(gas, fulfilment=PICKUP)

        assert (order.promised_from, order.promised_until) == (None, None)


class TestWindows:
    def test_each_comes_up_once_the_soonest_first(self, station, windows):
        with at(12):
            slots = coming(station)

            assert [(str(x), x.starts_at, x.ends_at, x.is_today) for x in slots] == [
                ("14:00–17:00", moment(14), moment(17), True),
                ("08:00–11:00", moment(8, day=5), moment(11, day=5), False),
            ]

    def test_one_that_has_begun_comes_up_tomorrow(self, station, windows):
        with at(14):
            assert [x.starts_at for x in coming(station)] == [
                moment(8, day=5),
                moment(14, day=5),
            ]

    def test_an_order_is_promised_in_the_one_that_was_chosen(self, station, gas, windows):
        with at(12):
            order = make_order(gas, slots=coming(station)[:1])

        assert (order.promised_from, order.promised_until) == (moment(14), moment(17))

    def test_one_that_began_meanwhile_is_refused(self, station, gas, windows):
        with at(13, 59):
            slots = coming(station)[:1]

        with at(14), pytest.raises(SlotGone, match="14:00–17:00 has begun"):
            make_order(gas, slots=slots)

    def test_a_station_takes_its_own_only(self, station, windows):
        elsewhere = make_listing(make_station())

        with at(12):
            order = make_order(elsewhere, slots=coming(station))

        assert order.promised_from is None

    def test_a_form_names_the_day_too(self, station, windows):
        with at(12):
            today = coming(station)[0].key
        with at(12, day=5):
            tomorrow = coming(station)[0].key

        assert today != tomorrow


class TestBeingLate:
    @pytest.fixture
    def order(self, gas):
        with at(12):
            return make_order(gas)

    @pytest.mark.parametrize(("now", "is_late"), [((13, 30), False), ((13, 31), True)])
    def test_an_order_is_late_once_its_time_is_over(self, order, now, is_late):
        with at(*now):
            assert order.is_late is is_late

    @pytest.mark.parametrize(("now", "is_late"), [((13, 0), False), ((13, 31), True)])
    def test_a_delivered_one_stays_what_it_was(self, order, now, is_late):
        order.delivered_at = moment(*now)

        with at(18):
            assert order.is_late is is_late

    def test_a_dead_one_is_not(self, order):
        order.status = "cancelled"

        with at(18):
            assert not order.is_late

    def test_nor_one_that_was_promised_nothing(self, gas):
        assert not make_order(gas, fulfilment=PICKUP).is_late


class TestFigures:
    def test_tell_what_each_rider_did(self, manager, rider, other, gas):
        for hour, cash in ((9, 21_000), (12, 500)):  # promised for 9:30
            with at(8):
                delivery = out(manager, rider, gas)
            with at(hour):
                handed, code = all_of(delivery), delivery.order.code
                deliver(rider, delivery=delivery, handed=handed, code=code, cash=cash)
        with at(13):
            fail(other, delivery=out(manager, other, gas), failure="absent")
        window = {"since": moment(0), "until": moment(0) + timedelta(days=1)}

        assert figures_of(gas.station, **window) == [
            Figures(rider, delivered=2, on_time=1, late=1),
            Figures(other, failed=1),
        ]
        assert figures_of(gas.station, **window)[0].percent_on_time == 50
        assert Figures(other).percent_on_time is None

    def test_leave_out_other_days_and_stations(self, manager, rider, gas):
        with at(8):
            delivery = out(manager, rider, gas)
            code = delivery.order.code
            deliver(rider, delivery=delivery, handed=all_of(delivery), code=code)
        day = {"since": moment(0, day=5), "until": moment(0, day=6)}

        assert figures_of(gas.station, **day) == []
        assert figures_of(make_station(), since=moment(0), until=moment(23)) == []
