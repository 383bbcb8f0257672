import pytest

from gasstock.audit.models import AuditEvent
from gasstock.billing import errors
from gasstock.billing.models import DrawerEntry, InvoiceStatus, Method, NumberSeries, Shift
from gasstock.billing.services.payments import record_payment, reverse_payment
from gasstock.billing.services.shifts import (
    accept_shift,
    count_shift,
    counted,
    differences_of,
    drop,
    expected,
    explain_difference,
    open_shift,
    pay_in,
    pay_out,
    shift_of,
)
from gasstock.billing.services.verify import differences
from gasstock.core import clock
from gasstock.core.money import notes_of
from tests.factories import make_member, make_station, make_user

pytestmark = pytest.mark.django_db

CASH, BANK = Method.CASH, Method.BANK


@pytest.fixture(autouse=True)
def _everything_adds_up(db):
    yield
    assert list(differences()) == []


@pytest.fixture
def shift(clerk, station):
    return open_shift(clerk, station=station, float_amount=50_000)


@pytest.fixture
def counted_shift(shift, clerk):
    """With 2,000 missing."""
    return count_shift(clerk, shift=shift, notes={5_000: 9, 1_000: 3}, wallets={})


@pytest.fixture
def pay(make_invoice, clerk):
    def pay(amount=10_000, method=CASH, actor=clerk, **values):
        invoice = make_invoice(to=InvoiceStatus.APPROVED)
        key = f"pay-{invoice.pk}"
        return record_payment(
            actor, invoice=invoice, method=method, amount=amount, key=key, **values
        )

    return pay


def test_a_drawer_opens_with_its_float(shift, clerk, station):
    assert shift_of(clerk, station) == shift
    assert expected(shift) == {CASH: 50_000}
    assert AuditEvent.objects.filter(action="shift.opened", data__float=50_000).exists()


def test_a_cashier_has_one_open_drawer_at_a_station(shift, clerk, station):
    with pytest.raises(errors.ShiftAlreadyOpen) as refused:
        open_shift(clerk, station=station, float_amount=0)

    assert refused.value.shift == shift
    assert DrawerEntry.objects.count() == 1


def test_every_cashier_and_every_station_has_drawers_of_their_own(shift, clerk, manager, station):
    other = make_station("other")
    make_member(clerk, other)

    open_shift(manager, station=station, float_amount=0)
    open_shift(clerk, station=other, float_amount=0)

    assert Shift.objects.open().count() == 3


def test_money_goes_in_and_out_with_a_note(shift, clerk):
    pay_in(clerk, shift=shift, amount=5_000, note="Change from the bank")
    pay_out(clerk, shift=shift, amount=3_000, note="Water")
    drop(clerk, shift=shift, amount=40_000, note="To the safe")

    assert expected(shift) == {CASH: 12_000}
    assert list(shift.entries.order_by("pk").values_list("kind", "amount")) == [
        ("float", 50_000),
        ("pay_in", 5_000),
        ("pay_out", -3_000),
        ("drop", -40_000),
    ]


@pytest.mark.parametrize("act", [pay_in, pay_out, drop])
@pytest.mark.parametrize(
    ("amount", "note", "error"),
    [
        (0, "Water", errors.AmountMissing),
        (-1, "Water", errors.AmountMissing),
        (1, " ", errors.NoteMissing),
    ],
)
def test_money_without_amount_or_note_is_refused(shift, clerk, act, amount, note, error):
    with pytest.raises(error):
        act(clerk, shift=shift, amount=amount, note=note)

    assert shift.entries.count() == 1


@pytest.mark.parametrize("act", [pay_out, drop])
def test_no_more_is_taken_than_there_is(shift, clerk, act):
    with pytest.raises(errors.NotInDrawer) as refused:
        act(clerk, shift=shift, amount=50_001, note="Too much")

    assert not any(letter.isdigit() for letter in str(refused.value))  # the count stays blind
    act(clerk, shift=shift, amount=50_000, note="All of it")
    assert expected(shift) == {CASH: 0}


def test_the_count_ends_the_selling(counted_shift, clerk, station, pay):
    assert counted_shift.status == "counted"
    assert counted_shift.counted_by == clerk
    assert shift_of(clerk, station) is None
    with pytest.raises(errors.WrongShiftStatus):
        pay(shift=counted_shift)
    with pytest.raises(errors.WrongShiftStatus):
        count_shift(clerk, shift=counted_shift, notes={}, wallets={})
    assert pay().entries.count() == 0


def test_the_count_is_kept_note_by_note_and_wallet_by_wallet(shift, clerk, pay):
    pay(7_000, BANK, reference="FT1")

    count_shift(clerk, shift=shift, notes={5_000: 9, 1_000: 3}, wallets={BANK: 7_000})

    assert counted(shift) == {CASH: 48_000, BANK: 7_000}
    assert differences_of(shift) == {CASH: -2_000}
    cash = shift.counts.filter(method=CASH).order_by("-denomination")
    assert [count.denomination for count in cash] == list(notes_of())
    assert [count.quantity for count in cash[:3]] == [9, 0, 3]


def test_only_notes_that_exist_are_counted(shift, clerk):
    with pytest.raises(errors.UnknownNote):
        count_shift(clerk, shift=shift, notes={3_000: 1}, wallets={})

    shift.refresh_from_db()
    assert shift.status == "open"


