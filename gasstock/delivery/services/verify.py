"""Proving the last mile: deliveries against orders, cash against payments, counts against moves."""

from collections import Counter
from collections.abc import Iterator

from django.db.models import Count, F, Q, Sum

from gasstock.billing.models import Method, Payment
from gasstock.delivery.models import (
    OUT,
    CollectedCash,
    Delivery,
    DeliveryStatus,
    Homecoming,
    HomecomingLine,
)
from gasstock.inventory.models import LocationKind, Move, Reason
from gasstock.orders.models import HANDED_OVER, Order, OrderStatus

# What an order says while its delivery is in this state.
ORDER_SAYS: dict[DeliveryStatus, tuple[OrderStatus, ...]] = {
    DeliveryStatus.ASSIGNED: (OrderStatus.APPROVED,),
    DeliveryStatus.ON_THE_WAY: (OrderStatus.DISPATCHED,),
    DeliveryStatus.FAILED: (OrderStatus.DISPATCHED,),
    DeliveryStatus.DELIVERED: HANDED_OVER,
}
Moved = tuple[str, int, str, str]  # document, variant, condition, reason


def differences() -> Iterator[str]:
    """Name every order on the way without its delivery, every delivery that tells another story
    than its order, cash that is nobody's payment, and counts that were not posted as they are."""
    yield from _on_the_way()
    yield from _deliveries()
    yield from _cash()
    yield from _homecomings()
    yield from _postings()


def _on_the_way() -> Iterator[str]:
    """An order that is on the way has one delivery that is out."""
    out = Count("deliveries", filter=Q(deliveries__status__in=OUT))
    rows = Order.objects.filter(status=OrderStatus.DISPATCHED).annotate(out=out).exclude(out=1)
    for number, count in rows.order_by("pk").values_list("number", "out"):
        yield f"order {number}: on the way, with {count} deliveries that are out"


def _deliveries() -> Iterator[str]:
    for status, says in ORDER_SAYS.items():
        rows = Delivery.objects.filter(status=status).exclude(order__status__in=says)
        for pk, number, other in rows.order_by("pk").values_list(
            "pk", "order__number", "order__status"
        ):
            yield f"delivery {pk} (order {number}): {status}, the order is {other}"
    elsewhere = Q(status__in=OUT) & ~Q(rider=F("order__rider"))
    for pk, number in (
        Delivery.objects.filter(elsewhere | ~Q(station=F("order__station")))
        .order_by("pk")
        .values_list("pk", "order__number")
    ):
        yield f"delivery {pk} (order {number}): with another rider or station than the order"


def _cash() -> Iterator[str]:
    """What riders took at doors are payments in cash of those orders, and went into no drawer."""
    paid_elsewhere = ~Q(payment__invoice=F("delivery__order__invoice")) & ~Q(
        payment__invoice__corrects=F("delivery__order__invoice")
    )
    wrong = CollectedCash.objects.filter(
        ~Q(payment__method=Method.CASH)
        | Q(payment__entries__amount__gt=0)
        | ~Q(rider=F("delivery__rider"))
        | ~Q(station=F("delivery__station"))
        | paid_elsewhere
    )
    for pk, number in wrong.order_by("pk").values_list("pk", "delivery__order__number"):
        yield f"collected cash {pk}: is not what was paid at the door for order {number}"
    lost = Payment.objects.filter(key__startswith="delivery-", collected=None)
    for pk in lost.order_by("pk").values_list("pk", flat=True):
        yield f"payment {pk}: was taken at a door, but no rider has it"


def _homecomings() -> Iterator[str]:
    """The cash of a count is what its rider had collected, and is in a drawer; what differs has a
    name."""
    sums = dict(
        CollectedCash.objects.filter(homecoming__isnull=False)
        .values_list("homecoming")
        .annotate(Sum("payment__amount"))
        .order_by()
    )
    differing = set(
        HomecomingLine.objects.exclude(counted=F("expected")).values_list("homecoming", flat=True)
    )
    for each in Homecoming.objects.select_related("entry").order_by("pk").iterator():
        said, paid_in = sums.get(each.pk, 0), each.entry.amount if each.entry else 0
        if paid_in != (each.cash_counted if each.posted_at else 0):
            yield f"{each}: cash {each.cash_counted} counted, the drawer says {paid_in}"
        if said != (each.cash_expected if each.posted_at else 0):
            yield f"{each}: cash {each.cash_expected} expected, the payments say {said}"
        if each.posted_at and each.pk in differing and not (each.answers and each.reason):
            yield f"{each}: differs, and nobody answers for it"


def _postings() -> Iterator[str]:
    """What a count took in, lost and found is what was moved in its name."""
    said: Counter[Moved] = Counter()
    lines = HomecomingLine.objects.filter(homecoming__posted_at__isnull=False)
    for line in lines.select_related("homecoming").iterator():
        document, variant, condition = str(line.homecoming), line.variant_id, line.condition
        said[document, variant, condition, Reason.RETURN.value] += line.counted
        said[document, variant, condition, Reason.LOSS.value] += line.difference
    moved: Counter[Moved] = Counter()
    moves = Move.objects.filter(document__startswith="HOME-")
    columns = ("document", "variant", "condition", "reason", "destination__kind")
    for *place, kind, quantity in moves.values_list(*columns).annotate(Sum("quantity")).order_by():
        moved[tuple(place)] += -quantity if kind == LocationKind.LOSS else quantity
    for key in sorted(said.keys() | moved.keys()):
        if said[key] != moved[key]:
            document, variant, condition, reason = key
            yield (
                f"{document}: {said[key]:+} {condition} of variant {variant} ({reason}), "
                f"the moves say {moved[key]:+}"
            )
