"""Sums of days that are over, so that a report reads days and not sales.

A day is read live until the worker has summed it up, and again from the moment that something of
it changes: it is marked dirty in that transaction. So a figure is always what `facts` would say.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, Max, Min, OuterRef, Q
from django.utils import timezone

from gasstock.accounts.models import User
from gasstock.core import clock
from gasstock.inventory.models import Move
from gasstock.orders.models import EventKind, Order
from gasstock.reports import facts
from gasstock.reports.models import DayMove, DaySale, DayTill, DirtyDay, RolledDay

CHANGES_A_DAY = (EventKind.DELIVERED, EventKind.SOLD, EventKind.VOIDED)
DAYS_AT_ONCE = 60
# After its end; a transaction that began before midnight has committed by then.
SETTLED = timedelta(hours=1)


def follow_order(actor: User | None, order: Order, kind: EventKind) -> None:
    """Mark the day the order counts on, unless it is today, which is summed up when it is over.

    A part of the transaction of the step.
    """
    if kind not in CHANGES_A_DAY or not order.delivered_at:
        return
    day = timezone.localdate(order.delivered_at)
    if day < clock.today():
        DirtyDay.objects.select_for_update().get_or_create(station_id=order.station_id, day=day)


def sum_up() -> int:
    """Sum up the days that are over, and those that changed since; return how many."""
    days = list(_days_to_sum_up())[:DAYS_AT_ONCE]
    for day in days:
        _sum_up_day(day)
    summed_up = RolledDay.objects.filter(day=OuterRef("day"))
    dirty = DirtyDay.objects.filter(Exists(summed_up)).order_by("day", "station")
    return len(days) + sum(_sum_up_again(mark.pk) for mark in dirty[:DAYS_AT_ONCE])


def _days_to_sum_up() -> Iterable[date]:
    last = timezone.localdate(clock.now() - SETTLED) - timedelta(days=1)
    known = RolledDay.objects.aggregate(last=Max("day"))["last"]
    if known is None:
        first = Move.objects.aggregate(first=Min("created_at"))["first"]
        if first is None:
            return
        known = timezone.localdate(first) - timedelta(days=1)
    day = known + timedelta(days=1)
    while day <= last:
        yield day
        day += timedelta(days=1)


@transaction.atomic
def _sum_up_day(day: date) -> None:
    """Keep the sums of a day at every station; of two workers one does.

    A sale that is undone meanwhile sets a mark that is not seen here, and stays.
    """
    if RolledDay.objects.get_or_create(day=day)[1]:
        DirtyDay.objects.filter(day=day).delete()
        DayMove.objects.bulk_create(DayMove(**_columns(row)) for row in facts.moves_of([day]))
        _keep_sales(facts.Stretch(day, day))


@transaction.atomic
def _sum_up_again(pk: int) -> bool:
    """Replace the sums of a day by what its sales say now, and take the mark off.

    A sale that is undone meanwhile waits for the mark, and then sets it anew.
    """
    mark = DirtyDay.objects.select_for_update().filter(pk=pk).first()
    if mark is None:
        return False
    mark.delete()
    _keep_sales(facts.Stretch(mark.day, mark.day, frozenset([mark.station_id])))
    return True


def _keep_sales(stretch: facts.Stretch) -> None:
    """Write the sums of a day's sales, in place of those there were."""
    here = Q() if stretch.stations is None else Q(station__in=stretch.stations)
    for model in (DaySale, DayTill):
        model._default_manager.filter(here, day=stretch.first).delete()
    DaySale.objects.bulk_create(DaySale(**_columns(row)) for row in facts.sales_of([stretch]))
    DayTill.objects.bulk_create(DayTill(**_columns(row)) for row in facts.tills_of([stretch]))


def _columns(row: facts.Row) -> facts.Row:
    """The row with its keys as columns: the other tables stand there by their keys."""
    others = {"station", "clerk", "variant"}
    return {f"{key}_id" if key in others else key: value for key, value in row.items()}
