import pytest

from gasstock.core.models import AppendOnlyError
from gasstock.inventory.models import Move, Reason
from gasstock.inventory.services.verify import differences as stock_differences
from gasstock.notifications.models import Notification
from gasstock.purchasing.errors import (
    NoReasonToReject,
    NothingReceived,
    NotOnOrder,
    OverReceipt,
    ReceiptKeyReused,
    TooFewEmpties,
    WrongPurchaseStatus,
)
from gasstock.purchasing.models import PurchaseStatus, Receipt
from gasstock.purchasing.services.orders import cancel_order, close_short
from tests.factories import make_order
from tests.purchasing.acts import books, came, drafted, held, ordered, receive, want

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(depot, gas, hose, manager):
    """Ten refills for eight empties, and five hoses."""
    return ordered(depot, want(gas, 10, 14_000, empties=8), want(hose, 5, 2_000), actor=manager)


@pytest.fixture(autouse=True)
def _the_books_are_clean_after_each_test(db):
    yield
    assert books() == []
    assert list(stock_differences()) == []


def test_what_is_accepted_comes_in_and_empties_go_out(order, gas, hose, clerk):
    receipt = receive(
        order,
        came(order, 10, empties_out=8),
        came(order, 5, place=1),
        actor=clerk,
        delivery_note="DN-77",
    )

    assert (held(gas), held(gas, condition="empty"), held(hose)) == (12, 0, 8)
    assert (held(gas, "supplier", "full"), held(gas, "supplier", "empty")) == (-12, 0)
    moves = Move.objects.filter(document=receipt.number).order_by("pk")
    assert [(move.reason, move.quantity, move.actor) for move in moves] == [
        (Reason.RECEIPT, 10, clerk),
        (Reason.RECEIPT, 5, clerk),
        (Reason.TO_SUPPLIER, 8, clerk),
    ]
    assert order.status == PurchaseStatus.RECEIVED
    assert order.ended_at
    assert (receipt.delivery_note, receipt.received_by) == ("DN-77", clerk)


def test_an_order_comes_in_parts_and_is_received_by_lines_and_not_by_totals(order, gas):
    receive(order, came(order, 10), key="a")
    assert order.status == PurchaseStatus.PART_RECEIVED

    # fifteen of fifteen came in all, but two hoses are missing
    receive(order, came(order, 2), came(order, 3, place=1), key="b", confirm_over=True)
    assert order.status == PurchaseStatus.PART_RECEIVED

    receive(order, came(order, 2, place=1), key="c")
    assert order.status == PurchaseStatus.RECEIVED
    assert [line.received for line in order.lines.order_by("pk")] == [12, 5]
    assert held(gas) == 14


def test_receipts_are_numbered_without_gaps(order):
    numbers = []
    for key in "abc":
        numbers.append(receive(order, came(order, 2), key=key).number)
        with pytest.raises(OverReceipt):
            receive(order, came(order, 20), key="refused")

    year = order.submitted_at.year
    assert numbers == [f"KGP-GRN-{year}-{n:05d}" for n in (1, 2, 3)]


def test_what_is_rejected_says_why_and_comes_not_in(order, gas):
    with pytest.raises(NoReasonToReject):
        receive(order, came(order, 7, rejected=3))

    receive(order, came(order, 7, rejected=3, reason="Leaking valves"))

    line = order.lines.order_by("pk")[0]
    assert (line.received, line.rejected, held(gas)) == (7, 3, 9)
    assert order.status == PurchaseStatus.PART_RECEIVED


def test_more_than_was_ordered_is_refused_until_it_is_confirmed(order, gas, hose):
    receive(order, came(order, 8), key="a")

    with pytest.raises(OverReceipt) as refused:
        receive(order, came(order, 3), came(order, 6, place=1), key="b")
    assert refused.value.over == {"SP 12 kg, refill": 1, "Hose 1.5 m": 1}
    assert (held(gas), Receipt.objects.count()) == (10, 1)

    receive(order, came(order, 3), came(order, 6, place=1), key="b", confirm_over=True)
    assert (held(gas), held(hose)) == (13, 9)
    assert order.status == PurchaseStatus.RECEIVED


def test_empties_alone_may_leave_for_a_line_that_is_full(order, gas):
    receive(order, came(order, 10), key="a")

    receive(order, came(order, empties_out=8), key="b")

    assert held(gas, condition="empty") == 0


