"""What an order costs, as ordered and as delivered. The one place where its sums are made."""

from collections import Counter
from collections.abc import Iterable

from gasstock.billing.models import LineKind as BillKind
from gasstock.billing.services.invoices import Bill, Bills
from gasstock.inventory.services.deposits import Refund
from gasstock.orders.models import LineKind, OrderLine


def bills_as_ordered(lines: Iterable[OrderLine], delivery_fee: int) -> Bills:
    """Bill every line in full, and the delivery. Amounts in minor units."""
    bills: Bills = Counter()
    for line in lines:
        _add(bills, line, LineKind(line.kind), line.quantity)
    return _with_delivery(bills, delivery_fee)


def bills_as_delivered(lines: Iterable[OrderLine], delivery_fee: int) -> Bills:
    """Bill what was handed over; a refill without an empty is billed as a new cylinder."""
    bills: Bills = Counter()
    for line in lines:
        _add(bills, line, LineKind(line.kind), line.delivered - line.missing)
        _add(bills, line, LineKind.NEW, line.missing)
    return _with_delivery(bills, delivery_fee)


def bills_as_sold(lines: Iterable[OrderLine], refunds: Iterable[tuple[OrderLine, Refund]]) -> Bills:
    """Bill what went over the counter, less the deposits paid out for what came back."""
    bills = bills_as_delivered(lines, 0)
    for line, refund in refunds:
        text = f"Deposit back, {line.variant.name} cylinder"
        if refund.unit_amount:
            bills[Bill(BillKind.DEPOSIT, text, -refund.unit_amount)] += refund.quantity
    return bills


def _add(bills: Bills, line: OrderLine, kind: LineKind, quantity: int) -> None:
    if not quantity:
        return
    name = line.variant.name
    if kind == LineKind.ACCESSORY:
        bills[Bill(BillKind.GOODS, name, line.unit_price)] += quantity
        return
    price = line.new_price if kind == LineKind.NEW else line.unit_price
    bills[Bill(BillKind.GOODS, f"{name}, {kind.label.lower()}", price)] += quantity
    if kind == LineKind.NEW and line.deposit:
        bills[Bill(BillKind.DEPOSIT, f"Deposit, {name} cylinder", line.deposit)] += quantity


def _with_delivery(bills: Bills, fee: int) -> Bills:
    if fee:
        bills[Bill(BillKind.DELIVERY, "Delivery", fee)] += 1
    return bills
