from typing import Annotated

from pydantic import BaseModel, Field, StrictBool

from gasstock.accounts.models import User
from gasstock.api.handing import HandedLines
from gasstock.api.schemas.base import Amount, In, Line, Moment, Money, Out, Spoken, money
from gasstock.api.schemas.orders import (
    AddressOut,
    Person,
    StationOut,
    address_of,
    person_of,
    station_of,
)
from gasstock.billing.models import Method
from gasstock.delivery.models import Attempt, Delivery, DeliveryStatus, Failure, Wish
from gasstock.orders.models import LineKind, OrderLine

Note = Annotated[Line, Field(max_length=240)]


class AskedDeliveries(BaseModel):
    station: str | None = Field(None, max_length=60, description="Slug.")
    status: Annotated[DeliveryStatus, Spoken] | None = None
    waiting: bool = Field(False, description="Only what is not over.")


class Delivered(In):
    """What was handed over at the door, the cash for it, and the buyer's code."""

    code: Annotated[str, Field(max_length=20, examples=["4711"])] = ""
    lines: HandedLines
    cash: Amount | None = None
    confirm_over: StrictBool = Field(False, description="Yes, `cash` is more than the bill.")
    override_reason: Annotated[
        Line, Field(max_length=200, description="Why there is no code.", examples=["Phone lost"])
    ] = ""


class Failed(In):
    reason: Annotated[Failure, Spoken]
    note: Note = ""
    goes_back: bool = Field(False, description="Whether the gas comes home; else: try again.")


class DeliveryLine(Out):
    id: int
    sku: str
    name: str = Field(examples=["SP 12 kg"])
    kind: Annotated[LineKind, Spoken]
    quantity: int
    delivered: int
    empties: int


class Miss(Out):
    """The last time that somebody stood at the door in vain."""

    reason: Annotated[Failure, Spoken]
    note: str
    at: Moment


class DeliveryOut(Out):
    id: int
    status: Annotated[DeliveryStatus, Spoken]
    order: str = Field(examples=["KGP-7F4K2M"])
    station: StationOut
    rider: Person
    position: int = Field(description="Its place on the rider's list.")
    note: str
    assigned_at: Moment
    estimated_at: Moment | None
    departed_at: Moment | None
    ended_at: Moment | None
    buyer: Person | None
    contact_phone: str
    address: AddressOut | None
    order_note: str
    promised_from: Moment | None
    promised_until: Moment | None
    lines: list[DeliveryLine]
    payment_method: Annotated[Method, Spoken]
    delivery_fee: Money
    total: Money = Field(description="Of the order.")
    due: Money = Field(description="What is still to be paid, as far as it is known.")
    currency: str = Field(examples=["RWF"])
    failed: Miss | None
    goes_back: bool
    wish: Annotated[Wish, Spoken] | None = Field(description="What the buyer said to that.")
    wished_from: Moment | None


def delivery_of(delivery: Delivery) -> DeliveryOut:
    """Write a delivery that was read with `whole`."""
    order, invoice = delivery.order, delivery.order.invoice
    due = sum(each.due for each in (invoice, *invoice.corrections.all()))
    attempts = list(delivery.attempts.all())
    return DeliveryOut(
        id=delivery.pk,
        status=DeliveryStatus(delivery.status),
        order=order.number,
        station=station_of(delivery.station),
        rider=_somebody(delivery.rider),
        position=delivery.position,
        note=delivery.note,
        assigned_at=delivery.assigned_at,
        estimated_at=delivery.estimated_at,
        departed_at=delivery.departed_at,
        ended_at=delivery.ended_at,
        buyer=person_of(order.buyer),
        contact_phone=order.phone,
        address=address_of(order),
        order_note=order.note,
        promised_from=order.promised_from,
        promised_until=order.promised_until,
        lines=[_line_of(line) for line in order.lines.all()],
        payment_method=Method(order.payment_method),
        delivery_fee=money(order.delivery_fee, order.currency),
        total=money(order.total, order.currency),
        due=money(due, order.currency),
        currency=order.currency,
        failed=_miss_of(attempts[-1]) if attempts else None,
        goes_back=delivery.goes_back,
        wish=Wish(delivery.wish) if delivery.wish else None,
        wished_from=delivery.wished_from,
    )


def _somebody(user: User) -> Person:
    return Person(id=user.pk, name=user.name)


def _line_of(line: OrderLine) -> DeliveryLine:
    return DeliveryLine(
        id=line.pk,
        sku=line.variant.sku,
        name=line.variant.name,
        kind=LineKind(line.kind),
        quantity=line.quantity,
        delivered=line.delivered,
        empties=line.empties,
    )


def _miss_of(attempt: Attempt) -> Miss:
    at = attempt.created_at
    return Miss(reason=Failure(attempt.failure), note=attempt.note, at=at)
