"""The main job, told by four people who use nothing but the API, from registering to the stars."""

import pytest

from gasstock.inventory.services.verify import differences
from tests.api.client import Client, Refused
from tests.api.conftest import connect, signed_in
from tests.factories import make_admin

PASSWORD = "seven blue cylinders"
STATION = {
    "name": "Kimironko Gas Point",
    "district": "Gasabo",
    "address": "KG 11 Ave 5",
    "phone": "0788 000 111",
}


def register(name: str, **more: object) -> Client:
    """Make an account and sign in."""
    email = f"{name.lower()}@example.com"
    body = {"email": email, "password": PASSWORD, "name": name, "phone": "0788 412 906", **more}
    client = connect()
    client.do("register/", body)
    return client.sign_in(email, PASSWORD)


@pytest.fixture
def admin(db) -> Client:
    return signed_in(make_admin(name="Christian"))


@pytest.fixture
def buyer(db) -> Client:
    return register("Marie", role="BUYER")


@pytest.fixture
def seller(admin) -> Client:
    """Who applied for a station, which an admin then approved."""
    client = register("Claire", role="SELLER", station=STATION)
    assert client.user["stations"][0]["status"] == "APPLIED"
    [case] = admin.get("admin/stations/pending/")["items"]
    admin.do(f"stations/{case['slug']}/approve/")
    return client


@pytest.fixture
def station(seller) -> str:
    [station] = seller.get("me/")["stations"]
    assert (station["role"], station["status"]) == ("MANAGER", "APPROVED")
    return station["slug"]


@pytest.fixture
def rider(admin, station) -> Client:
    client = register("Eric")
    work = [{"station": station, "role": "RIDER"}]
    admin.patch(f"admin/users/{client.user['id']}/", {"memberships": work})
    return client.sign_in("eric@example.com", PASSWORD)  # a new role, so a new sign-in


@pytest.fixture
def gas(admin, seller) -> dict:
    """A cylinder of the catalogue, of which the station has ten full ones."""
    admin.do("categories/", {"name": "Cylinders", "kind": "CYLINDER"})
    brand = admin.do("brands/", {"name": "SP", "colour": "BLUE"})
    product = admin.do(
        "products/", {"name": "SP gas", "category": "cylinders", "brand": brand["id"]}
    )
    size = {"sku": "SP-12", "weight_kg": 12, "deposit": "30000"}
    admin.do(f"products/{product['id']}/variations/", size)
    return seller.do(
        "seller/inventory/",
        {"sku": "SP-12", "refill_price": "20000", "new_price": "22000", "opening": {"full": 10}},
    )


def of(gas: dict, quantity: int = 2) -> dict:
    """An order of so many refills, to be brought."""
    return {
        "lines": [{"listing": gas["id"], "quantity": quantity, "kind": "EXCHANGE"}],
        "fulfilment": "DELIVERY",
        "address": {"district": "Gasabo", "line": "KG 7 Ave 12, blue gate"},
        "contact_phone": "0788 412 906",
        "payment_method": "CASH",
    }


