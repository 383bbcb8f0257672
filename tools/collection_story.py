"""One order in nine steps, as requests that hand on what they found: of the demo's people."""

from dataclasses import dataclass, field
from typing import Any

PEOPLE = ("buyer", "manager", "rider", "admin")


@dataclass(frozen=True)
class Step:
    """`keeps`: name of a variable → where in the answer it stands.

    `who` sends it, with the token in the variable of that name; nobody for "".
    """

    name: str
    who: str
    method: str
    path: str
    body: Any = None
    status: int = 200
    keeps: dict[str, str] = field(default_factory=dict)


def _sign_in(who: str) -> Step:
    body = {"email": f"{who}@demo.example", "password": "{{password}}"}
    keeps = {who: "access", f"{who}_id": "user.id"}
    return Step(f"Sign in the {who}", "", "POST", "login/", body, keeps=keeps)


STORY = (
    *(_sign_in(who) for who in PEOPLE),
    Step(
        "Look for gas",
        "buyer",
        "GET",
        "gas/?station={{station}}&category=cylinders&in_stock=true&limit=1",
        keeps={"listing": "items[0].id"},
    ),
    Step(
        "1 Order",
        "buyer",
        "POST",
        "orders/",
        {
            "lines": [{"listing": "#{{listing}}", "quantity": 1, "kind": "EXCHANGE"}],
            "fulfilment": "DELIVERY",
            "address": {"district": "Gasabo", "line": "KG 7 Ave 12, blue gate"},
            "contact_phone": "0788 412 906",
            "payment_method": "CASH",
        },
        201,
        {"order": "number", "line": "lines[0].id"},
    ),
    Step("2 Approve", "admin", "POST", "orders/{{order}}/approve/"),
    Step("3 Send", "manager", "POST", "orders/{{order}}/dispatch/", {"rider": "#{{rider_id}}"}),
    Step(
        "4 Follow",
        "buyer",
        "GET",
        "orders/{{order}}/",
        keeps={"code": "delivery_code"},
    ),
    Step(
        "5 Look what to bring",
        "rider",
        "GET",
        "deliveries/?waiting=true&limit=1",
        keeps={"delivery": "items[0].id"},
    ),
    Step(
        "5 Hand over",
        "rider",
        "POST",
        "deliveries/{{delivery}}/deliver/",
        {"code": "{{code}}", "lines": [{"id": "#{{line}}", "delivered": 1, "empties": 1}]},
    ),
    Step(
        "6 Send the invoice",
        "manager",
        "POST",
        "seller/invoices/?station={{station}}",
        {"order": "{{order}}"},
        201,
        {"invoice": "id"},
    ),
    Step("7 Approve the invoice", "admin", "POST", "invoices/{{invoice}}/approve/"),
    Step(
        "8 Mark it paid",
        "admin",
        "POST",
        "invoices/{{invoice}}/mark-as-paid/",
        {"method": "CASH"},
    ),
    Step(
        "9 Rate",
        "buyer",
        "POST",
        "feedback/",
        {"order": "{{order}}", "rating": 5, "comment": "Fast, and friendly."},
        201,
    ),
)
