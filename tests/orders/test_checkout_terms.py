"""At the checkout: what delivery costs where it goes, and when it comes."""

import re
from contextlib import contextmanager
from datetime import datetime, time

import pytest
from django.utils import timezone

from gasstock.accounts.models import Address, Station
from gasstock.core import clock
from gasstock.orders.forms.shop import CheckoutForm
from gasstock.orders.models import DeliveryArea, DeliveryWindow, Order
from gasstock.orders.services.promises import coming
from tests.factories import make_listing, make_station
from tests.queries import cost

HTMX = {"HX-Request": "true", "HX-Target": "sum"}
GOOD = {
    "fulfilment": "delivery",
    "place": "new",
    "district": "Kicukiro",
    "address": "KK 15 Rd",
    "phone": "0788 412 906",
    "payment_method": "cash",
    "delivered_total": "22500",
    "collected_total": "20000",
    "district_seen": "Kicukiro",
}


def moment(hour, minute=0, *, day=4):
    return timezone.make_aware(datetime(2026, 11, day, hour, minute))


@contextmanager
def at(hour, minute=0, *, day=4):
    with clock.at(moment(hour, minute, day=day)):
        yield


@pytest.fixture
def kicukiro(station):
    """There it costs 2,500, everywhere else 1,000."""
    return DeliveryArea.objects.create(station=station, district="Kicukiro", fee=2_500)


@pytest.fixture
def windows(station):
    """In the morning and in the afternoon."""
    return [
        DeliveryWindow.objects.create(station=station, starts_at=time(a), ends_at=time(b))
        for a, b in ((8, 11), (14, 17))
    ]


@pytest.fixture
def shopper(client, buyer, gas):
    """A buyer with one refill of 20,000 in the cart."""
    client.force_login(buyer)
    client.post(f"/cart/add/{gas.pk}/", {"kind": "exchange"})
    return buyer


def hidden(response):
    """What the page sends along of the sums it shows."""
    names = ("delivered_total", "collected_total", "district_seen")
    return {name: re.search(rf'name="{name}" value="([^"]*)"', response.text)[1] for name in names}


def send(client, **changes):
    return client.post("/checkout/", GOOD | changes)


