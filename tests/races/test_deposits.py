"""Deposits given back at the same moment. PostgreSQL only."""

from functools import partial

import pytest
from django.db import transaction

from gasstock.inventory.models import DepositEntry
from gasstock.inventory.services import deposits
from tests.factories import make_station, make_user, make_variant
from tests.races.conftest import at_once

pytestmark = pytest.mark.postgres


def give_back(**values):
    with transaction.atomic():
        deposits.give_back(quantity=1, **values)


@pytest.mark.parametrize("round_", range(3))
def test_a_deposit_is_paid_back_once(round_):
    station, buyer, shell = make_station(), make_user(), make_variant()
    at = {"station": station, "buyer": buyer, "variant": shell}
    deposits.hold(**at, quantity=2, unit_amount=30_000, document="KGP-1")

    ends = at_once(partial(give_back, **at, document=f"KGP-{n}") for n in range(2, 14))

    assert ends == {"done": 2, "NotHeld": 10}
    assert deposits.held_by(buyer) == []


def test_a_sale_is_undone_or_its_shell_given_back_but_not_both():
    station, buyer, shell = make_station(), make_user(), make_variant()
    at = {"station": station, "buyer": buyer, "variant": shell}
    deposits.hold(**at, quantity=1, unit_amount=30_000, document="KGP-1")

    ends = at_once(
        [
            *[partial(give_back, **at, document=f"B-{n}") for n in range(4)],
            *[partial(deposits.undo, document="KGP-1") for _ in range(4)],
        ]
    )

    assert sum(DepositEntry.objects.values_list("quantity", flat=True)) == 0
    assert ends["NotHeld"] in (4, 7)
    assert set(ends) == {"done", "NotHeld"}
