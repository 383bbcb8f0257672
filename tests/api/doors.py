"""Every operation of the API, by who may call it. A new one needs a row here.

`rows()` is read from the API itself, `ROWS` is written by hand: what a call is, for the world of
tests/doors.py. Strangers are people of another station, or of none.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gasstock.accounts.permissions import Permission
from gasstock.api.main import api
from tests.api.desk import DESK_ROWS
from tests.api.rows import Row
from tests.api.station_rows import STATION_ROWS
from tests.doors import World
from tests.factories import make_order
from tests.orders.acts import delivered

Access = Permission | str
WITHOUT_STATION = ("public", "signed in", "admin", "admins act")


@dataclass(frozen=True)
class Operation:
    """What the API says of itself: `access` is what the operation wears."""

    name: str  # "GET gas/{pk}/"
    access: Access
    asks_for_token: bool
    operation_id: str


def operations() -> Iterator[Operation]:
    for router in api._get_bound_routers():
        for path, view in router.path_operations.items():
            for operation in view.operations:
                for method in operation.methods:
                    yield Operation(
                        f"{method} {path}".replace("{int:", "{").replace("{slug:", "{"),
                        getattr(operation.view_func, "access", ""),
                        bool(operation.auth_callbacks),
                        operation.operation_id or "",
                    )


def _came(world: World) -> str:
    """The number of an order of the buyer's that was delivered and not rated yet."""
    return delivered(make_order(world.gas, buyer=world.buyer), world.manager).number


SERVED = {"clerk": 200, "manager": 200, "admin": 200, "rider": 403}
SEEN = dict.fromkeys(SERVED, 403)
CARRIED = SERVED | {"rider": 200}
PROMISE = {"status": "pending", "defaults": {"method": "cash", "amount": 1, "key": "p"}}
PLACE = {"label": "Home", "district": "Gasabo", "line": "KG 7"}
ROWS: dict[str, Row] = {
    "POST register/": Row(
        body=lambda world: {
            "email": "new.buyer@example.com",
            "password": "seven blue cylinders",
            "name": "New Buyer",
            "phone": "0788 412 906",
            "role": "SELLER",
            "station": {
                "name": "New Gas",
                "district": "Gasabo",
                "address": "KG 1",
                "phone": "0788 412 906",
            },
        }
    ),
    "POST login/": Row(
        body=lambda world: {"email": world.buyer.email, "password": "correct-horse-7"}
    ),
    "POST token/refresh/": Row(body=lambda world: {"refresh": world.refresh_token}),  # type: ignore[attr-defined]
    "POST logout/": Row(),
    "GET me/": Row(),
    "PATCH me/": Row(
        body=lambda world: {
            "name": "Another Name",
            "phone": "0788 412 906",
            "language": "en",
            "addresses": [PLACE],
        }
    ),
    "POST me/password/": Row(
        body=lambda world: {
            "current_password": "correct-horse-7",
            "new_password": "seven blue cylinders",
        }
    ),
    "GET gas/": Row(
        query=lambda world: {
            "q": "sp",
            "brand": world.gas.variant.product.brand.slug,
            "weight": "12kg",
            "location": "Gasabo",
            "station": world.station.slug,
            "category": "cylinder",
            "min_price": "1",
            "max_price": "999999",
            "in_stock": "true",
            "ordering": "-price",
            "cursor": "x",
            "limit": "5",
        }
    ),
    "GET gas/{pk}/": Row(path=lambda world: {"pk": world.gas.pk}),
    "GET filters/": Row(),
    "POST orders/": Row(
        body=lambda world: {
            "lines": [{"listing": world.gas.pk, "quantity": 1, "kind": "EXCHANGE"}],
            "fulfilment": "DELIVERY",
            "address": {"district": "Gasabo", "line": "KG 7 Ave 12"},
            "contact_phone": "0788 412 906",
            "note": "Ring twice",
            "payment_method": "CASH",
        }
    ),
    "GET orders/": Row(query=lambda world: {"status": "PLACED", "cursor": "x", "limit": "5"}),
    "GET orders/{number}/": Row(
        path=lambda world: {"number": world.placed.number},
        people=SERVED | {"buyer": 200},
        is_of_the_caller=False,
    ),
    "POST orders/{number}/cancel/": Row(
        path=lambda world: {"number": world.placed.number},
        body=lambda world: {"reason": "Found some nearer"},
        people=SERVED | {"buyer": 200},
        is_of_the_caller=False,
    ),
    "POST orders/{number}/payments/": Row(
        path=lambda world: {"number": world.placed.number},
        body=lambda world: {"method": "BANK", "phone": "0788 412 906"},
        people=SEEN | {"buyer": 202},
        is_of_the_caller=False,
    ),
    "GET payments/{pk}/": Row(
        path=lambda world: {"pk": world.invoice.payments.get_or_create(**PROMISE)[0].pk},
        people=SERVED | {"buyer": 200},
        is_of_the_caller=False,
    ),
    "POST feedback/": Row(
        body=lambda world: {"order": _came(world), "rating": 5, "comment": "Fast"},
        people=SEEN | {"buyer": 201},
        is_of_the_caller=False,
    ),
    "GET ratings/": Row(
        query=lambda world: {"station": world.station.slug, "cursor": "x", "limit": "5"}
    ),
    "GET notifications/": Row(query=lambda world: {"unread": "true", "cursor": "x", "limit": "5"}),
    "POST notifications/{pk}/read/": Row(
        path=lambda world: {"pk": world.buyer.notifications.latest("pk").pk},
        people={"buyer": 200},
        is_of_the_caller=False,
    ),
    "DELETE notifications/{pk}/": Row(
        path=lambda world: {"pk": world.buyer.notifications.latest("pk").pk},
        people={"buyer": 204},
        is_of_the_caller=False,
    ),
    "GET deliveries/": Row(
        query=lambda world: {"status": "ASSIGNED", "waiting": "true", "cursor": "x", "limit": "5"}
    ),
    "GET deliveries/{pk}/": Row(
        path=lambda world: {"pk": world.assigned.pk}, people=CARRIED, is_of_the_caller=False
    ),
    "POST deliveries/{pk}/depart/": Row(
        path=lambda world: {"pk": world.assigned.pk}, people=CARRIED, is_of_the_caller=False
    ),
    "POST deliveries/{pk}/deliver/": Row(
        path=lambda world: {"pk": world.riding.deliveries.get().pk},
        body=lambda world: {
            "code": world.riding.code,
            "lines": [{"id": world.riding.lines.get().pk, "delivered": 1, "empties": 1}],
            "cash": "21000",
            "override_reason": "",
        },
        people=CARRIED,
        is_of_the_caller=False,
    ),
    "POST deliveries/{pk}/fail/": Row(
        path=lambda world: {"pk": world.riding.deliveries.get().pk},
        body=lambda world: {"reason": "ABSENT", "note": "Gate shut", "goes_back": True},
        people=CARRIED,
        is_of_the_caller=False,
    ),
}
ROWS |= STATION_ROWS
ROWS |= DESK_ROWS