@pytest.mark.usefixtures("kicukiro", "shopper")
class TestTheFee:
    def test_is_the_usual_one_until_the_district_is_known(self, client):
        page = client.get("/checkout/")

        assert "Delivery, usual fee" in page.text
        assert "The fee depends on where to" in page.text
        assert hidden(page) == {
            "delivered_total": "21000",
            "collected_total": "20000",
            "district_seen": "",
        }

    def test_is_that_of_the_saved_address(self, client, buyer):
        Address.objects.create(user=buyer, district="Kicukiro", line="KK 15 Rd")
        page = client.get("/checkout/")

        assert "Delivery to Kicukiro" in page.text
        assert hidden(page)["delivered_total"] == "22500"

    @pytest.mark.parametrize(
        ("asked", "total"),
        [
            ("place=new&district=Kicukiro", "22500"),
            ("place=new&district=Gasabo", "21000"),
            ("place=new&district=Atlantis", "21000"),
            ("place=new", "21000"),
            ("place={pk}&district=Gasabo", "22500"),
            ("place=0&district=Gasabo", "22500"),
        ],
    )
    def test_follows_the_place_that_is_chosen(self, client, buyer, asked, total):
        home = Address.objects.create(user=buyer, district="Kicukiro", line="KK 15 Rd")
        answer = client.get(f"/checkout/?{asked.format(pk=home.pk)}", headers=HTMX)

        assert hidden(answer)["delivered_total"] == total
        assert 'id="fee" hx-swap-oob="true"' in answer.text
        assert "<html" not in answer.text

    def test_of_another_district_is_said_before_it_is_placed(self, client):
        first = send(client, delivered_total="21000", district_seen="")

        assert first.status_code == 422
        assert "Delivery to Kicukiro costs RWF\xa02,500;" in first.text
        assert "the total is now RWF\xa022,500." in first.text
        assert "A price changed" not in first.text
        assert not Order.objects.exists()

        send(client, **hidden(first))

        assert (Order.objects.get().total, Order.objects.get().delivery_fee) == (22_500, 2_500)

    def test_of_another_district_than_at_home_is_said_too(self, client, buyer):
        Address.objects.create(user=buyer, district="Kicukiro", line="KK 15 Rd")
        seen = hidden(client.get("/checkout/"))

        answer = send(client, district="Gasabo", **(seen | {"place": "new"}))

        assert "Delivery to Gasabo costs RWF\xa01,000;" in answer.text

    def test_may_be_nothing(self, client):
        DeliveryArea.objects.update(fee=0)
        first = send(client, delivered_total="21000", district_seen="Gasabo")

        assert "Delivery to Kicukiro is free; the total is now RWF\xa020,000." in first.text
        assert send(client, **hidden(first)).status_code == 302

    def test_is_not_blamed_for_another_price(self, client, gas):
        type(gas).objects.update(refill_price=23_000)

        assert "A price changed" in send(client, delivered_total="21000", district_seen="").text

    def test_that_the_station_changed_is_a_price_that_changed(self, client):
        DeliveryArea.objects.update(fee=3_000)

        assert "A price changed" in send(client).text
        assert send(client, delivered_total="23000").status_code == 302

    def test_is_none_for_who_comes_for_it(self, client):
        send(client, fulfilment="pickup", district_seen="")

        assert Order.objects.get().total == 20_000

    def test_of_each_station_is_its_own(self, client):
        other = make_listing(make_station(delivery_fee=500), refill_price=9_000)
        client.post(f"/cart/add/{other.pk}/", {"kind": "exchange"})
        send(client, delivered_total=str(20_000 + 2_500 + 9_000 + 500))

        assert sorted(Order.objects.values_list("delivery_fee", flat=True)) == [500, 2_500]

    def test_of_a_saved_address_stands_in_the_cart_already(self, client, buyer):
        assert "What delivery costs depends on the district." in client.get("/cart/").text

        Address.objects.create(user=buyer, district="Kicukiro", line="KK 15 Rd")
        page = client.get("/cart/").text

        assert "Delivery to Kicukiro" in page
        assert "22,500" in page
        assert "depends on the district" not in page

    def test_is_not_spoken_of_where_nobody_delivers(self, client, buyer, gas):
        Address.objects.create(user=buyer, district="Kicukiro", line="KK 15 Rd")
        Station.objects.update(delivers=False)

        assert "Delivery" not in client.get("/cart/").text
        assert "pick up only" in client.get(f"/gas/{gas.pk}/").text

    def test_of_every_district_stands_on_the_listing(self, client, gas):
        page = client.get(f"/gas/{gas.pk}/").text

        assert "Kicukiro: RWF\xa02,500" in page
        assert "Elsewhere: RWF\xa01,000" in page

    @pytest.mark.parametrize(
        ("usual", "there", "words"),
        [
            (1_000, 2_500, "Brought from RWF\xa01,000"),
            (1_000, 500, "Brought from RWF\xa0500"),
            (1_000, 0, "Brought for free in some districts"),
        ],
    )
    def test_is_no_promise_on_a_card(self, client, gas, usual, there, words):
        Station.objects.update(delivery_fee=usual)
        DeliveryArea.objects.update(fee=there)

        assert words in client.get("/").text
        touched = {"HX-Request": "true", "HX-Target": f"offer-{gas.pk}"}
        add = client.post(f"/cart/add/{gas.pk}/", {"kind": "exchange"}, headers=touched)
        assert words in add.text

    def test_of_one_station_is_not_that_of_another(self, client):
        DeliveryArea.objects.update(station=make_station())

        assert "Brought for RWF\xa01,000" in client.get("/").text


