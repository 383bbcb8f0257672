"""On which terms a station delivers: what it costs where, when it comes, how long it takes."""

from collections.abc import Collection, Mapping
from datetime import time
from itertools import pairwise

from django.db import transaction

from gasstock.accounts.districts import DISTRICTS
from gasstock.accounts.models import Station, User
from gasstock.audit.services import record
from gasstock.core import platform
from gasstock.orders.errors import WindowEndsFirst, WindowsOverlap
from gasstock.orders.models import DeliveryArea, DeliveryWindow

Hours = tuple[time, time]


@transaction.atomic
def set_delivery_terms(
    actor: User,
    *,
    station: Station,
    fees: Mapping[str, int],
    windows: Collection[Hours],
    minutes: int,
) -> Station:
    """Let these terms take the place of those before.

    `fees` are by district, in minor units; a district that is left out costs the usual fee. What
    was promised in a window that goes stays promised. Raises WindowEndsFirst and WindowsOverlap.
    """
    if unknown := fees.keys() - set(DISTRICTS):
        raise ValueError(f"There is no district {', '.join(sorted(unknown))}.")
    check_hours(windows)
    station = Station.objects.select_for_update().get(pk=station.pk)
    changes = {
        "fees": _set_fees(station, fees),
        "windows": _set_windows(station, windows),
        "minutes": _set_minutes(station, minutes),
    }
    changed = {name: change for name, change in changes.items() if change}
    if changed:
        record(actor, "station.delivery_terms", station, **changed)
    return station


def open_windows(station: Station) -> None:
    """Let a new station begin with the windows of the platform."""
    if not station.windows.exists():
        _set_windows(station, platform.current().delivery_windows)


def check_hours(windows: Collection[Hours]) -> None:
    """Raise WindowEndsFirst or WindowsOverlap if nobody could keep these windows."""
    if any(ends <= starts for starts, ends in windows):
        raise WindowEndsFirst
    for before, after in pairwise(sorted(windows)):
        if after[0] < before[1]:
            raise WindowsOverlap(say_hours(before))


def say_hours(hours: Hours) -> str:
    """14:00–17:00"""
    return str(DeliveryWindow(starts_at=hours[0], ends_at=hours[1]))


Change = list[object]  # what it was and what it is, or nothing if that is the same


def _set_fees(station: Station, fees: Mapping[str, int]) -> Change:
    before = dict(station.areas.values_list("district", "fee"))
    if before == fees:
        return []
    station.areas.exclude(district__in=fees).delete()
    for district, fee in fees.items():
        if before.get(district) != fee:
            DeliveryArea.objects.update_or_create(
                station=station, district=district, defaults={"fee": fee}
            )
    return [before, dict(fees)]


def _set_windows(station: Station, windows: Collection[Hours]) -> Change:
    """Those that stay keep their key: buyers may be choosing one of them right now."""
    known = {(window.starts_at, window.ends_at): window for window in station.windows.all()}
    gone, fresh = known.keys() - set(windows), set(windows) - known.keys()
    if not (gone or fresh):
        return []
    station.windows.filter(pk__in=[known[hours].pk for hours in gone]).delete()
    DeliveryWindow.objects.bulk_create(
        DeliveryWindow(station=station, starts_at=starts, ends_at=ends)
        for starts, ends in sorted(fresh)
    )
    return [[say_hours(hours) for hours in sorted(each)] for each in (known, windows)]


def _set_minutes(station: Station, minutes: int) -> Change:
    before = station.delivery_minutes
    if before == minutes:
        return []
    station.delivery_minutes = minutes
    station.save(update_fields=["delivery_minutes"])
    return [before, minutes]