def test_only_empties_that_are_there_leave(order, gas):
    with pytest.raises(TooFewEmpties, match="Only 8 empties of SP 12 kg") as refused:
        receive(order, came(order, 10, empties_out=9))

    assert refused.value.line == order.lines.order_by("pk")[0].pk
    assert (held(gas), held(gas, condition="empty"), Receipt.objects.count()) == (2, 8, 0)


def test_empties_of_two_lines_are_counted_together(depot, gas):
    order = ordered(depot, want(gas, 10), want(gas, 5, kind="new"))

    with pytest.raises(TooFewEmpties):
        receive(order, came(order, 5, empties_out=5), came(order, 5, place=1, empties_out=4))


def test_the_same_key_is_the_same_receipt(order, gas):
    first = receive(order, came(order, 4, empties_out=2))

    assert receive(order, came(order, 4, empties_out=2)) == first
    assert (held(gas), Receipt.objects.count()) == (6, 1)


def test_the_same_key_is_the_same_receipt_even_when_the_order_is_full(order):
    lines = [came(order, 10), came(order, 5, place=1)]

    assert receive(order, *lines) == receive(order, *lines)


def test_the_same_key_with_other_figures_is_refused(order, depot, gas):
    receive(order, came(order, 4))
    other = ordered(depot, want(gas))

    for again in (order, other):
        with pytest.raises(ReceiptKeyReused):
            receive(again, came(again, 5))


def test_nothing_is_no_receipt(order):
    with pytest.raises(NothingReceived):
        receive(order, came(order, 0), came(order, 0, place=1))


def test_what_is_on_another_order_is_not_on_this_one(order, depot, gas):
    other = ordered(depot, want(gas))

    with pytest.raises(NotOnOrder):
        receive(order, came(other, 1))


def test_only_what_was_sent_and_is_still_to_come_is_received(depot, gas):
    draft = drafted(depot, want(gas))
    cancelled = cancel_order(None, order=ordered(depot, want(gas)), reason="No")
    full, short = ordered(depot, want(gas, 1)), ordered(depot, want(gas, 2))
    receive(full, came(full, 1), key="a")
    receive(short, came(short, 1), key="b")
    close_short(None, order=short, reason="No gas")

    for order in (draft, cancelled, full, short):
        with pytest.raises(WrongPurchaseStatus):
            receive(order, came(order, 1), key="c", confirm_over=True)


def test_the_cost_goes_into_the_average_before_the_stock_comes_in(order, depot, gas, hose):
    receive(order, came(order, 10), came(order, 5, place=1))  # average unknown: it is the cost
    dearer = ordered(depot, want(gas, 4, 15_000))
    receive(dearer, came(dearer, 4), key="b")

    gas.refresh_from_db()
    hose.refresh_from_db()
    assert gas.average_cost == 14_250  # (12 · 14,000 + 4 · 15,000) / 16
    assert hose.average_cost == 2_000


def test_refills_and_new_ones_of_a_delivery_are_one_lot_without_their_shells(depot, gas):
    gas.average_cost = 14_000
    gas.save(update_fields=["average_cost"])
    order = ordered(
        depot, want(gas, 6, 15_000), want(gas, 2, 17_000, "new", unit_shell_cost=30_000)
    )

    receive(order, came(order, 6), came(order, 2, place=1))

    gas.refresh_from_db()
    assert gas.average_cost == 15_200  # (2 · 14,000 + 6 · 15,000 + 2 · 17,000) / 10


def test_what_was_rejected_costs_nothing(order, gas):
    receive(order, came(order, rejected=10, reason="Rusty"))

    gas.refresh_from_db()
    assert gas.average_cost is None


def test_what_is_promised_to_orders_stays_promised(order, gas):
    make_order({gas: 2})

    receive(order, came(order, 10, empties_out=8))

    gas.full.refresh_from_db()
    assert (gas.full.on_hand, gas.full.reserved) == (12, 2)


def test_whoever_sent_the_order_hears_of_it_unless_they_took_it_in(order, manager, clerk):
    receive(order, came(order, 1), actor=manager, key="a")
    assert not Notification.objects.filter(user=manager).exists()

    receive(order, came(order, 1), actor=clerk, key="b")

    notice = Notification.objects.get(user=manager)
    assert notice.text == f"SP Depot delivered on {order.number}: part received."
    assert notice.url == order.get_absolute_url()


def test_receipts_are_never_changed(order):
    receipt = receive(order, came(order, 1))

    with pytest.raises(AppendOnlyError):
        receipt.lines.all().delete()
