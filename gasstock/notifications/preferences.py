"""What a person's preferences say about one kind of notice. Reads only what it is given."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.utils import timezone

from gasstock.notifications.kinds import Group, Way
from gasstock.notifications.models import Preferences


def ways_of(preferences: Preferences | None, group: Group) -> frozenset[str]:
    """How the person wants to be told; of a locked group, at least as it comes."""
    chosen = (preferences.chosen if preferences else {}).get(group.key)
    if chosen is None:
        return frozenset(group.ways)
    ways = frozenset(chosen) & frozenset(Way.values)
    return ways | group.ways if group.is_locked else ways


def quiet_until(preferences: Preferences | None, moment: datetime) -> datetime:
    """Return the end of the quiet hours that `moment` falls into, or `moment` itself."""
    if preferences is None or preferences.quiet_from is None or preferences.quiet_until is None:
        return moment
    here = timezone.localtime(moment)
    begins, ends = preferences.quiet_from, preferences.quiet_until
    now = here.time()
    over_midnight = begins > ends
    is_quiet = (now >= begins or now < ends) if over_midnight else begins <= now < ends
    if not is_quiet:
        return moment
    day = here.date() + timedelta(days=1) if over_midnight and now >= begins else here.date()
    return timezone.make_aware(datetime.combine(day, ends), here.tzinfo)


def of(people: Collection[int]) -> dict[int, Preferences]:
    """The preferences of those of `people` (keys of users) who chose something; one query."""
    return {row.pk: row for row in Preferences.objects.filter(user__in=people)}
