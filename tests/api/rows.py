from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.doors import World


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