def test_the_nine_steps(buyer, seller, rider, admin, gas, station):
    [found] = buyer.get("gas/", brand="sp", weight="12kg", location="Gasabo")["items"]
    assert (found["id"], found["available"], found["refill_price"]) == (gas["id"], 10, "20000")

    # 1 order
    order = buyer.do("orders/", of(found))
    address = f"orders/{order['number']}/"
    assert (order["status"], order["total"], order["currency"]) == ("PLACED", "40000", "RWF")
    assert seller.get(f"seller/inventory/{gas['id']}/")["available"] == 8

    # 2 approve: the station has no limit of its own yet
    with pytest.raises(Refused) as refused:
        seller.do(f"{address}approve/")
    assert (refused.value.status, refused.value.kind) == (409, "above-limit")
    [waiting] = admin.get("admin/orders/pending/")["items"]
    assert waiting["number"] == order["number"]
    assert admin.do(f"{address}approve/")["status"] == "APPROVED"

    # 3 send
    sent = seller.do(f"{address}dispatch/", {"rider": rider.user["id"]})
    assert (sent["status"], sent["delivery_code"]) == ("DISPATCHED", None)

    # 4 follow
    seen = buyer.get(address)
    assert seen["rider"]["name"] == "Eric"
    assert [each["status"] for each in seen["timeline"]] == ["PLACED", "APPROVED", "DISPATCHED"]

    # 5 hand over
    [run] = rider.get("deliveries/", waiting="true")["items"]
    lines = [{"id": run["lines"][0]["id"], "delivered": 2, "empties": 2}]
    with pytest.raises(Refused) as refused:
        rider.do(f"deliveries/{run['id']}/deliver/", {"code": "", "lines": lines})
    assert refused.value.kind == "code-missing"
    rider.do(f"deliveries/{run['id']}/deliver/", {"code": seen["delivery_code"], "lines": lines})
    assert buyer.get(address)["status"] == "DELIVERED"

    # 6 send the invoice
    invoice = seller.do("seller/invoices/", {"order": order["number"]})
    assert (invoice["status"], invoice["total"], invoice["due"]) == ("SUBMITTED", "40000", "40000")

    # 7 approve the invoice
    bill = f"invoices/{invoice['id']}/"
    assert admin.get("admin/invoices/pending/")["items"][0]["id"] == invoice["id"]
    assert admin.do(f"{bill}approve/")["status"] == "APPROVED"

    # 8 mark it paid
    assert admin.do(f"{bill}mark-as-paid/", {"method": "CASH"})["due"] == "0"
    assert buyer.get(address)["status"] == "CLOSED"
    assert buyer.ask("GET", f"{bill}pdf/").content.startswith(b"%PDF")

    # 9 rate
    buyer.do("feedback/", {"order": order["number"], "rating": 5, "comment": "Fast."})
    [rating] = connect().get("ratings/", station=station)["items"]
    assert (rating["rating"], rating["by"]) == (5, "Marie")
    assert [*differences()] == []


def test_what_the_story_leaves_in_the_books(buyer, seller, rider, admin, gas):
    order = buyer.do("orders/", of(gas))
    address = f"orders/{order['number']}/"
    admin.do(f"{address}approve/")
    seller.do(f"{address}dispatch/", {"rider": rider.user["id"]})
    code = buyer.get(address)["delivery_code"]
    rider.do(f"{address}mark-delivered/", {"code": code})

    item = seller.get(f"seller/inventory/{gas['id']}/")
    moves = seller.get("stock/movements/", document=order["number"])["items"]
    told = [each["text"] for each in buyer.get("notifications/")["items"]]

    assert (item["on_hand"], item["available"], item["reserved"]) == (8, 8, 0)
    assert {move["document"] for move in moves} == {order["number"]}
    assert sum(move["effect"] for move in moves if move["condition"] == "FULL") == -2
    assert len(told) >= 3
    assert [*differences()] == []


def test_nobody_does_the_part_of_another(buyer, seller, rider, admin, gas):
    order = buyer.do("orders/", of(gas))
    address = f"orders/{order['number']}/"

    assert buyer.ask("POST", f"{address}approve/").status_code == 403
    assert rider.ask("POST", f"{address}approve/").status_code == 403
    assert register("Somebody").ask("POST", f"{address}approve/").status_code == 404
    assert seller.ask("GET", "admin/orders/pending/").status_code == 404
    assert (
        buyer.ask("POST", "feedback/", {"order": order["number"], "rating": 5}).status_code == 409
    )
    assert buyer.get(address)["status"] == "PLACED"


def test_more_than_there_is_cannot_be_ordered(buyer, gas):
    with pytest.raises(Refused) as refused:
        buyer.do("orders/", of(gas, 11))

    assert (refused.value.status, refused.value.kind) == (409, "out-of-stock")
    assert [*refused.value.fields] == ["lines.0.quantity"]
    assert buyer.get("orders/")["items"] == []


def test_an_order_sent_again_is_the_same_order(buyer, seller, gas):
    first = buyer.post("orders/", of(gas), key="k-1")
    again = buyer.post("orders/", of(gas), key="k-1")
    with pytest.raises(Refused) as refused:
        buyer.post("orders/", of(gas, 3), key="k-1")

    assert again == first
    assert refused.value.kind == "idempotency-mismatch"
    assert len(buyer.get("orders/")["items"]) == 1
    assert seller.get(f"seller/inventory/{gas['id']}/")["reserved"] == 2
