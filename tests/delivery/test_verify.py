"""The command names what somebody tampered with on the last mile."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from gasstock.delivery.models import CollectedCash
from gasstock.delivery.services.verify import differences
from tests.delivery.acts import come_home, handed_over, out

WHY = {"answers": "Eric Mugisha", "reason": "Fell off at the bridge"}


class TestVerifying:
    """The command names what somebody tampered with; here the books are not clean afterwards."""

    @pytest.fixture(autouse=True)
    def _books_are_clean(self, db):
        """Nothing to prove."""

    @pytest.fixture
    def homecoming(self, manager, clerk, rider, gas, shift):
        handed_over(manager, rider, {gas: 2}, cash=41_000)
        found = {(gas, "empty"): 1}
        return come_home(clerk, rider, gas.station, found, cash=40_000, **WHY)

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            ("delivery SET status = 'on_the_way'", "on_the_way, the order is delivered"),
            ("delivery SET status = 'assigned'", "assigned, the order is delivered"),
            ("homecomingline SET counted = 2", "+2 empty of variant"),
            ("homecoming SET cash_expected = 1", "cash 1 expected, the payments say 41000"),
            ("homecoming SET posted_at = NULL", "the payments say 41000"),
            ("homecoming SET entry_id = NULL", "cash 40000 counted, the drawer says 0"),
            ("homecoming SET cash_counted = 41000, answers = ''", "nobody answers for it"),
        ],
    )
    def test_what_was_tampered_with_is_named(self, homecoming, change, says):
        assert list(differences()) == []
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE delivery_{change}")

        assert any(says in line for line in differences()), list(differences())
        with pytest.raises(CommandError):
            call_command("verify_ledger", stdout=StringIO())

    def test_an_order_on_the_way_without_its_delivery_is_named(self, manager, rider, gas):
        delivery = out(manager, rider, gas)
        delivery.delete()

        assert list(differences()) == [
            f"order {delivery.order}: on the way, with 0 deliveries that are out"
        ]

    def test_a_delivery_with_another_rider_than_its_order_is_named(
        self, manager, rider, other, gas
    ):
        delivery = out(manager, rider, gas)
        type(delivery).objects.update(rider=other)

        assert "with another rider or station" in " ".join(differences())

    def test_cash_of_a_door_that_no_rider_has_is_named(self, homecoming):
        CollectedCash.objects.all().delete()

        assert "was taken at a door, but no rider has it" in " ".join(differences())

    def test_collected_cash_that_is_no_cash_is_named(self, homecoming):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE billing_payment SET method = 'bank', reference = 'x'")

        assert "is not what was paid at the door" in " ".join(differences())
