"""A cashier's drawer, from the float to the count that somebody else accepts.

Whatever enters a drawer locks its shift first, so nothing gets in after the count.
"""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import Sum

from gasstock.accounts.models import Station, User
from gasstock.audit.services import record
from gasstock.billing.errors import (
    AmountMissing,
    DifferenceUnexplained,
    NoteMissing,
    NotInDrawer,
    OwnShift,
    ShiftAlreadyOpen,
    UnknownNote,
    WrongShiftStatus,
)
from gasstock.billing.models import (
    DrawerEntry,
    EntryKind,
    Method,
    Payment,
    Shift,
    ShiftCount,
    ShiftStatus,
)
from gasstock.billing.services.numbers import next_number
from gasstock.core import clock
from gasstock.core.money import notes_of

OPEN, COUNTED, CLOSED = ShiftStatus.OPEN, ShiftStatus.COUNTED, ShiftStatus.CLOSED


def shift_of(user: User, station: Station) -> Shift | None:
    """The drawer that is open in this person's name at the station."""
    return Shift.objects.at(station).of(user).open().first()


def lock_shift(shift: Shift, *expected: ShiftStatus) -> Shift:
    """Fetch the shift afresh, in one of the `expected` states, and keep others waiting."""
    rows = Shift.objects.select_for_update(of=("self",), no_key=True)
    locked = rows.select_related("station", "cashier").get(pk=shift.pk)
    if locked.status not in expected:
        raise WrongShiftStatus(locked)
    return locked


def lock_shift_of(user: User, station: Station) -> Shift | None:
    """As `shift_of`, inside a transaction: nobody counts the drawer before that ends."""
    rows = Shift.objects.select_for_update(of=("self",), no_key=True)
    return rows.at(station).of(user).open().first()


@transaction.atomic
def open_shift(actor: User, *, station: Station, float_amount: int) -> Shift:
    """Begin with `float_amount` in cash (minor units, 0 or more). Raises ShiftAlreadyOpen."""
    shift, is_new = Shift.objects.get_or_create(station=station, cashier=actor, status=OPEN)
    if not is_new:
        raise ShiftAlreadyOpen(shift)
    DrawerEntry.objects.create(
        shift=shift, kind=EntryKind.FLOAT, method=Method.CASH, amount=float_amount, actor=actor
    )
    record(actor, "shift.opened", shift, float=float_amount)
    return shift


@transaction.atomic
def ensure_shift(actor: User, *, station: Station) -> Shift:
    """The drawer that is open in the actor's name; if there is none, one with nothing in it."""
    try:
        return shift_of(actor, station) or open_shift(actor, station=station, float_amount=0)
    except ShiftAlreadyOpen as error:  # by another call of theirs
        return error.shift


def enter(
    actor: User, *, shift: Shift, payments: Iterable[Payment], back: bool = False
) -> list[DrawerEntry]:
    """Put payments into a drawer that is locked and open; with `back`, take them out again.

    Money of a payment that came in elsewhere is flagged late. Raises NotInDrawer if more cash
    goes out than there is.
    """
    entries = DrawerEntry.objects.bulk_create(
        _entry(actor, shift, payment, -payment.amount if back else payment.amount, back=back)
        for payment in payments
    )
    takes = sum(entry.amount for entry in entries if entry.method == Method.CASH) < 0
    if takes and expected(shift).get(Method.CASH, 0) < 0:
        raise NotInDrawer
    return entries


def _entry(actor: User, shift: Shift, payment: Payment, amount: int, *, back: bool) -> DrawerEntry:
    return DrawerEntry(
        shift=shift,
        kind=EntryKind.SALE if amount > 0 else EntryKind.REFUND,
        method=payment.method,
        amount=amount,
        payment=payment,
        is_late=back and not payment.entries.filter(shift=shift).exists(),
        actor=actor,
    )


@transaction.atomic
def pay_in(
    actor: User, *, shift: Shift, amount: int, note: str, method: Method = Method.CASH
) -> DrawerEntry:
    """Put money in that no sale brought (minor units). Raises AmountMissing, NoteMissing,
    WrongShiftStatus. After the count somebody else may do so, flagged late; see `_move`."""
    return _move(actor, shift, EntryKind.PAY_IN, amount, note, method)


@transaction.atomic
def pay_out(
    actor: User, *, shift: Shift, amount: int, note: str, method: Method = Method.CASH
) -> DrawerEntry:
    """Take money out for something. Raises as `pay_in`, and NotInDrawer."""
    return _move(actor, shift, EntryKind.PAY_OUT, amount, note, method)


