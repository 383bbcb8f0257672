from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from phonenumber_field.phonenumber import PhoneNumber

from gasstock.core import clock
from gasstock.core.tables import KgColumn, LinkedColumn, MoneyColumn, StatusColumn, Table
from gasstock.core.templatetags import ui

NOON = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)  # 12:00 in Kigali, a Wednesday


@pytest.fixture(autouse=True)
def _noon():
    with clock.at(NOON):
        yield


def render(source, **context):
    return Template("{% load ui %}" + source).render(Context(context))


def thing(status, words):
    return SimpleNamespace(status=status, get_status_display=lambda: words)


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=4), "4 min ago"),
        (timedelta(hours=2), "today 10:00"),
        (timedelta(hours=13), "yesterday 23:00"),
        (timedelta(days=3), "15 Nov 2026"),
        (-timedelta(minutes=28), "in 28 min"),
        (-timedelta(hours=3), "today 15:00"),
        (-timedelta(hours=19), "tomorrow 07:00"),
    ],
)
def test_a_moment_is_told_as_people_say_it_in_local_time(passed, text):
    assert ui.when(NOON - passed) == text


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (timedelta(minutes=44), "44 min"),
        (timedelta(minutes=92), "1 h 32 min"),
        (timedelta(hours=31), "31 h"),
        (timedelta(days=3, hours=2), "3 days"),
        (-timedelta(minutes=1), "0 min"),
    ],
)
def test_waiting_is_counted_in_the_unit_that_matters(passed, text):
    assert ui.waiting(NOON - passed) == text


def test_a_day_names_its_year_only_when_it_is_another():
    assert ui.day(NOON) == "Wed 18 Nov"
    assert ui.day(datetime(2025, 11, 18, tzinfo=UTC)) == "18 Nov 2025"


def test_numbers_of_the_country_are_shown_as_dialled_and_others_with_their_code():
    assert ui.local_phone(PhoneNumber.from_string("+250788412906")) == "0788 412 906"
    assert ui.local_phone(PhoneNumber.from_string("+254722551904")) == "+254 722 551904"


@pytest.mark.parametrize(("grams", "text"), [(12000, "12 kg"), (12500, "12.5 kg"), (None, "")])
def test_sizes_are_in_kilograms(grams, text):
    assert ui.kg(grams).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("status", "tone"),
    [
        ("placed", "wait"),
        ("dispatched", "move"),
        ("paid", "ok"),
        ("failed", "bad"),
        ("void", "off"),
    ],
)
def test_a_state_is_a_word_with_its_tone(status, tone):
    html = ui.status_badge(thing(status, "Some <word>"))

    assert html == f'<span class="gs-st gs-st--{tone}">Some &lt;word&gt;</span>'


def test_a_thing_may_choose_its_own_tone():
    station = SimpleNamespace(
        status="approved", status_tone="ok", get_status_display=lambda: "Approved"
    )

    assert "gs-st--ok" in ui.status_badge(station)


def test_a_badge_of_an_unknown_tone_is_a_mistake_in_the_template():
    with pytest.raises(ValueError, match="green"):
        ui.badge("green", "Fine")


def test_an_icon_brings_its_own_paths_and_an_unknown_one_is_a_mistake():
    assert '<path d="M5 12l5 5l10 -10"/>' in ui.icon("check")
    assert 'class="ico ico--fill"' in ui.icon("star-filled")
    with pytest.raises(KeyError):
        ui.icon("no-such-icon")


def test_a_cylinder_has_the_nearest_body_and_its_own_number():
    html = ui.cylinder(12500, "red", fit=True)

    assert 'class="cyl cyl--12 shell-red cyl--fit"' in html or "cyl--13" in html
    assert '<text class="no">12.5</text>' in html
    assert 'aria-hidden="true"' in html


def test_an_empty_cylinder_is_without_colour_and_number():
    assert ui.cylinder(6000, "red", state="empty").count("shell-red") == 0
    assert "<text" not in ui.cylinder(6000, "red", state="empty")


def test_a_thing_without_a_size_is_drawn_as_a_part():
    assert "gs-part" in ui.cylinder(None)


def test_money_in_markup_keeps_its_currency_small():
    assert render("{% money 20400 %}") == (
        '<span class="gs-money"><small>RWF</small>&nbsp;20,400</span>'
    )
    assert render("{{ 135050|money:'KES' }}") == "KSh\u00a01,350.50"
    assert render("{{ nothing|money }}{% money nothing %}", nothing=None) == ""


@pytest.mark.parametrize(("cookie", "shown"), [("dark", "dark"), ("light", "light"), ('"><b', "")])
def test_the_theme_of_the_cookie_is_believed_only_when_it_is_one(cookie, shown):
    request = RequestFactory().get("/")
    request.COOKIES["theme"] = cookie

    assert render("{% theme %}", request=request) == shown


def test_stars_are_silent_until_somebody_rated():
    assert ui.stars(None, 0) == ""
    assert "4.8 <small>(212)</small>" in ui.stars(4.8, 212)


def test_languages_are_those_with_a_catalogue(settings, tmp_path):
    settings.LOCALE_PATHS = [tmp_path]
    assert [language["code"] for language in ui.languages()] == ["en"]

    catalogue = tmp_path / "fr" / "LC_MESSAGES" / "django.mo"
    catalogue.parent.mkdir(parents=True)
    catalogue.touch()

    assert [language["code"] for language in ui.languages()] == ["en", "fr"]


def test_a_table_looks_as_all_do_and_each_cell_knows_its_head():
    class Rows(Table):
        number = LinkedColumn(linkify=lambda record: f"/{record.number}/")
        size_g = KgColumn(verbose_name="Size")
        total = MoneyColumn()
        status = StatusColumn()

    row = thing("paid", "Paid")
    row.number, row.size_g, row.total = "KGP-1", 12000, 20400
    table = Rows([row])
    html = table.as_html(RequestFactory().get("/"))

    assert '<table class="table gs-tstack gs-tstack--2"' in html
    assert '<a href="/KGP-1/">KGP-1</a>' in html
    assert 'data-l="Total"' in html
    assert "RWF\u00a020,400" in html
    assert "?sort=" not in html
