from django.utils.translation import gettext as _

from gasstock.billing.models import Invoice, Shift
from gasstock.core.errors import DomainError
from gasstock.core.money import format_money


class WrongInvoiceStatus(DomainError):
    rule = "wrong-status"

    def __init__(self, invoice: Invoice) -> None:
        status = invoice.get_status_display().lower()
        super().__init__(f"Invoice {invoice} is {status}: this cannot be done now.")


class OwnInvoice(DomainError):
    def __init__(self) -> None:
        super().__init__("You submitted this invoice, so somebody else has to approve it.")


class NothingToPay(DomainError):
    def __init__(self, invoice: Invoice) -> None:
        super().__init__(f"Nothing is left to pay on {invoice}.")


class ReferenceMissing(DomainError):
    def __init__(self) -> None:
        super().__init__("A bank transfer needs the bank's reference.")


class PaymentKeyReused(DomainError):
    def __init__(self) -> None:
        super().__init__("This payment was sent before with other figures.")


class TooLittleGiven(DomainError):
    def __init__(self) -> None:
        super().__init__(_("The cash given does not cover the payment."))


class PaidOutTooMuch(DomainError):
    def __init__(self, most: int, currency: str) -> None:
        self.most = most
        money = format_money(most, currency)
        super().__init__(_("At most %(money)s may be paid out for it.") % {"money": money})


class GivenBackAlready(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Some of this money was paid out again: undo that first."))


class PaymentReversed(DomainError):
    def __init__(self) -> None:
        super().__init__(_("This payment was undone already."))


class NoOpenShift(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Open your drawer first: this money goes through it."))


class ShiftAlreadyOpen(DomainError):
    def __init__(self, shift: Shift) -> None:
        self.shift = shift
        super().__init__(_("Your drawer is open already."))


class WrongShiftStatus(DomainError):
    rule = "wrong-status"

    def __init__(self, shift: Shift) -> None:
        status = shift.get_status_display().lower()
        super().__init__(
            _("This drawer is %(status)s: that cannot be done now.") % {"status": status}
        )


class OwnShift(DomainError):
    def __init__(self) -> None:
        super().__init__(
            _("You sold from this drawer, counted it or wrote into it: somebody else accepts it.")
        )


class DifferenceUnexplained(DomainError):
    def __init__(self) -> None:
        super().__init__(_("The count differs from what should be there: say why first."))


class AmountMissing(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Say how much: an amount above 0."))


class NoteMissing(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Say what it is for."))


class NotInDrawer(DomainError):
    """Says no figure: whoever counts the drawer blind must not learn what should be in it."""

    def __init__(self) -> None:
        super().__init__(_("There is not that much in the drawer."))


class UnknownNote(DomainError):
    def __init__(self, denomination: int) -> None:
        money = format_money(denomination)
        super().__init__(_("There is no note or coin of %(money)s.") % {"money": money})
