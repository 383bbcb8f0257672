import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

from gasstock.accounts.models import Membership, Station, User
from gasstock.accounts.permissions import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return User.objects.create_user("claire@example.com", name="Claire Mukamana")


@pytest.fixture
def station(person):
    return Station.objects.create(
        slug="kimironko",
        code="KGP",
        name="Kimironko Gas Point",
        district="Gasabo",
        address="KG 11 Ave",
        phone="+250788000001",
        status="approved",
        applicant=person,
    )


def page(person, template, station=None):
    """The frame around an empty page, as `person` sees it at `station`."""
    request = RequestFactory().get("/")
    request.user, request.resolver_match = person, None
    if station:
        request.station = station
        station.granted = person.permissions_at(station)
    return render_to_string(template, {}, request)


@pytest.mark.parametrize(
    ("role", "sees", "misses"),
    [
        (Role.MANAGER, ["Orders", "Stock", "Invoices", "Team", "Settings"], []),
        (Role.CLERK, ["Orders", "Stock", "Invoices"], ["Team", "Settings"]),
        (Role.RIDER, ["My runs"], ["Orders", "Stock", "Invoices", "Team", "Settings"]),
    ],
)
def test_the_rail_leads_only_where_the_role_may_go(person, station, role, sees, misses):
    Membership.objects.create(user=person, station=station, role=role)
    html = page(person, "base_staff.html", station)

    assert [word for word in sees if f"</svg>{word}</a>" not in html] == []
    assert [word for word in misses if f"</svg>{word}</a>" in html] == []


def test_an_admin_has_the_rail_of_the_platform(person):
    person.is_admin = True
    html = page(person, "base_staff.html")

    assert "</svg>Approve</a>" in html
    assert "</svg>Catalogue</a>" in html


def test_who_works_at_two_stations_can_change_between_them(person, station):
    other = Station.objects.create(
        slug="remera", code="RGD", name="Remera Gas Depot", phone="+250788000002", applicant=person
    )
    for place in (station, other):
        Membership.objects.create(user=person, station=place, role=Role.MANAGER)

    assert "Your stations" in page(person, "base_staff.html", station)


def test_a_buyer_is_invited_to_sell_and_a_member_is_brought_to_the_station(person, station):
    assert "Sell on GasStock" in page(person, "base_shop.html")

    Membership.objects.create(user=person, station=station, role=Role.MANAGER)
    html = page(person, "base_shop.html")

    assert "Sell on GasStock" not in html
    assert "My station" in html


def test_the_shop_sends_no_staff_styles_to_phones(person):
    html = page(person, "base_shop.html")

    assert html.count('rel="stylesheet"') == 1
    assert "gasstock-staff" not in html
