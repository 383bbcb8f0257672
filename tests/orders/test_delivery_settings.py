"""On which terms a station delivers: fees by district, windows, minutes."""

import re
from datetime import time

import pytest
from django.urls import reverse

from gasstock.audit.models import AuditEvent
from gasstock.orders.errors import WindowEndsFirst, WindowsOverlap
from gasstock.orders.models import DeliveryArea, DeliveryWindow
from gasstock.orders.services.areas import set_delivery_terms
from tests.factories import make_station
from tests.queries import cost

MORNING, NOON, EVENING = (time(8), time(11)), (time(11), time(14)), (time(17), time(20))


@pytest.fixture
def set_terms(manager, station):
    def set_terms(*, fees=None, windows=(), minutes=90):
        return set_delivery_terms(
            manager, station=station, fees=fees or {}, windows=windows, minutes=minutes
        )

    return set_terms


def fees(station):
    return dict(station.areas.values_list("district", "fee"))


def hours(station):
    return sorted(station.windows.values_list("starts_at", "ends_at"))


class TestTheService:
    def test_puts_the_new_terms_in_the_place_of_the_old(self, station, set_terms):
        set_terms(fees={"Gasabo": 500, "Huye": 9_000}, windows=[MORNING, EVENING], minutes=60)
        set_terms(fees={"Gasabo": 0, "Kicukiro": 2_000}, windows=[NOON, EVENING], minutes=45)
        station.refresh_from_db()

        assert fees(station) == {"Gasabo": 0, "Kicukiro": 2_000}
        assert hours(station) == [NOON, EVENING]
        assert station.delivery_minutes == 45

    def test_keeps_the_window_that_a_buyer_is_choosing(self, station, set_terms):
        set_terms(windows=[MORNING, EVENING])
        chosen = station.windows.get(starts_at=time(17))
        set_terms(windows=[NOON, EVENING])

        assert station.windows.get(starts_at=time(17)).pk == chosen.pk

    def test_gives_a_window_another_end(self, station, set_terms):
        set_terms(windows=[MORNING])
        set_terms(windows=[(time(8), time(12))])

        assert hours(station) == [(time(8), time(12))]

    def test_leaves_other_stations_alone(self, station, set_terms):
        other = make_station()
        DeliveryArea.objects.create(station=other, district="Gasabo", fee=1)
        DeliveryWindow.objects.create(station=other, starts_at=time(8), ends_at=time(11))
        set_terms()

        assert (fees(other), hours(other)) == ({"Gasabo": 1}, [MORNING])

    def test_notes_who_changed_what(self, manager, set_terms):
        set_terms(fees={"Gasabo": 500}, windows=[MORNING])
        event = AuditEvent.objects.get(action="station.delivery_terms")

        assert event.actor == manager
        assert event.data == {"fees": [{}, {"Gasabo": 500}], "windows": [[], ["08:00–11:00"]]}

    def test_notes_nothing_where_nothing_changed(self, set_terms):
        for _ in range(2):
            set_terms(fees={"Gasabo": 500}, windows=[MORNING], minutes=60)

        assert AuditEvent.objects.filter(action="station.delivery_terms").count() == 1

    @pytest.mark.parametrize(
        ("windows", "error"),
        [
            ([MORNING, (time(10), time(12))], WindowsOverlap),
            ([MORNING, MORNING], WindowsOverlap),
            ([(time(7), time(22)), EVENING], WindowsOverlap),
            ([(time(22), time(2))], WindowEndsFirst),
            ([(time(8), time(8))], WindowEndsFirst),
        ],
    )
    def test_refuses_windows_that_nobody_can_keep(self, station, set_terms, windows, error):
        set_terms(fees={"Gasabo": 500}, windows=[MORNING])

        with pytest.raises(error):
            set_terms(fees={"Gasabo": 900}, windows=windows, minutes=20)
        station.refresh_from_db()
        assert (fees(station), hours(station)) == ({"Gasabo": 500}, [MORNING])
        assert station.delivery_minutes == 90

    def test_lets_one_begin_when_another_ends(self, station, set_terms):
        set_terms(windows=[NOON, MORNING])

        assert hours(station) == [MORNING, NOON]

    def test_knows_its_districts(self, set_terms):
        with pytest.raises(ValueError, match="Atlantis"):
            set_terms(fees={"Atlantis": 1})


@pytest.fixture
def page(client, manager, station):
    client.force_login(manager)
    return reverse("station:delivery_settings", args=[station.slug])


def rows(*windows, before=0):
    """The part of the form about windows, as times like "08:00-11:00"."""
    data = {"windows-TOTAL_FORMS": len(windows), "windows-INITIAL_FORMS": before}
    for number, window in enumerate(windows):
        starts, _, ends = window.partition("-")
        data |= {f"windows-{number}-starts_at": starts, f"windows-{number}-ends_at": ends}
    return data


