from typing import Annotated, Literal

from django.core.exceptions import ValidationError
from pydantic import AfterValidator, BaseModel, Field

from gasstock.accounts.districts import DISTRICTS
from gasstock.accounts.forms import PhoneField
from gasstock.accounts.models import Station, User
from gasstock.api.schemas.base import (
    In,
    Key,
    Line,
    Moment,
    Money,
    Out,
    Quantity,
    Spoken,
    Words,
    money,
)
from gasstock.billing.models import Invoice, InvoiceStatus, Method
from gasstock.orders.models import (
    EventKind,
    Fulfilment,
    LineKind,
    Order,
    OrderEvent,
    OrderLine,
    OrderStatus,
)
from gasstock.orders.story import TOLD

MOST_LINES = 50
TO_BUYERS = {*TOLD, EventKind.CLOSED}  # the rest is between the station and us
BY_NAME = {name.casefold(): name for name in DISTRICTS}


def _phone(text: str) -> str:
    """Read a number as people here dial it; write it as +250788412906."""
    try:
        return str(PhoneField().clean(text).as_e164)
    except ValidationError as error:
        raise ValueError(" ".join(error.messages)) from error


def _district(text: str) -> str:
    name = BY_NAME.get(text.casefold())
    if name is None:
        raise ValueError("That is none of the districts.")
    return name


# --- In -----------------------------------------------------------------------------------------

GoodPhone = Annotated[Line, Field(max_length=30, examples=["0788 412 906"]), AfterValidator(_phone)]
District = Annotated[Line, Field(max_length=40, examples=["Gasabo"]), AfterValidator(_district)]
PaymentWord = Literal["CASH", "BANK", "MOMO", "MPESA"]


class AskedOrders(BaseModel):
    status: Annotated[OrderStatus, Spoken] | None = None


class NewLine(In):
    listing: Key
    quantity: Quantity
    kind: Literal["EXCHANGE", "NEW", "ACCESSORY"] = Field(
        description="A full one for an empty one, or with its cylinder; NEW where it is none."
    )


class NewAddress(In):
    district: District
    line: Annotated[Words, Field(max_length=160, examples=["KG 7 Ave 12, blue gate"])]


class NewOrder(In):
    """What to order, of one station; the address is needed for a DELIVERY."""

    lines: Annotated[list[NewLine], Field(min_length=1, max_length=MOST_LINES)]
    fulfilment: Annotated[Fulfilment, Spoken]
    address: NewAddress | None = None
    contact_phone: GoodPhone
    note: Annotated[Line, Field(max_length=240)] = ""
    payment_method: PaymentWord


class Why(In):
    reason: Annotated[Line, Field(max_length=240, examples=["Found some nearer"])] = ""


# --- Out ----------------------------------------------------------------------------------------


class StationOut(Out):
    slug: str
    name: str
    district: str
    phone: str


class Person(Out):
    id: int
    name: str


class OrderLineOut(Out):
    """Amounts are for one, as it was ordered; `total` for all of the line."""

    id: int
    listing: int
    sku: str
    name: str = Field(examples=["SP 12 kg"])
    kind: Annotated[LineKind, Spoken]
    quantity: int
    delivered: int
    empties: int = Field(description="How many came back.")
    unit_price: Money
    deposit: Money
    total: Money


class AddressOut(Out):
    district: str
    line: str


class Told(Out):
    """Something that happened; to the buyer, the station stands for its people."""

    status: Annotated[EventKind, Spoken]
    at: Moment
    by: str | None
    note: str


class Bill(Out):
    """`paid` and `due` come to `total` without what was `credited`."""

    id: int
    number: str | None = Field(examples=["KGP-INV-2026-00012"])
    status: Annotated[InvoiceStatus, Spoken]
    total: Money
    credited: Money
    paid: Money
    due: Money


