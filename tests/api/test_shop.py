"""The shop at the API: what is on sale, as it was asked for."""

import gzip
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gasstock.accounts.models import Station
from tests.api.client import Refused
from tests.api.conftest import signed_in
from tests.factories import make_brand, make_listing, make_station, make_user, make_variant


@pytest.fixture
def market(db):
    """Two stations, two brands, three sizes, and a hose."""
    near = make_station("remera", name="Remera Gas", district="Gasabo")
    far = make_station("huye", name="Huye Gas", district="Huye", rating_sum=9, rating_count=2)
    sp, kgas = make_brand("SP", slug="sp"), make_brand("K-Gas", slug="k-gas")
    six = make_variant("SP 6 kg", size_g=6_000, brand=sp)
    twelve = make_variant("SP 12 kg", size_g=12_000, brand=sp, attributes={"valve": "clip-on"})
    thirteen = make_variant("K-Gas 13 kg", size_g=13_000, brand=kgas)
    hose = make_variant("Hose 1.5 m", size_g=None)
    return {
        "six": make_listing(near, six, refill_price=9_000, new_price=None),
        "twelve": make_listing(near, twelve, refill_price=20_000, full=3),
        "thirteen": make_listing(far, thirteen, refill_price=21_000, full=0),
        "far six": make_listing(far, six, refill_price=9_500),
        "hose": make_listing(near, hose, refill_price=4_000, new_price=None),
        "hidden": make_listing(near, make_variant("Old"), is_published=False),
    }


def found(api, market, **query):
    names = {listing.pk: name for name, listing in market.items()}
    return [names[item["id"]] for item in api.get("gas/", **query)["items"]]


def test_a_listing_as_the_contract_has_it(api, market):
    listing = market["twelve"]

    item = api.get(f"gas/{listing.pk}/")

    assert item == {
        "id": listing.pk,
        "sku": listing.variant.sku,
        "name": "SP 12 kg",
        "product": listing.variant.product.name,
        "brand": "SP",
        "weight_kg": 12,
        "category": "Cylinder",
        "attributes": {"valve": "clip-on"},
        "refill_price": "20000",
        "new_price": "22000",
        "deposit": "30000",
        "currency": "RWF",
        "available": 3,
        "station": {"slug": "remera", "name": "Remera Gas", "district": "Gasabo", "rating": None},
        "image": None,
    }
    assert item in api.get("gas/")["items"]


def test_cents_are_written_where_there_are_any(api, market, settings):
    settings.CURRENCY = "KES"

    item = api.get(f"gas/{market['twelve'].pk}/")

    assert (item["refill_price"], item["currency"]) == ("200.00", "KES")
    assert found(api, market, min_price="200.00", max_price="200") == ["twelve"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["hose", "six", "far six", "twelve", "thirteen"]),
        ({"brand": "sp"}, ["six", "far six", "twelve"]),
        ({"brand": "K-GAS"}, ["thirteen"]),
        ({"brand": "shell"}, []),
        ({"weight": "6"}, ["six", "far six"]),
        ({"weight": "6kg"}, ["six", "far six"]),
        ({"weight": "12 KG"}, ["twelve"]),
        ({"weight": "12.5"}, []),
        ({"weight": "0"}, []),
        ({"location": "huye"}, ["far six", "thirteen"]),
        ({"location": "Paris"}, []),
        ({"station": "remera"}, ["hose", "six", "twelve"]),
        ({"station": "nowhere"}, []),
        ({"category": "accessory"}, ["hose"]),
        ({"category": "cylinder"}, ["six", "far six", "twelve", "thirteen"]),
        ({"category": "cars"}, []),
        ({"min_price": "9500", "max_price": "20000"}, ["far six", "twelve"]),
        ({"max_price": "0"}, []),
        ({"in_stock": "true"}, ["hose", "six", "far six", "twelve"]),
        ({"in_stock": "0", "q": ""}, ["hose", "six", "far six", "twelve", "thirteen"]),
        ({"q": "hose"}, ["hose"]),
        ({"q": "sp huye"}, ["far six"]),
        ({"q": "\u202e%"}, []),
        ({"ordering": "-price"}, ["thirteen", "twelve", "far six", "six", "hose"]),
        ({"ordering": "weight"}, ["six", "far six", "twelve", "thirteen", "hose"]),
        ({"ordering": "name"}, ["hose", "thirteen", "twelve", "six", "far six"]),
        ({"ordering": "-rating"}, ["far six", "thirteen", "hose", "six", "twelve"]),
    ],
)
def test_what_was_asked_for_is_found(api, market, query, names):
    assert found(api, market, **query) == names


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("limit", value) for value in ("0", "-1", "101", "1e5", "x", "9" * 5000, "١٢")],
        *[("weight", value) for value in ("-6", "six", "1e5", "NaN", "6kgkg", "9999")],
        *[("min_price", value) for value in ("-1", "1e5", "0.5", "NaN", "9999999999", "١٢")],
        *[("ordering", value) for value in ("stock", "--price", "password")],
        *[("in_stock", value) for value in ("maybe", "2")],
        *[("q", "x" * 201), ("cursor", "x" * 401), ("brand", "\x00"), ("station", "\x00")],
    ],
)
def test_what_cannot_be_asked_is_refused(api, market, name, value):
    with pytest.raises(Refused) as refused:
        api.get("gas/", **{name: value})

    assert (refused.value.status, list(refused.value.fields)) == (422, [name])


