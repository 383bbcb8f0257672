"""Rows of tests/api/doors.py: what a station does with its orders, its stock and its suppliers."""

from typing import Any

from gasstock.inventory.models import Listing
from tests.api.rows import Row
from tests.doors import World
from tests.factories import make_listing, make_variant

PAGE = {"cursor": "x", "limit": "5"}
STEPS = {"manager": 200, "clerk": 200, "admin": 200, "rider": 403, "buyer": 403}
LOOKS = {"manager": 200, "clerk": 200, "admin": 200, "rider": 403, "buyer": 200}


def number(name: str) -> Any:
    return lambda world: {"number": getattr(world, name).number}


def pk(name: str) -> Any:
    return lambda world: {"pk": getattr(world, name).pk}


def sold_out(world: World) -> dict[str, int]:
    """A listing of which there is nothing."""
    found = Listing.objects.at(world.station).filter(variant__name="SP 3 kg").first()
    return {"pk": (found or make_listing(world.station, make_variant("SP 3 kg"), full=0)).pk}


def handed(world: World) -> dict[str, Any]:
    line = world.coming.lines.get()
    return {
        "code": world.coming.code,
        "override_reason": "",
        "lines": [{"id": line.pk, "delivered": 1, "empties": 0}],
    }


def came(world: World) -> dict[str, Any]:
    line = world.sent.lines.get()
    return {
        "lines": [
            {"id": line.pk, "accepted": 5, "rejected": 1, "empties_out": 2, "reason": "Leaking"}
        ],
        "delivery_note": "DN 7",
        "note": "Late",
        "confirm_over": False,
    }


STATION_ROWS: dict[str, Row] = {
    # --- Orders ---
    "GET seller/orders/": Row(query=lambda world: PAGE | {"status": "PLACED"}),
    "POST orders/{number}/approve/": Row(
        path=number("placed"), people=STEPS, is_of_the_caller=False
    ),
    "POST orders/{number}/reject/": Row(
        path=number("placed"),
        body=lambda world: {"reason": "Not enough stock"},
        people=STEPS,
        is_of_the_caller=False,
    ),
    "POST orders/{number}/dispatch/": Row(
        path=number("waiting"),
        body=lambda world: {"rider": world.rider.pk},
        people=STEPS,
        is_of_the_caller=False,
    ),
    "POST orders/{number}/mark-delivered/": Row(
        path=number("coming"), body=handed, people=STEPS, is_of_the_caller=False
    ),
    # --- Stock ---
    "GET seller/inventory/": Row(query=lambda world: PAGE),
    "POST seller/inventory/": Row(
        body=lambda world: {
            "sku": world.unlisted.sku,
            "refill_price": "60000",
            "new_price": "65000",
            "reorder_level": 2,
            "opening": {"full": 3, "empty": 1},
            "published": True,
        }
    ),
    "GET seller/inventory/{pk}/": Row(path=pk("gas")),
    "PATCH seller/inventory/{pk}/": Row(
        path=pk("gas"),
        body=lambda world: {
            "refill_price": "19000",
            "new_price": None,
            "reorder_level": 70,
            "published": False,
        },
    ),
    "DELETE seller/inventory/{pk}/": Row(path=sold_out),
    "POST seller/inventory/{pk}/adjust/": Row(
        path=pk("gas"),
        body=lambda world: {"condition": "FULL", "quantity": -2, "reason": "Two were stolen"},
    ),
    "GET stock/movements/": Row(
        query=lambda world: (
            PAGE
            | {
                "sku": world.gas.variant.sku,
                "condition": "FULL",
                "reason": "OPENING",
                "from": "2020-01-01",
                "to": "2099-12-31",
                "document": f"OPENING-{world.gas.pk}",
            }
        )
    ),
    # --- Money ---
    "POST seller/invoices/": Row(body=lambda world: {"order": world.invoice.reference}),
    "GET invoices/": Row(
        query=lambda world: PAGE | {"mine": "false", "status": "PAID", "q": "RCT"}
    ),
    "GET invoices/{pk}/": Row(
        path=lambda world: {"pk": world.sale.invoice_id}, people=LOOKS, is_of_the_caller=False
    ),
    "GET invoices/{pk}/pdf/": Row(
        path=lambda world: {"pk": world.sale.invoice_id}, people=LOOKS, is_of_the_caller=False
    ),
    "POST sales/": Row(
        body=lambda world: {
            "lines": [{"listing": world.gas.pk, "quantity": 1, "kind": "EXCHANGE", "empties": 1}],
            "payments": [
                {"method": "CASH", "amount": "5000"},
                {"method": "BANK", "amount": "15000", "reference": "BK 7"},
            ],
            "buyer_phone": str(world.buyer.phone),
            "on_account": False,
        }
    ),
    "GET sales/": Row(query=lambda world: PAGE | {"q": "RCT", "day": "2026-07-31"}),
    "GET sales/{number}/": Row(path=number("sale")),
    # --- Purchases ---
    "GET suppliers/": Row(query=lambda world: PAGE),
    "POST suppliers/": Row(
        body=lambda world: {
            "name": "K-Gas Depot",
            "contact": "Jean",
            "phone": "0788 412 906",
            "email": "orders@example.com",
            "address": "KN 5 Rd",
            "note": "Tuesdays",
        }
    ),
    "GET suppliers/{pk}/": Row(path=pk("depot")),
    "PATCH suppliers/{pk}/": Row(
        path=pk("depot"),
        body=lambda world: {"name": "SP Depot East", "phone": "", "email": "east@example.com"},
    ),
    "DELETE suppliers/{pk}/": Row(path=pk("depot")),
    "GET purchase-orders/": Row(
        query=lambda world: PAGE | {"status": "SUBMITTED", "supplier": str(world.depot.pk)}
    ),
    "POST purchase-orders/": Row(
        body=lambda world: {
            "supplier": world.depot.pk,
            "lines": [
                {
                    "sku": world.gas.variant.sku,
                    "quantity": 10,
                    "unit_cost": "14000",
                    "kind": "NEW",
                    "unit_shell_cost": "25000",
                    "empties": 0,
                }
            ],
            "expected_on": "2099-12-31",
            "note": "By the back gate",
        }
    ),
    "GET purchase-orders/{number}/": Row(path=number("sent")),
    "PATCH purchase-orders/{number}/": Row(
        path=number("sent"), body=lambda world: {"status": "RECEIVED", "reason": ""}
    ),
    "POST purchase-orders/{number}/receive/": Row(path=number("sent"), body=came),
}
