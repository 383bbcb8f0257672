"""The people and the counter of the tests of orders serve here too."""

from tests.orders.conftest import (  # noqa: F401
    admin,
    at,
    buyer,
    clerk,
    gas,
    hose,
    manager,
    refill,
    rider,
    ring_up,
    shift,
    station,
)
