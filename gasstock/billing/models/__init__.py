from gasstock.billing.models.invoices import (
    CHANGEABLE,
    FINAL,
    RECEIPTS,
    CreditNote,
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    LineKind,
    NumberSeries,
)
from gasstock.billing.models.payments import Method, Payment, PaymentStatus
from gasstock.billing.models.shifts import (
    DrawerEntry,
    EntryKind,
    Shift,
    ShiftCount,
    ShiftStatus,
)

__all__ = [
    "CHANGEABLE",
    "FINAL",
    "RECEIPTS",
    "CreditNote",
    "DrawerEntry",
    "EntryKind",
    "Invoice",
    "InvoiceLine",
    "InvoiceStatus",
    "LineKind",
    "Method",
    "NumberSeries",
    "Payment",
    "PaymentStatus",
    "Shift",
    "ShiftCount",
    "ShiftStatus",
]
