from typing import Annotated

from pydantic import BaseModel, Field

from gasstock.api.schemas.base import (
    Count,
    Day,
    Flow,
    In,
    Key,
    Line,
    Moment,
    Money,
    Out,
    Quantity,
    Spoken,
    money,
)
from gasstock.api.schemas.invoices import ReceivedOut, received_of
from gasstock.api.schemas.orders import Bill, GoodPhone, PaymentWord, Person, bill_of, person_of
from gasstock.orders.models import LineKind, Order, OrderLine, OrderStatus
from gasstock.orders.till import Slip

Kind = Annotated[LineKind, Spoken]


class AskedSales(BaseModel):
    q: str = Field(
        "", max_length=40, description="A part of a number, or the buyer's name or phone."
    )
    day: Day | None = None


class NewSaleLine(In):
    """`RETURN` gives a cylinder back for its deposit. A refill takes as many empties as it has."""

    listing: Key
    quantity: Quantity
    kind: Kind
    empties: Count | None = Field(
        None, description="Fewer that a refill takes back; the missing ones are charged as new."
    )


class NewTender(In):
    """Below zero the amount is cash paid out, as for deposits given back."""

    method: PaymentWord
    amount: Flow
    reference: Annotated[Line, Field(max_length=60)] = ""


class NewSale(In):
    lines: Annotated[list[NewSaleLine], Field(min_length=1, max_length=50)]
    payments: Annotated[list[NewTender], Field(max_length=10)]
    buyer_phone: GoodPhone | None = None
    on_account: bool = Field(
        False, strict=True, description="Whether a known buyer owes what is not paid."
    )


class SaleLineOut(Out):
    """`total` is what it came to, with the deposits of missing empties."""

    listing: int
    sku: str
    name: str
    kind: Kind
    quantity: int
    empties: int
    unit_price: Money
    deposit: Money
    total: Money


class SaleRow(Out):
    """A counter sale, handed over as it was made; `invoice` is its receipt."""

    number: str = Field(examples=["KGP-7M4QX2AB"])
    status: Annotated[OrderStatus, Spoken]
    station: str = Field(description="Slug.")
    buyer: Person | None
    buyer_name: str
    cashier: str
    lines: list[SaleLineOut]
    total: Money = Field(description="Below zero where more deposit was paid out.")
    currency: str = Field(examples=["RWF"])
    invoice: Bill
    placed_at: Moment


class SaleOut(SaleRow):
    payments: list[ReceivedOut]


def sale_row_of(sale: Order) -> SaleRow:
    return _row_of(sale, list(sale.lines.all()))


def sale_of(slip: Slip) -> SaleOut:
    sale = slip.sale
    return SaleOut(
        **dict(_row_of(sale, slip.lines)),
        payments=[received_of(payment, sale.currency) for payment in slip.payments],
    )


def _row_of(sale: Order, lines: list[OrderLine]) -> SaleRow:
    return SaleRow(
        number=sale.number,
        status=OrderStatus(sale.status),
        station=sale.station.slug,
        buyer=person_of(sale.buyer),
        buyer_name=sale.invoice.buyer_name,
        cashier=str(sale.shift.cashier) if sale.shift else "",
        lines=[_line_of(line, sale.currency) for line in lines],
        total=money(sale.total, sale.currency),
        currency=sale.currency,
        invoice=bill_of(sale.invoice),
        placed_at=sale.placed_at,
    )


def _line_of(line: OrderLine, currency: str) -> SaleLineOut:
    return SaleLineOut(
        listing=line.listing_id,
        sku=line.variant.sku,
        name=line.variant.name,
        kind=LineKind(line.kind),
        quantity=line.quantity,
        empties=line.empties,
        unit_price=money(line.unit_price, currency),
        deposit=money(line.unit_total - line.unit_price, currency),
        total=money(line.charged, currency),
    )