@pytest.mark.usefixtures("shopper")
class TestTheTime:
    GASABO = {"district": "Gasabo", "district_seen": "Gasabo", "delivered_total": "21000"}

    def send(self, client, **changes):
        return send(client, **(self.GASABO | changes))

    def test_is_a_promise_in_words_where_there_are_no_windows(self, client, station):
        with at(12):
            page = client.get("/checkout/").text
            self.send(client)

        assert f"{station} comes by about 13:30." in page
        assert f"when_{station.pk}" not in page
        assert Order.objects.get().promised_until == moment(13, 30)

    def test_says_the_day_when_it_is_not_today(self, client, station, gas):
        with at(22):
            assert f"{station} comes tomorrow by about 08:30." in client.get("/checkout/").text
            assert "tomorrow by about 08:30, if you order now" in client.get(f"/gas/{gas.pk}/").text

    def test_can_be_chosen_from_the_windows_as_they_come(self, client, windows):
        with at(12):
            page = client.get("/checkout/").text

        times = re.findall(r'gs-choice__t">([^<]+)<span class="gs-choice__n">([^<]+)', page)
        assert [each for each in times if ":" in "".join(each)] == [
            ("As soon as possible", "By about 13:30"),
            ("14:00–17:00", "Today"),
            ("08:00–11:00", "Tomorrow"),
        ]

    def test_that_was_chosen_is_promised(self, client, station, windows):
        with at(12):
            [_today, tomorrow] = coming(station)
            self.send(client, **{f"when_{station.pk}": tomorrow.key})
        order = Order.objects.get()

        assert (order.promised_from, order.promised_until) == (
            moment(8, day=5),
            moment(11, day=5),
        )

    def test_is_as_soon_as_possible_where_that_is_chosen(self, client, station, windows):
        with at(12):
            page = client.get("/checkout/").text
            self.send(client, **{f"when_{station.pk}": "soon"})
        order = Order.objects.get()

        assert f'name="when_{station.pk}" value="soon" checked' in page
        assert (order.promised_from, order.promised_until) == (None, moment(13, 30))

    def test_has_to_be_chosen(self, client, station, windows):
        assert "Choose when it shall come." in self.send(client).text
        assert not Order.objects.exists()

    def test_that_has_begun_meanwhile_is_said_beside_the_choice(self, client, station, windows):
        name = f"when_{station.pk}"
        with at(13, 59):
            key = coming(station)[0].key
        with at(14):
            response = self.send(client, **{name: key})

        assert response.status_code == 422
        assert re.search(
            rf'id="id_{name}_error".+?14:00–17:00 has begun: choose another time', response.text
        )
        assert not re.search(rf'name="{name}" value="[^"]+" checked', response.text)
        assert not Order.objects.exists()

    def test_that_begins_while_the_order_is_written_is_refused(
        self, client, station, windows, monkeypatch
    ):
        with at(13, 59):
            slots = coming(station)
        monkeypatch.setattr(CheckoutForm, "_slots_chosen", lambda _form, _data: slots[:1])
        with at(14):
            response = self.send(client)

        assert response.status_code == 422
        assert "14:00–17:00 has begun" in response.text
        assert not Order.objects.exists()

    @pytest.mark.parametrize("value", ["", "later", "0-20261104", "9" * 39, "x" * 300, "\x00"])
    def test_that_there_is_none_of_is_refused(self, client, station, windows, value):
        response = self.send(client, **{f"when_{station.pk}": value})

        assert response.status_code == 422
        assert f"id_when_{station.pk}_error" in response.text
        assert not Order.objects.exists()

    def test_does_not_matter_to_who_comes_for_it(self, client, station, windows):
        self.send(client, fulfilment="pickup", **{f"when_{station.pk}": "later"})

        assert Order.objects.get().promised_until is None

    def test_is_chosen_for_each_station(self, client, station, windows):
        other = make_station(delivery_fee=0, name="Remera Gas")
        DeliveryWindow.objects.create(station=other, starts_at=time(15), ends_at=time(16))
        third = make_listing(make_station(delivery_fee=0))
        for listing in (make_listing(other), third):
            client.post(f"/cart/add/{listing.pk}/", {"kind": "exchange"})
        with at(12):
            page = client.get("/checkout/").text
            mine, theirs = coming(station)[0], coming(other)[0]
            chosen = {f"when_{station.pk}": mine.key, f"when_{other.pk}": theirs.key}
            self.send(client, **chosen | {"delivered_total": "61000"})
        promised = dict(Order.objects.values_list("station", "promised_until"))

        assert "When Remera Gas comes" in page
        assert f"{third.station} comes by about 13:30." in page
        assert promised == {
            station.pk: moment(17),
            other.pk: moment(16),
            third.station_id: moment(13, 30),
        }

    def test_of_another_stations_window_is_none(self, client, station, windows):
        other = make_station()
        DeliveryWindow.objects.create(station=other, starts_at=time(15), ends_at=time(16))
        with at(12):
            response = self.send(client, **{f"when_{station.pk}": coming(other)[0].key})

        assert "Choose when it shall come." in response.text

    def test_is_not_asked_where_nobody_delivers(self, client, station, windows):
        Station.objects.update(delivers=False)

        assert f"when_{station.pk}" not in client.get("/checkout/").text


def test_the_page_costs_the_same_with_1_and_with_5_stations(client, shopper, station, kicukiro):
    client.get("/")  # where the toasts are shown, once
    one = cost(client, "/checkout/"), cost(client, "/cart/")
    for _ in range(4):
        other = make_station()
        DeliveryArea.objects.create(station=other, district="Gasabo", fee=1)
        DeliveryWindow.objects.create(station=other, starts_at=time(8), ends_at=time(9))
        client.post(f"/cart/add/{make_listing(other).pk}/", {"kind": "exchange"})
    Address.objects.create(user=shopper, district="Kicukiro", line="KK 15 Rd")
    client.get("/")

    assert (cost(client, "/checkout/"), cost(client, "/cart/")) == one
    assert max(one) <= 8
    assert cost(client, "/") <= 8
    assert cost(client, f"/gas/{station.listings.get().pk}/") <= 8


def test_where_to_bring_it_is_not_called_optional(client, shopper):
    text = client.get("/checkout/").text

    district = re.search(r'<label[^>]*for="id_district"[^>]*>(.*?)</label>', text, re.S)
    assert district
    assert "optional" not in district[1]