@transaction.atomic
def drop(
    actor: User, *, shift: Shift, amount: int, note: str, method: Method = Method.CASH
) -> DrawerEntry:
    """Take money out to the safe. Raises as `pay_in`, and NotInDrawer."""
    return _move(actor, shift, EntryKind.DROP, amount, note, method)


def _move(
    actor: User, shift: Shift, kind: EntryKind, amount: int, note: str, method: Method
) -> DrawerEntry:
    if amount <= 0:
        raise AmountMissing
    if not note.strip():
        raise NoteMissing
    shift = lock_shift(shift, OPEN, COUNTED)
    is_late = shift.status == COUNTED
    if is_late and actor in (shift.cashier, shift.counted_by):
        raise WrongShiftStatus(shift)
    if kind != EntryKind.PAY_IN:
        if amount > expected(shift).get(method, 0):
            raise NotInDrawer
        amount = -amount
    entry = DrawerEntry.objects.create(
        shift=shift,
        kind=kind,
        method=method,
        amount=amount,
        note=note.strip(),
        is_late=is_late,
        actor=actor,
    )
    record(actor, f"shift.{kind}", shift, amount=amount, method=method, note=note, late=is_late)
    return entry


@transaction.atomic
def count_shift(
    actor: User,
    *,
    shift: Shift,
    notes: Mapping[int, int],
    wallets: Mapping[Method, int],
    explanation: str = "",
) -> Shift:
    """Write down what is there, and end the selling.

    `notes` says how many there are of each note or coin (by its minor units), `wallets` the sum
    of each other method. What is not named is none. Raises WrongShiftStatus, UnknownNote.
    """
    shift = lock_shift(shift, OPEN)
    kinds = notes_of()
    for denomination in notes:
        if denomination not in kinds:
            raise UnknownNote(denomination)
    cash = [(Method.CASH, each, notes.get(each, 0)) for each in kinds]
    rest = [(method, None, wallets.get(method, 0)) for method in Method if method != Method.CASH]
    ShiftCount.objects.bulk_create(
        ShiftCount(shift=shift, method=method, denomination=denomination, quantity=quantity)
        for method, denomination, quantity in (*cash, *rest)
    )
    shift.status, shift.explanation = COUNTED, explanation
    shift.counted_at, shift.counted_by = clock.now(), actor
    shift.save(update_fields=["status", "explanation", "counted_at", "counted_by"])
    record(actor, "shift.counted", shift, differences=differences_of(shift))
    return shift


@transaction.atomic
def explain_difference(actor: User, *, shift: Shift, explanation: str) -> Shift:
    """Say why the count differs, until it is accepted. Raises NoteMissing, WrongShiftStatus."""
    if not explanation.strip():
        raise NoteMissing
    shift = lock_shift(shift, COUNTED)
    shift.explanation = explanation.strip()
    shift.save(update_fields=["explanation"])
    record(actor, "shift.explained", shift, explanation=shift.explanation)
    return shift


@transaction.atomic
def accept_shift(actor: User, *, shift: Shift) -> Shift:
    """Close a counted shift with the station's next Z number.

    Raises OwnShift for `had_a_hand`, DifferenceUnexplained, WrongShiftStatus.
    """
    shift = lock_shift(shift, COUNTED)
    if had_a_hand(actor, shift):
        raise OwnShift
    differences = differences_of(shift)
    if differences and not shift.explanation:
        raise DifferenceUnexplained
    shift.number = next_number(shift.station, "Z")
    shift.status, shift.closed_at, shift.accepted_by = CLOSED, clock.now(), actor
    shift.save(update_fields=["number", "status", "closed_at", "accepted_by"])
    record(actor, "shift.accepted", shift, differences=differences)
    return shift


def had_a_hand(user: User, shift: Shift) -> bool:
    """Whether this person sold, counted, or wrote into the drawer after the count."""
    if user.pk in (shift.cashier_id, shift.counted_by_id):
        return True
    return shift.entries.filter(actor=user, is_late=True).exists()


def expected(shift: Shift) -> dict[Method, int]:
    """What should be there by method, in minor units; a method that never came up is left out."""
    sums = shift.entries.values_list("method").annotate(Sum("amount")).order_by()
    return {Method(method): amount for method, amount in sums}


def counted(shift: Shift) -> dict[Method, int]:
    """What was counted by method, in minor units."""
    sums = dict.fromkeys(Method, 0)
    for count in shift.counts.all():
        sums[Method(count.method)] += count.amount
    return sums


def differences_of(shift: Shift) -> dict[Method, int]:
    """Counted less expected where that is not 0: below zero, money is missing."""
    should, found = expected(shift), counted(shift)
    differences = {method: found[method] - should.get(method, 0) for method in Method}
    return {method: amount for method, amount in differences.items() if amount}
