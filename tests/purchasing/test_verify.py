"""Whatever of a purchase is tampered with, the books name it."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from gasstock.inventory.models import Condition, LocationKind, Reason
from gasstock.inventory.services.ledger import Line, post
from gasstock.inventory.services.locations import location_of
from gasstock.purchasing.models import ReceiptLine
from tests.purchasing.acts import books, came, ordered, receive, want

pytestmark = pytest.mark.django_db


@pytest.fixture
def receipt(depot, gas, hose):
    order = ordered(depot, want(gas, 10), want(hose, 2))
    return receive(order, came(order, 4, rejected=1, reason="Leaks", empties_out=3))


def test_a_delivery_leaves_clean_books(receipt):
    assert books() == []
    call_command("verify_ledger", stdout=StringIO())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("purchaseline SET received = 9", "received 9, its receipts say"),
        ("purchaseline SET rejected = 9", "rejected 9, its receipts say"),
        ("purchaseline SET empties_sent = 9", "empties_sent 9, its receipts say"),
        ("purchaseorder SET status = 'received'", "received, but a line is short"),
        ("purchaseorder SET status = 'submitted'", "submitted, but has receipts"),
        ("purchaseline SET quantity = 1, received = 4", "part received, but every line is full"),
    ],
)
def test_what_was_tampered_with_is_named(receipt, change, says):
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE purchasing_{change}")

    assert any(says in line for line in books()), books()


@pytest.mark.parametrize(("kind", "count"), [("GRN", 2), ("PO", 3)])
def test_a_gap_in_the_numbers_is_named(receipt, kind, count):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE billing_numberseries SET last = %s WHERE kind = %s", [count, kind])

    assert any(f"{count} numbers given, 1 documents" in line for line in books())


def test_goods_written_down_but_not_taken_in_are_named(receipt, hose):
    line = receipt.order.lines.get(variant=hose.variant)
    ReceiptLine.objects.create(receipt=receipt, line=line, accepted=2, unit_cost=1)

    assert any(f"full (receipt) 2, moved for {receipt}: 0" in line for line in books())


def test_goods_taken_in_but_not_written_down_are_named(receipt, gas):
    outside = location_of(LocationKind.SUPPLIER, station=gas.station)
    home = location_of(LocationKind.STATION, station=gas.station)
    line = Line(gas.variant, Condition.FULL, 5, outside, home)
    post(None, station=gas.station, lines=[line], reason=Reason.RECEIPT, document="NOTHING")

    assert any("full (receipt) 0, moved for NOTHING: 5" in line for line in books())
    with pytest.raises(CommandError):
        call_command("verify_ledger", stdout=StringIO())
