from typing import Annotated, Literal

from pydantic import Field

from gasstock.api.schemas.base import In, Moment, Money, Out, Spoken, money
from gasstock.api.schemas.orders import GoodPhone, PaymentWord
from gasstock.billing.models import Method, Payment, PaymentStatus

State = Literal["PENDING", "SUCCEEDED", "FAILED", "REVERSED"]


class NewPayment(In):
    method: PaymentWord
    phone: GoodPhone | None = Field(None, description="For mobile money.")


class PaymentOut(Out):
    """PENDING is only promised; it FAILED if nothing is owed any more, as for what was cancelled.

    Write the order's number on a bank transfer.
    """

    id: int
    status: State
    method: Annotated[Method, Spoken]
    amount: Money
    currency: str = Field(examples=["RWF"])
    provider_reference: str | None = Field(description="What the bank calls it.")
    order: str = Field(examples=["KGP-7F4K2M"])
    created_at: Moment


def payment_of(payment: Payment) -> PaymentOut:
    currency = payment.invoice.currency
    return PaymentOut(
        id=payment.pk,
        status=_state(payment),
        method=Method(payment.method),
        amount=money(payment.amount, currency),
        currency=currency,
        provider_reference=payment.reference or None,
        order=payment.invoice.reference,
        created_at=payment.created_at,
    )


def _state(payment: Payment) -> State:
    if payment.status == PaymentStatus.PENDING:
        return "PENDING" if payment.invoice.due else "FAILED"
    return "REVERSED" if payment.status == PaymentStatus.REVERSED else "SUCCEEDED"
