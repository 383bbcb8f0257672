"""Every operation of the API, by who may call it. A new one needs a row here.

`rows()` is read from the API itself, `ROWS` is written by hand: what a call is, for the world of
tests/doors.py. Strangers are people of another station, or of none.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from gasstock.accounts.permissions import Permission
from gasstock.api.main import api
from tests.doors import World

Access = Permission | str


@dataclass(frozen=True)
class Operation:
    """What the API says of itself: `access` is what the operation wears."""

    name: str  # "GET gas/{pk}/"
    access: Access
    asks_for_token: bool
    operation_id: str


@dataclass(frozen=True)
class Row:
    """A call: arguments of its path, its query and a good body; each from the world.

    `people` says who of a `signed in` operation gets in where that depends on the thing, such
    as the buyer and the station of an order: name → status. The others get 404.
    """

    path: Callable[[World], dict[str, Any]] = lambda world: {}
    query: Callable[[World], dict[str, Any]] = lambda world: {}
    body: Callable[[World], Any] = lambda world: None
    people: dict[str, int] = field(default_factory=dict)
    is_of_the_caller: bool = True  # `signed in` and everybody gets in: it shows what is theirs


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
}
