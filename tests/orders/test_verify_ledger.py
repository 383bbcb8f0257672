"""Whatever in the books is tampered with, the command names the row and fails."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from gasstock.billing.models import Method
from gasstock.orders.models import Fulfilment, Order
from gasstock.orders.services.handover import Handed, deliver_order
from gasstock.orders.services.life import approve_order
from gasstock.orders.services.money import submit_bill, take_payment
from gasstock.orders.services.ratings import rate_order
from tests.factories import make_order


def verify() -> str:
    said = StringIO()
    try:
        call_command("verify_ledger", stdout=said)
    except CommandError as error:
        return f"{said.getvalue()}{error}"
    return said.getvalue()


def tamper(statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        assert cursor.rowcount == 1


@pytest.fixture
def held(gas, buyer) -> Order:
    return make_order({gas: 2}, buyer=buyer)


@pytest.fixture
def done(gas, buyer, clerk) -> Order:
    """Two refills taken away for one empty, billed, paid and rated."""
    order = make_order({gas: 2}, buyer=buyer, fulfilment=Fulfilment.PICKUP)
    approve_order(clerk, order=order)
    handed = {order.lines.get().pk: Handed(2, 1)}
    deliver_order(clerk, order=order, handed=handed, code=order.code)
    submit_bill(clerk, order=order)
    take_payment(clerk, invoice=order.invoice, method=Method.CASH, amount=1_000, key="a")
    rate_order(buyer, order=order, stars=4)
    return order


def test_clean_books_are_counted(held, done):
    assert verify() == "3 moves, 5 balances: clean\n"


def test_empty_books_are_clean(db):
    assert verify() == "0 moves, 0 balances: clean\n"


def test_a_changed_balance_is_named(gas, held):
    tamper("UPDATE inventory_balance SET on_hand = on_hand + 1 WHERE id = %s", gas.full_id)

    assert f"balance {gas.full_id} " in verify()
    assert "on hand 11, the moves say 10" in verify()
    assert "1 differences in " in verify()


def test_a_changed_balance_ends_the_command_with_an_error(gas):
    tamper("UPDATE inventory_balance SET on_hand = on_hand + 1 WHERE id = %s", gas.full_id)

    with pytest.raises(CommandError) as error:
        call_command("verify_ledger", stdout=StringIO())

    assert error.value.returncode == 1


def test_a_hold_without_its_order_is_named(gas, held):
    tamper("UPDATE orders_order SET status = 'cancelled' WHERE id = %s", held.pk)

    assert f"order {held}: wants 0 held of balance {gas.full_id}, 2 are held" in verify()


def test_an_open_order_without_its_hold_is_named(gas, held):
    tamper("DELETE FROM inventory_reservation WHERE document = %s", held.number)

    assert f"order {held}: wants 2 held of balance {gas.full_id}, 0 are held" in verify()
    assert "reserved 2, held 0" in verify()


def test_a_line_that_says_other_than_what_was_moved_is_named(done):
    tamper("UPDATE orders_orderline SET empties = 2 WHERE order_id = %s", done.pk)

    assert f"order {done} (delivered): 2 empty" in verify()


def test_a_delivery_of_an_order_that_is_not_delivered_is_named(done):
    tamper("UPDATE orders_order SET status = 'cancelled' WHERE id = %s", done.pk)

    assert f"order {done} (cancelled): 2 full" in verify()


def test_moves_of_no_order_are_named(done):
    tamper("UPDATE orders_order SET number = 'KGP-GONE' WHERE id = %s", done.pk)

    assert f"moved for {done}" in verify()


@pytest.mark.parametrize(
    ("column", "says"),
    [
        ("total", "total 1, its lines say 72000"),
        ("paid", "paid 1, its payments say 1000"),
        ("credited", "credited 1, its credit notes say 0"),
    ],
)
def test_a_changed_sum_of_an_invoice_is_named(done, column, says):
    done.invoice.refresh_from_db()
    tamper(f"UPDATE billing_invoice SET {column} = 1 WHERE id = %s", done.invoice_id)  # noqa: S608

    assert f"invoice {done.invoice_id} ({done.invoice.number}): {says}" in verify()


def test_a_gap_in_the_numbers_of_a_station_is_named(done):
    tamper("UPDATE billing_numberseries SET last = 2")

    assert "2 numbers given, 1 documents" in verify()


def test_stars_that_nobody_gave_are_named(done):
    tamper(
        "UPDATE accounts_station SET rating_sum = 9, rating_count = 2 WHERE id = %s",
        done.station_id,
    )

    assert "9 stars of 2 ratings, its ratings say 4 of 1" in verify()
