"""When a delivery comes, as the buyer is told: as soon as possible, or between two hours."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone

from gasstock.accounts.models import Station, User
from gasstock.audit.services import record
from gasstock.core import clock
from gasstock.orders.errors import SlotGone
from gasstock.orders.models import DeliveryWindow, Order

Promise = tuple[datetime | None, datetime]


@dataclass(frozen=True)
class Slot:
    """A station's window on the day it comes up next."""

    window: DeliveryWindow
    starts_at: datetime
    ends_at: datetime

    def __str__(self) -> str:
        return str(self.window)

    @property
    def key(self) -> str:
        """What a form sends, so that yesterday's page does not order for tomorrow."""
        return f"{self.window.pk}-{timezone.localtime(self.starts_at):%Y%m%d}"

    @property
    def is_today(self) -> bool:
        return timezone.localdate(self.starts_at) == clock.today()


def coming(station: Station) -> list[Slot]:
    """Each window of the station the next time it begins, the soonest first."""
    slots = [_slot(window) for window in station.windows.all()]
    return sorted(slots, key=lambda slot: slot.starts_at)


def _slot(window: DeliveryWindow) -> Slot:
    now = timezone.localtime(clock.now())
    day = now.date() + timedelta(days=window.starts_at <= now.time())
    starts, ends = (
        timezone.make_aware(datetime.combine(day, moment))
        for moment in (window.starts_at, window.ends_at)
    )
    return Slot(window, starts, ends)


def promise(station: Station, slot: Slot | None = None) -> Promise:
    """Between when and when a delivery ordered now comes.

    Without a slot as soon as possible: so many minutes after now, or after the station opens.
    Raises SlotGone.
    """
    if slot is None:
        return None, _open_at(station) + timedelta(minutes=station.delivery_minutes)
    if slot.starts_at <= clock.now():
        raise SlotGone(str(slot))
    return slot.starts_at, slot.ends_at


def _open_at(station: Station) -> datetime:
    """Now, or when the station opens next."""
    now = timezone.localtime(clock.now())
    # a station that was made in this process still has its hours as they were typed
    opens, closes = (time.fromisoformat(str(x)) for x in (station.opens_at, station.closes_at))
    after, before = now.time() >= opens, now.time() < closes
    if opens == closes or (after and before if opens < closes else after or before):
        return clock.now()
    return timezone.make_aware(datetime.combine(now.date() + timedelta(days=after), opens))


def promise_again(
    actor: User, *, order: Order, starts_at: datetime, ends_at: datetime | None = None
) -> Order:
    """Promise the order anew, from `starts_at`; without an end, for as long as it was before.

    A part of the caller's transaction.
    """
    length = timedelta(minutes=order.station.delivery_minutes)
    if order.promised_from and order.promised_until:
        length = order.promised_until - order.promised_from
    order.promised_from, order.promised_until = starts_at, ends_at or starts_at + length
    order.save(update_fields=["promised_from", "promised_until"])
    record(actor, "order.promised_again", order, starts_at=starts_at.isoformat())
    return order
