"""docs/api.md and the Postman collection say what is so, and what they tell to do works."""

import json
import re
import subprocess
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.db import transaction

from gasstock.api.errors import GENERAL, rule_of
from gasstock.api.idempotency import KEPT
from gasstock.api.pagination import Paging
from gasstock.core.errors import DomainError
from gasstock.inventory.services.verify import differences
from gasstock.orders.models import Order, Rating
from tests.api.conftest import connect, signed_in
from tests.api.demo import PASSWORD, SLUG, make_demo
from tests.api.doors import operations
from tests.api.postman import Runner
from tests.doors import World
from tools import docs

ROOT = Path(settings.BASE_DIR)
PAGE = (ROOT / "docs" / "api.md").read_text()
COLLECTION = json.loads(docs.COLLECTION.read_text())
OLDER = """
/api/auth/register /api/auth/login /api/auth/profile /api/stock /api/stock/:id /api/transactions
/api/transactions/:id /api/transactions/sales /api/transactions/purchases /api/transactions/report
/api/admin/users /api/admin/users/:id
/api/v1/register/ /api/v1/login/ /api/v1/gas/ /api/v1/seller/inventory/ /api/inventory/
/api/inventory/{id}/ /api/v1/orders/ /api/orders/my_orders/ /api/v1/seller/orders/
/api/orders/{id}/approve/ /api/orders/{id}/reject/ /api/orders/{id}/cancel/
/api/orders/{id}/mark-delivered/ /api/v1/seller/invoice/ /api/v1/admin/invoices/pending/
/api/invoices/{id}/approve/ /api/invoices/{id}/mark-as-paid/ /api/v1/feedback/ /api/ratings/
/api/users/register/ login/ logout/ /api/users/ /api/inventory/products/ /api/inventory/categories/
/api/inventory/suppliers/ /api/purchases/ /api/sales/ /api/stock/stock-movements/
/api/dashboard/low-stock/ /api/dashboard/total-sales/ /api/dashboard/top-products/
/auth/register/ /auth/jwt/token/ /auth/jwt/token/refresh/ /auth/jwt/token/verify/ /user/me/
/user/update/ /products/ /sales_orders/ /purchase_orders/ /notifications/ /customers/ /delivery/
/api/token/ /api/token/refresh/ /api/users/me/ /api/products/ /api/products/{id}/variations/
/api/variations/ /api/variations/{id}/ /api/suppliers/ /api/purchase-orders/
/api/purchase-orders/{id}/ /api/sales-orders/ /api/sales-orders/{id}/ /api/users/{id}/ /api/groups/
/api/permissions/ check_low_stock
"""


def story() -> dict:
    [folder] = [each for each in COLLECTION["item"] if each["name"] == "The story"]
    return folder


def runner(**variables: str) -> Runner:
    known = {each["key"]: each["value"] for each in COLLECTION["variable"]}
    client = connect()
    client.http.timeout = httpx.Timeout(30)
    return Runner(client.http, known | {"base": "http://testserver/api/v1"} | variables)


def errors() -> set[str]:
    """What programs call every rule there is."""
    found, seen = set(), [DomainError]
    while seen:
        kind = seen.pop()
        seen += kind.__subclasses__()
        found.add(rule_of(kind))
    return found


# --- docs/api.md --------------------------------------------------------------------------------


def test_the_commands_of_the_page_work_as_they_stand(live_server):
    make_demo()
    script = "set -euo pipefail\n" + "\n".join(re.findall(r"^```sh\n(.*?)^```", PAGE, re.S | re.M))

    done = subprocess.run(
        ["bash", "-c", script],
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "GAS": f"{live_server.url}/api/v1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, f"{done.stdout[-600:]}\n{done.stderr[-600:]}"
    order = Order.objects.get()
    assert (order.status, order.invoice.status) == ("closed", "paid")
    assert Rating.objects.get().stars == 5
    assert [*differences()] == []


def test_every_older_call_is_there():
    tables = PAGE[PAGE.index("## From the systems before this one") :]
    left = re.findall(r"^\| (.*?) \| ", tables, re.M)
    named = {word for cell in left for word in re.sub(r"[`(),]", " ", cell).split()}

    assert [call for call in OLDER.split() if call not in named] == []


def test_each_of_our_calls_that_is_named_exists():
    named = set(re.findall(r"`((?:GET|POST|PATCH|DELETE) [a-z][^` ]*/)`", PAGE))

    assert len(named) > 50
    assert named <= {operation.name for operation in operations()}


def test_the_kinds_of_errors_exist():
    table = PAGE[PAGE.index("| status | type |") : PAGE.index("### Doing things once")]
    named = set(re.findall(r"`([a-z-]+)`", table)) - {"detail", "message", "errors"}
    document = json.dumps(connect().get("openapi.json"))

    known = errors() | {kind for kind, _ in GENERAL.values()}
    assert {kind for kind in named if kind not in known and f"/{kind}" not in document} == {
        "second-factor-needed"
    }
    assert all(f"`{kind}`" in table for kind, _ in GENERAL.values())


def test_the_figures_are_right():
    minutes = settings.HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN / 60
    days = settings.HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN / 86_400
    limit = Paging.model_fields["limit"]

    assert (minutes, days, KEPT.days, limit.default) == (15, 14, 2, 25)
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE == 2_621_440
    for words in ("lives 15 minutes", "lives 14 days", "kept for two days", "is 25 by default"):
        assert words in PAGE
    assert "`API_PERSON_LIMIT` | 600" in (ROOT / "docs" / "operations.md").read_text()
    assert "600 requests a minute for a person, 3,000 from an address" in PAGE


# --- The collection -----------------------------------------------------------------------------


def test_the_collection_is_what_make_docs_writes():
    assert docs.COLLECTION.read_text() == docs.written()


def test_the_collection_has_every_call():
    listed = {
        item["name"].partition(" · ")[2]
        for folder in COLLECTION["item"]
        for item in folder["item"]
        if " · " in item["name"]
    }

    assert listed == {operation.name for operation in operations()}


def test_the_story_of_the_collection_runs(db):
    make_demo()
    postman = runner(password=PASSWORD, station=SLUG)

    for item in story()["item"]:
        postman.run(item)

    assert postman.wrong == {}
    assert Order.objects.get(number=postman.variables["order"]).status == "closed"
    assert [*differences()] == []


def test_a_story_that_goes_wrong_is_noticed(db):
    make_demo()
    postman = runner(password="another one", station=SLUG)

    for item in story()["item"]:
        postman.run(item)

    assert {"Sign in the buyer", "1 Order", "9 Rate"} <= {*postman.wrong}
    assert not Order.objects.exists()


@pytest.mark.parametrize("who", ["buyer", "manager", "admin"])
def test_every_request_of_the_collection_is_answered_as_documented(db, who, settings):
    settings.ACCOUNT_RATE_LIMITS = False
    world, document = World(), connect().get("openapi.json")
    postman = runner(access=signed_in(world.person(who)).access, station=world.station.slug)
    surprises = {}

    for folder in COLLECTION["item"]:
        for item in folder["item"] if folder is not story() else ():
            _, _, call = item["name"].partition(" · ")
            method, _, path = call.partition(" ")
            with transaction.atomic():
                answer = postman.run(item)
                transaction.set_rollback(True)
            known = document["paths"][f"/api/v1/{path}"][method.lower()]["responses"]
            if str(answer.status_code) not in known or answer.status_code >= 500:
                surprises[call] = answer.status_code

    assert surprises == {}
