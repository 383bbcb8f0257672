"""What admins set for the whole platform, and who may not."""

from datetime import time

import pytest

from gasstock.accounts import services
from gasstock.accounts.errors import CurrencyInUse
from gasstock.accounts.models import StationStatus
from gasstock.accounts.permissions import WORDS, Permission
from gasstock.accounts.services.platform import save_platform
from gasstock.audit.models import AuditEvent
from gasstock.core import platform
from gasstock.core.models import PlatformSettings
from tests.factories import make_listing, make_order, make_station
from tests.queries import cost

PAGES = ["settings", "roles", "audit", "audit.csv", "system"]
GOOD = {
    "currency": "RWF",
    "order_expiry_hours": "6",
    "invoice_due_days": "30",
    "sales_weeks": "8",
    "tax_rate": "18",
    "tax_name": "VAT",
    "approval_limit": "75,000",
    "cover_days": "21",
    "delivery_minutes": "60",
    "delivery_windows": "14:00-18:00, 8:00–12:00",
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["buyer", "clerk", "manager", "rider"])
def test_only_admins_see_how_the_platform_is_run(client, request, who, page):
    client.force_login(request.getfixturevalue(who))
    path = f"/platform/{page}" if "." in page else f"/platform/{page}/"

    assert client.get(path).status_code == 404
    assert client.post("/platform/system/check-books/").status_code == 404
    assert client.post("/platform/settings/", GOOD).status_code == 404
    assert not PlatformSettings.objects.exists()


def test_until_somebody_saves_the_environment_holds(db, settings):
    settings.INVOICE_DUE_DAYS, settings.CURRENCY = 9, "KES"

    now = platform.current()

    assert (now.invoice_due_days, now.currency, now.cover_days) == (9, "KES", 14)


def test_what_is_saved_holds_and_is_in_the_audit(client, admin, django_capture_on_commit_callbacks):
    client.force_login(admin)

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/platform/settings/", GOOD)

    now = platform.current()
    event = AuditEvent.objects.get(action="platform.changed")
    assert answer["Location"] == "/platform/settings/"
    assert (now.order_expiry_hours, now.invoice_due_days, now.sales_days) == (6, 30, 56)
    assert now.delivery_windows == ((time(8), time(12)), (time(14), time(18)))
    assert now == platform.saved()
    assert event.actor == admin
    assert event.data["approval_limit"] == [0, 75000]
    assert event.data["delivery_windows"] == [[], [["08:00", "12:00"], ["14:00", "18:00"]]]
    assert "currency" not in event.data
    assert (event.data["tax_rate"], event.data["tax_name"]) == ([0, 1800], ["", "VAT"])


def test_saving_the_same_again_is_no_news(admin):
    save_platform(admin, sales_weeks=6)
    save_platform(admin, sales_weeks=6)

    assert AuditEvent.objects.filter(action="platform.changed").count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("order_expiry_hours", value) for value in ("", "0", "169", "1.5", "x", "-1", "9" * 30)),
        *(("sales_weeks", value) for value in ("0", "27")),
        *(("approval_limit", value) for value in ("-1", "x", "2000000000")),
        *(("delivery_minutes", value) for value in ("14", "1441")),
        *(("delivery_windows", value) for value in ("x", "25:00-26:00", "12:00-08:00")),
        ("delivery_windows", "08:00-12:00, 11:00-13:00"),
        ("currency", "EUR"),
        *(("tax_rate", value) for value in ("", "-1", "50.01", "7.255", "x", "NaN", "1e9", "18,5")),
        *(("tax_name", value) for value in ("", " ", "Value added tax")),
    ],
)
def test_nonsense_is_said_beside_its_field_and_nothing_is_saved(client, admin, field, value):
    client.force_login(admin)

    answer = client.post("/platform/settings/", GOOD | {field: value})

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not PlatformSettings.objects.exists()


@pytest.mark.parametrize(
    ("typed", "rate"), [("18", 1800), ("7.5 %", 750), ("0.01", 1), ("50", 5000), ("0", 0)]
)
def test_a_tax_is_read_as_it_is_written_again(client, admin, typed, rate):
    client.force_login(admin)

    client.post("/platform/settings/", GOOD | {"tax_rate": typed})

    assert platform.saved().tax_rate == rate
    written = client.get("/platform/settings/").context["form"]["tax_rate"].value()
    assert written == typed.removesuffix(" %")


def test_no_tax_needs_no_name(client, admin):
    client.force_login(admin)

    client.post("/platform/settings/", GOOD | {"tax_rate": "0", "tax_name": ""})

    assert (platform.saved().tax_rate, platform.saved().tax_name) == (0, "")


def test_the_currency_changes_only_before_the_first_price(client, admin):
    client.force_login(admin)
    client.post("/platform/settings/", GOOD | {"currency": "KES", "approval_limit": "75.50"})
    assert platform.saved().currency == "KES"
    assert platform.saved().approval_limit == 7550

    make_listing(make_station(delivery_fee=0, approval_limit=0))
    client.post("/platform/settings/", GOOD | {"currency": "RWF"})

    assert platform.saved().currency == "KES"
    with pytest.raises(CurrencyInUse):
        save_platform(admin, currency="RWF")


def test_a_new_station_begins_as_the_platform_says(admin, buyer, details):
    platform.remember(
        save_platform(
            admin,
            approval_limit=75_000,
            cover_days=21,
            delivery_minutes=60,
            delivery_windows=((time(8), time(12)),),
        )
    )
    station = services.apply_for_station(buyer, details=details)

    services.approve_station(admin, station=station)

    station.refresh_from_db()
    assert (station.approval_limit, station.cover_days, station.delivery_minutes) == (75000, 21, 60)
    assert [str(window) for window in station.windows.all()] == ["08:00–12:00"]


def test_orders_and_bills_follow_the_settings(admin):
    platform.remember(save_platform(admin, order_expiry_hours=5))

    order = make_order()

    assert (order.expires_at - order.placed_at).total_seconds() == pytest.approx(5 * 3600, abs=5)


def test_reading_the_settings_costs_a_query_only_now_and_then(db, django_assert_num_queries):
    platform.forget()

    with django_assert_num_queries(1):
        platform.current()
        platform.current()


def test_the_roles_name_every_permission(client, admin):
    client.force_login(admin)

    page = client.get("/platform/roles/").text

    assert set(WORDS) == set(Permission)
    assert all(str(words).replace("'", "&#x27;") in page for words in WORDS.values())


# --- Stations ---------------------------------------------------------------------------------


def test_an_application_is_answered_on_its_page(client, admin, buyer, details):
    client.force_login(admin)
    station = services.apply_for_station(buyer, details=details)

    nothing_said = client.post(f"/stations/{station.slug}/reject/", {"reason": " "})
    client.post(f"/stations/{station.slug}/reject/", {"reason": "The licence has run out."})

    station.refresh_from_db()
    assert nothing_said.status_code == 422
    assert (station.status, station.status_reason) == ("rejected", "The licence has run out.")

    station = services.apply_for_station(buyer, details=details)
    client.post(f"/stations/{station.slug}/approve/")

    station.refresh_from_db()
    assert station.status == StationStatus.APPROVED
    assert station.memberships.get().user == buyer


# --- The machine ------------------------------------------------------------------------------


def test_the_system_page_tells_how_the_machine_is(client, admin):
    client.force_login(admin)

    assert cost(client, "/platform/system/") <= 12
    page = client.get("/platform/system/").text

    assert "None made by GasStock" in page
    assert "All applied" in page
