from gasstock.billing.models import Invoice
from gasstock.core.errors import DomainError


class WrongInvoiceStatus(DomainError):
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
