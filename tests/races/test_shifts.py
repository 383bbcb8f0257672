"""Drawers, when people press at the same moment. PostgreSQL only."""

from functools import partial

import pytest
from django.db import transaction

from gasstock.accounts.permissions import Role
from gasstock.billing.models import (
    DrawerEntry,
    InvoiceStatus,
    LineKind,
    Method,
    NumberSeries,
    Payment,
    Shift,
)
from gasstock.billing.services.invoices import Bill, Bills, Party, draft_invoice
from gasstock.billing.services.payments import Tender, record_payment, reverse_payment
from gasstock.billing.services.receipts import issue_receipt
from gasstock.billing.services.shifts import (
    accept_shift,
    count_shift,
    drop,
    expected,
    lock_shift_of,
    open_shift,
)
from gasstock.billing.services.verify import differences
from tests.factories import make_member, make_station
from tests.races.conftest import at_once

pytestmark = pytest.mark.postgres

WALK_IN = Party(None, "Walk-in buyer")
REFILL = Bill(LineKind.GOODS, "SP 12 kg, refill", 20_000)


@pytest.fixture(autouse=True)
def _everything_adds_up(_on_postgresql):
    yield
    assert list(differences()) == []


@pytest.fixture
def station():
    return make_station()


@pytest.fixture
def clerk(station):
    return make_member(None, station, Role.CLERK)


@pytest.fixture
def shift(clerk, station):
    return open_shift(clerk, station=station, float_amount=50_000)


def test_one_of_many_openings_opens(clerk, station):
    ends = at_once([partial(open_shift, clerk, station=station, float_amount=5_000)] * 10)

    assert ends == {"done": 1, "ShiftAlreadyOpen": 9}
    assert (Shift.objects.count(), DrawerEntry.objects.count()) == (1, 1)


@transaction.atomic
def sell_one(clerk, station):
    """What a counter sale does with the money."""
    shift = lock_shift_of(clerk, station)
    if shift is not None:
        issue_receipt(
            clerk,
            station=station,
            party=WALK_IN,
            reference="SALE",
            bills=Bills({REFILL: 1}),
            shift=shift,
            tenders=[Tender(Method.CASH, 20_000)],
        )


@pytest.mark.parametrize("round_", range(8))
def test_nothing_enters_after_the_count(round_, clerk, station, shift):
    invoice = draft_invoice(
        clerk, station=station, party=WALK_IN, reference="ORDER", bills=Bills({REFILL: 1})
    )
    pay = partial(record_payment, clerk, invoice=invoice, method=Method.CASH, amount=100)
    count = partial(count_shift, clerk, shift=shift, notes={5_000: 10}, wallets={})
    sales = [partial(sell_one, clerk, station)] * 6
    payments = [partial(pay, key=f"key-{n}") for n in range(6)]

    ends = at_once([*sales[:3], *payments[:3], count, *sales[3:], *payments[3:]])

    assert ends == {"done": 13}
    shift.refresh_from_db()
    assert not shift.entries.filter(created_at__gt=shift.counted_at).exists()


def test_the_safe_takes_no_more_than_there_is(clerk, shift):
    ends = at_once([partial(drop, clerk, shift=shift, amount=20_000, note="Safe")] * 8)

    assert ends == {"done": 2, "NotInDrawer": 6}
    assert expected(shift) == {Method.CASH: 10_000}


def test_many_counts_are_one_count(clerk, shift):
    ends = at_once(
        partial(count_shift, clerk, shift=shift, notes={5_000: n}, wallets={}) for n in range(8)
    )

    assert ends == {"done": 1, "WrongShiftStatus": 7}
    assert shift.counts.filter(denomination=5_000).count() == 1


def test_two_who_accept_give_one_number_without_a_gap(clerk, station, shift):
    managers = [make_member(None, station) for _ in range(6)]
    count_shift(clerk, shift=shift, notes={5_000: 10}, wallets={})

    ends = at_once(partial(accept_shift, manager, shift=shift) for manager in managers)

    assert ends == {"done": 1, "WrongShiftStatus": 5}
    assert NumberSeries.objects.get(kind="Z").last == 1


def test_drawers_accepted_at_once_have_numbers_in_a_row(station):
    manager = make_member(None, station)
    shifts = []
    for _ in range(6):
        clerk = make_member(None, station, Role.CLERK)
        shift = open_shift(clerk, station=station, float_amount=0)
        shifts.append(count_shift(clerk, shift=shift, notes={}, wallets={}))

    ends = at_once(partial(accept_shift, manager, shift=shift) for shift in shifts)

    assert ends == {"done": 6}
    numbers = sorted(int(shift.number[-5:]) for shift in Shift.objects.all())
    assert numbers == list(range(1, 7))


def test_one_payment_is_reversed_once(clerk, station, shift):
    sell_one(clerk, station)
    payment = Payment.objects.select_related("invoice").get()

    ends = at_once([partial(reverse_payment, clerk, payment=payment, reason="Typed twice")] * 8)

    assert ends == {"done": 1, "PaymentReversed": 7}
    assert expected(shift) == {Method.CASH: 50_000}
    payment.invoice.refresh_from_db()
    assert (payment.invoice.status, payment.invoice.paid) == (InvoiceStatus.APPROVED, 0)