def test_an_empty_drawer_is_counted_too(clerk, manager, station):
    shift = open_shift(clerk, station=station, float_amount=0)

    count_shift(clerk, shift=shift, notes={}, wallets={})

    assert accept_shift(manager, shift=shift).status == "closed"


def test_a_difference_is_explained_before_it_is_accepted(counted_shift, clerk, manager):
    with pytest.raises(errors.DifferenceUnexplained):
        accept_shift(manager, shift=counted_shift)

    with pytest.raises(errors.NoteMissing):
        explain_difference(clerk, shift=counted_shift, explanation=" ")
    explain_difference(clerk, shift=counted_shift, explanation="Gave too much change")
    shift = accept_shift(manager, shift=counted_shift)

    assert shift.number == f"KGP-Z-{clock.today().year}-00001"
    assert (shift.status, shift.accepted_by) == ("closed", manager)
    accepted = AuditEvent.objects.get(action="shift.accepted")
    assert accepted.data == {"differences": {"cash": -2_000}}


def test_nobody_accepts_their_own_count(shift, clerk, manager, admin):
    count_shift(manager, shift=shift, notes={5_000: 10}, wallets={})  # the clerk went home

    for person in (clerk, manager):
        with pytest.raises(errors.OwnShift):
            accept_shift(person, shift=shift)

    assert accept_shift(admin, shift=shift).accepted_by == admin


def test_only_a_counted_drawer_is_accepted_and_only_once(shift, clerk, manager):
    with pytest.raises(errors.WrongShiftStatus):
        accept_shift(manager, shift=shift)
    count_shift(clerk, shift=shift, notes={5_000: 10}, wallets={})
    accept_shift(manager, shift=shift)

    with pytest.raises(errors.WrongShiftStatus):
        accept_shift(manager, shift=shift)

    assert NumberSeries.objects.get(kind="Z").last == 1


def test_somebody_else_puts_a_late_entry_into_a_counted_drawer(counted_shift, clerk, manager):
    with pytest.raises(errors.WrongShiftStatus):
        pay_out(clerk, shift=counted_shift, amount=2_000, note="Forgot the water")

    entry = pay_out(manager, shift=counted_shift, amount=2_000, note="Water, slip found")

    assert entry.is_late
    assert differences_of(counted_shift) == {}


def test_who_wrote_into_a_counted_drawer_does_not_accept_it(counted_shift, manager, admin):
    pay_out(manager, shift=counted_shift, amount=2_000, note="Water, slip found")

    with pytest.raises(errors.OwnShift):
        accept_shift(manager, shift=counted_shift)

    assert accept_shift(admin, shift=counted_shift).accepted_by == admin


def test_more_cash_than_there_is_does_not_go_back(shift, pay, clerk):
    payment = pay()
    drop(clerk, shift=shift, amount=expected(shift)[CASH], note="Safe")

    with pytest.raises(errors.NotInDrawer):
        reverse_payment(clerk, payment=payment, reason="Mistake")

    assert expected(shift)[CASH] == 0


def test_a_late_entry_may_ask_for_an_explanation(shift, clerk, manager, admin):
    count_shift(clerk, shift=shift, notes={5_000: 10}, wallets={})
    pay_in(manager, shift=shift, amount=1_000, note="Change")

    with pytest.raises(errors.DifferenceUnexplained):
        accept_shift(admin, shift=shift)


@pytest.mark.parametrize("act", [pay_in, pay_out, drop])
def test_nothing_enters_a_closed_drawer(shift, clerk, manager, admin, act):
    count_shift(clerk, shift=shift, notes={5_000: 10}, wallets={})
    accept_shift(manager, shift=shift)

    with pytest.raises(errors.WrongShiftStatus):
        act(admin, shift=shift, amount=1, note="Too late")
    with pytest.raises(errors.WrongShiftStatus):
        explain_difference(clerk, shift=shift, explanation="Too late")


def test_the_money_of_a_storefront_order_lands_in_the_drawer_of_who_takes_it(shift, pay, manager):
    mine = pay(20_000)
    theirs = pay(5_000, actor=manager)

    assert mine.entries.get().shift == shift
    assert theirs.entries.count() == 0
    assert expected(shift) == {CASH: 70_000}


def test_money_of_another_station_stays_out_of_the_drawer(shift, pay, clerk, make_invoice):
    other = make_station("other")
    make_member(clerk, other)
    invoice = make_invoice(station=other)

    record_payment(clerk, invoice=invoice, method=CASH, amount=1_000, key="other")

    assert expected(shift) == {CASH: 50_000}


def test_a_payment_sent_twice_is_in_the_drawer_once(shift, make_invoice, clerk):
    invoice = make_invoice()

    for _ in range(2):
        record_payment(clerk, invoice=invoice, method=CASH, amount=1_000, key="same")

    assert expected(shift) == {CASH: 51_000}


def test_a_payment_of_an_earlier_shift_goes_back_late(shift, pay, clerk, manager, station):
    payment = pay(20_000)
    count_shift(clerk, shift=shift, notes={5_000: 14}, wallets={})
    accept_shift(manager, shift=shift)
    today = open_shift(clerk, station=station, float_amount=30_000)

    reverse_payment(clerk, payment=payment, reason="Wrong order")

    entry = today.entries.get(kind="refund")
    assert (entry.amount, entry.is_late) == (-20_000, True)
    assert expected(shift) == {CASH: 70_000}


def test_a_stranger_has_no_drawer(station, shift):
    assert shift_of(make_user(), station) is None