def test_what_is_not_on_sale_is_not_there(api, market):
    Station.objects.filter(slug="huye").update(status="suspended", status_reason="x")

    for name in ("hidden", "far six"):
        assert api.ask("GET", f"gas/{market[name].pk}/").status_code == 404
    assert found(api, market) == ["hose", "six", "twelve"]


@pytest.mark.parametrize("ordering", ["price", "-price", "weight", "name", "-rating"])
def test_pages_follow_each_other_while_rows_come_and_go(api, market, ordering):
    whole = found(api, market, ordering=ordering)
    names = {listing.pk: name for name, listing in market.items()}

    seen = []
    for page in api.pages("gas/", limit=2, ordering=ordering):
        seen += [names.get(item["id"]) for item in page]
        make_listing(make_station(), make_variant("SP 1 kg", size_g=1_000), refill_price=1)

    assert [name for name in seen if name] == whole


@pytest.mark.parametrize("cursor", ["x", "1", "WzFd:x:y", "=" * 300])
def test_a_cursor_that_is_not_ours_starts_over(api, market, cursor):
    assert found(api, market, cursor=cursor, limit=1) == ["hose"]


def test_the_choices(api, market):
    choices = api.get("filters/")

    assert choices["brands"] == [
        {"slug": "k-gas", "name": "K-Gas"},
        {"slug": "sp", "name": "SP"},
    ]
    assert choices["weights"] == [6, 12, 13]
    assert choices["districts"] == ["Gasabo", "Huye"]
    assert [each["slug"] for each in choices["categories"]] == ["accessory", "cylinder"]


@pytest.mark.parametrize("query", [{}, {"station": "remera", "brand": "sp", "q": "sp"}])
def test_a_page_takes_four_queries_at_most_however_long_it_is(market, query):
    client = signed_in(make_user())
    for _ in range(40):
        make_listing(market["six"].station)
    costs = []

    for limit in (1, 40):
        with CaptureQueriesContext(connection) as queries:
            assert client.ask("GET", "gas/", limit=limit, **query).status_code == 200
        costs.append(len(queries))

    assert costs[0] == costs[1] <= 4


def test_a_listing_takes_one_query(api, market):
    with CaptureQueriesContext(connection) as queries:
        api.get(f"gas/{market['six'].pk}/")

    assert len(queries) == 1


@pytest.mark.parametrize("path", ["gas/", "gas/{pk}/", "filters/"])
def test_what_did_not_change_is_not_sent_again(api, market, path):
    path = path.format(pk=market["six"].pk)
    first = api.ask("GET", path)
    api.http.headers["If-None-Match"] = first.headers["ETag"]

    again = api.ask("GET", path)

    assert first.headers["Cache-Control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]


def test_what_changed_is_sent(api, market):
    api.http.headers["If-None-Match"] = api.ask("GET", "gas/").headers["ETag"]

    make_listing(refill_price=1)

    assert api.ask("GET", "gas/").status_code == 200


def test_private_answers_are_kept_by_nobody(db):
    answer = signed_in(make_user()).ask("GET", "me/")

    assert answer.headers["Cache-Control"] == "no-store"
    assert "Authorization" in answer.headers["Vary"]
    assert answer.headers["ETag"]


def test_answers_are_packed(client, market):
    path = f"/api/v1/gas/?{urlencode({'in_stock': 'false'})}"

    answer = client.get(path, headers={"Accept-Encoding": "gzip"})

    assert answer["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer["Vary"]
    assert gzip.decompress(answer.content) == client.get(path).content
    again = client.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": answer["ETag"]})
    assert again.status_code == 304