class TestThePage:
    def test_saves_all_of_it(self, client, page, station):
        answer = client.post(
            page,
            {"minutes": "45", "fee_gasabo": "1,500", "fee_huye": "0", "fee_rubavu": ""}
            | rows("17:00-20:00", "08:00-11:00", ""),
        )
        station.refresh_from_db()

        assert answer["Location"] == page
        assert fees(station) == {"Gasabo": 1_500, "Huye": 0}
        assert hours(station) == [MORNING, EVENING]
        assert station.delivery_minutes == 45

    def test_shows_what_there_is_and_two_rows_more(self, client, page, set_terms):
        set_terms(fees={"Gasabo": 1_500, "Kirehe": 0}, windows=[EVENING, MORNING], minutes=45)
        html = client.get(page).text

        starts = re.findall(r'name="windows-\d-starts_at"(?: value="([\d:]*)")?', html)
        assert starts == ["08:00", "17:00", "", ""]
        assert re.search(r'name="fee_gasabo" value="1,500"', html)
        assert re.search(r'name="fee_kirehe" value="0"', html)
        assert html.count('<details class="gs-fees" open') == 2
        assert 'value="45"' in html

    def test_removes_what_is_ticked_or_left_open(self, client, page, station, set_terms):
        set_terms(windows=[MORNING, NOON, EVENING], fees={"Gasabo": 500})
        form = rows("08:00-11:00", "11:00-14:00", "-", "-", before=3)
        client.post(page, {"minutes": "90", "windows-0-DELETE": "on"} | form)

        assert hours(station) == [NOON]
        assert fees(station) == {}

    def test_sent_twice_is_saved_once(self, client, page, station):
        for _ in range(2):
            client.post(page, {"minutes": "45"} | rows("08:00-11:00"))

        assert hours(station) == [MORNING]
        assert AuditEvent.objects.filter(action="station.delivery_terms").count() == 1

    @pytest.mark.parametrize(
        ("sent", "field", "words"),
        [
            ({"minutes": "14"}, "id_minutes", "From 15 to 1,440 minutes."),
            ({"minutes": "soon"}, "id_minutes", "From 15 to 1,440 minutes."),
            ({"minutes": ""}, "id_minutes", "required"),
            ({"fee_gasabo": "-1"}, "id_fee_gasabo", ""),
            ({"fee_huye": "cheap"}, "id_fee_huye", "Write the amount in figures"),
            ({"fee_gasabo": "10,000,001"}, "id_fee_gasabo", "At most"),
            (rows("08:00-"), "id_windows-0-ends_at", "Say when it ends."),
            (rows("-08:00"), "id_windows-0-starts_at", "Say when it begins."),
            (rows("20:00-08:00"), "id_windows-0-ends_at", "later on the same day"),
            (rows("25:00-26:00"), "id_windows-0-starts_at", "valid time"),
            (
                rows("10:00-12:00", "08:00-11:00"),
                "id_windows-0-starts_at",
                "It overlaps with 08:00–11:00.",
            ),
            (
                rows("08:00-11:00", "08:00-11:00"),
                "id_windows-1-starts_at",
                "It overlaps with 08:00–11:00.",
            ),
        ],
    )
    def test_says_beside_the_field_what_is_wrong(self, client, page, station, sent, field, words):
        good = {"minutes": "45", "fee_kicukiro": "700"} | rows("17:00-20:00")
        answer = client.post(page, good | sent)

        assert answer.status_code == 422
        assert re.search(rf'id="{field}_error".*?{words}', answer.text, re.DOTALL)
        assert 'name="fee_kicukiro" value="700"' in answer.text
        assert (fees(station), hours(station)) == ({}, [])

    def test_takes_no_more_than_twelve_windows(self, client, page, station):
        many = [f"{hour:02}:00-{hour:02}:30" for hour in range(13)]
        answer = client.post(page, {"minutes": "45"} | rows(*many))

        assert answer.status_code == 422
        assert hours(station) == []

    def test_is_for_who_may_change_settings(self, client, page, clerk, rider):
        for person in (clerk, rider):
            client.force_login(person)

            assert client.get(page).status_code == client.post(page).status_code == 403

    def test_costs_the_same_with_many_fees_and_windows(self, client, page, set_terms):
        few = cost(client, page)
        set_terms(fees={"Gasabo": 1, "Huye": 2, "Kirehe": 3}, windows=[MORNING, NOON, EVENING])

        assert cost(client, page) == few <= 8

    def test_is_found_in_the_settings(self, client, page, station):
        settings = client.get(reverse("people:station_settings", args=[station.slug]))

        assert f'href="{page}"' in settings.text