class OrderOut(Out):
    number: str = Field(examples=["KGP-7F4K2M"])
    status: Annotated[OrderStatus, Spoken]
    station: StationOut
    buyer: Person | None
    lines: list[OrderLineOut]
    total: Money = Field(description="As it was ordered, delivery included.")
    delivery_fee: Money
    currency: str = Field(examples=["RWF"])
    fulfilment: Annotated[Fulfilment, Spoken]
    address: AddressOut | None
    contact_phone: str
    note: str
    payment_method: Annotated[Method, Spoken]
    delivery_code: str | None = Field(description="What the buyer says at the door; to them only.")
    rider: Person | None
    promised_from: Moment | None
    promised_until: Moment | None
    timeline: list[Told]
    invoice: Bill = Field(description="What is owed, as far as it is known.")
    corrections: list[Bill] = Field(description="Further invoices, that raise what is owed.")
    placed_at: Moment


def order_of(order: Order, viewer: User) -> OrderOut:
    """Write an order that was read with `for_details`, as `viewer` may see it."""
    is_buyer = order.buyer_id == viewer.pk
    currency = order.currency
    return OrderOut(
        number=order.number,
        status=OrderStatus(order.status),
        station=station_of(order.station),
        buyer=person_of(order.buyer),
        lines=[order_line_of(line, currency) for line in order.lines.all()],
        total=money(order.total, currency),
        delivery_fee=money(order.delivery_fee, currency),
        currency=currency,
        fulfilment=Fulfilment(order.fulfilment),
        address=address_of(order),
        contact_phone=order.phone,
        note=order.note,
        payment_method=Method(order.payment_method),
        delivery_code=order.code if is_buyer and order.code else None,
        rider=_rider_of(order, is_buyer),
        promised_from=order.promised_from,
        promised_until=order.promised_until,
        timeline=[
            _told_to_buyer(event, order) if is_buyer else _told(event)
            for event in order.events.all()
            if not is_buyer or event.kind in TO_BUYERS
        ],
        invoice=bill_of(order.invoice),
        corrections=[bill_of(each) for each in order.invoice.corrections.all()],
        placed_at=order.placed_at,
    )


def order_line_of(line: OrderLine, currency: str) -> OrderLineOut:
    return OrderLineOut(
        id=line.pk,
        listing=line.listing_id,
        sku=line.variant.sku,
        name=line.variant.name,
        kind=LineKind(line.kind),
        quantity=line.quantity,
        delivered=line.delivered,
        empties=line.empties,
        unit_price=money(line.unit_price, currency),
        deposit=money(line.unit_total - line.unit_price, currency),
        total=money(line.total, currency),
    )


def station_of(station: Station) -> StationOut:
    return StationOut(
        slug=station.slug,
        name=station.name,
        district=station.district,
        phone=str(station.phone),
    )


def person_of(user: User | None) -> Person | None:
    return Person(id=user.pk, name=user.name) if user else None


def _rider_of(order: Order, is_buyer: bool) -> Person | None:
    """Who brings it; the buyer is told by first name."""
    rider = person_of(order.rider)
    if rider and order.rider and is_buyer:
        rider.name = order.rider.first_name
    return rider


def address_of(order: Order) -> AddressOut | None:
    return AddressOut(district=order.district, line=order.address) if order.is_delivery else None


def bill_of(invoice: Invoice) -> Bill:
    currency = invoice.currency
    return Bill(
        id=invoice.pk,
        number=invoice.number,
        status=InvoiceStatus(invoice.status),
        total=money(invoice.total, currency),
        credited=money(invoice.credited, currency),
        paid=money(invoice.paid, currency),
        due=money(invoice.due, currency),
    )


def _told(event: OrderEvent) -> Told:
    by = event.actor.name if event.actor else None
    at = event.created_at
    return Told(status=EventKind(event.kind), at=at, by=by, note=event.note)


def _told_to_buyer(event: OrderEvent, order: Order) -> Told:
    told = _told(event)
    if told.by and event.actor_id != order.buyer_id:
        told.by = order.station.name
    return told
