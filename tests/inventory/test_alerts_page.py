"""The page of what runs low: what to do about each line."""

import pytest
from django.urls import reverse

from gasstock.inventory.models import Listing, LowStockAlert
from gasstock.inventory.services.adjustments import adjust_stock
from gasstock.inventory.services.alerts import check_levels
from tests.factories import make_listing, make_member, make_station, make_variant
from tests.queries import cost

pytestmark = pytest.mark.django_db


@pytest.fixture
def low(station):
    """2 free, to be reordered at 3."""
    return make_listing(
        station, make_variant("SP 12 kg", sku="SP-12"), full=2, empty=7, reorder_level=3
    )


def url(name="alerts", *args, slug="kimironko"):
    return reverse(f"stock:{name}", args=[slug, *args])


def test_the_page_says_what_is_low_and_what_to_do(client, manager, low):
    Listing.objects.filter(pk=low.pk).update(sold_lately=28)
    [alert] = check_levels()
    client.force_login(manager)

    page = client.get(url()).text

    assert "2 free, reorder at 3" in page
    assert "7 empties here to refill" in page
    assert "</svg>2 days" in page
    assert 'Running low <span class="gs-count">1</span>' in page
    draft = page.partition('class="gs-lows__a"')[2].partition("</form>")[0]
    assert f'action="{reverse("purchasing:draft_for", args=["kimironko", low.pk])}"' in draft
    assert 'name="quantity" value="15"' in draft
    assert url("alert_dismiss", alert.pk) in page


def test_the_page_shows_the_stock_of_now(client, manager, low):
    check_levels()
    adjust_stock(None, listing=low, condition="full", quantity=0, reason="Gone")
    client.force_login(manager)

    assert "None left, reorder at 3" in client.get(url()).text


def test_nothing_low_says_so(client, manager, gas):
    client.force_login(manager)

    assert "Nothing is running low" in client.get(url()).text


def test_dismissing_takes_the_line_away(client, manager, low):
    [alert] = check_levels()
    client.force_login(manager)

    there = client.post(
        url("alert_dismiss", alert.pk),
        headers={"Referer": f"http://testserver{url()}"},
        follow=True,
    )

    assert "SP 12 kg is off this list until it runs low again." in there.text
    assert "Nothing is running low" in there.text
    alert.refresh_from_db()
    assert alert.dismissed_by == manager


def test_a_clerk_reads_and_decides_nothing(client, clerk, low):
    [alert] = check_levels()
    client.force_login(clerk)

    page = client.get(url()).text

    assert "SP 12 kg" in page
    assert "/dismiss/" not in page
    assert "<form" not in page.partition('id="lows"')[2].partition("</main>")[0]
    assert client.post(url("alert_dismiss", alert.pk)).status_code == 403
    assert client.get(url("alert_dismiss", alert.pk)).status_code == 405


def test_the_alerts_of_others_are_not_there(client, low):
    [alert] = check_levels()
    client.force_login(make_member(None, make_station("other")))

    assert client.get(url()).status_code == 404
    assert client.post(url("alert_dismiss", alert.pk, slug="other")).status_code == 404
    assert "SP 12 kg" not in client.get(url(slug="other")).text
    assert LowStockAlert.objects.shown().exists()


def test_riders_have_no_business_here(client, rider, low):
    client.force_login(rider)

    assert client.get(url()).status_code == 403


def test_the_page_asks_as_often_for_30_as_for_1(client, manager, low):
    check_levels()
    client.force_login(manager)
    first = cost(client, url())
    for _ in range(30):
        make_listing(low.station, full=0, empty=1, reorder_level=1)
    check_levels()

    assert cost(client, url()) == first <= 8
    page = client.get(url()).text
    assert page.count('id="alert-') == 30
    assert "?cursor=" in page
