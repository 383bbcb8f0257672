"""When a station comes and what it takes for that, as buyers read it."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from gasstock.accounts.models import Station
from gasstock.core.templatetags.ui import clock_time
from gasstock.orders.services.promises import Slot, coming, promise
from gasstock.orders.story import on_its_day


@dataclass(frozen=True)
class Arrival:
    """When a station can come that was asked now. Reads its windows once."""

    station: Station

    @cached_property
    def slots(self) -> list[Slot]:
        return coming(self.station)

    @cached_property
    def soonest(self) -> str:
        """“by about 14:20”, “tomorrow by about 08:30”."""
        _start, until = promise(self.station)
        return on_its_day(until, _("by about %(time)s") % {"time": clock_time(until)})


def other_fees(station: Station) -> list[tuple[str, int]]:
    """Where delivery costs other than usual: “Huye, Muhanga”, and the fee; one query."""
    districts = defaultdict(list)
    for area in station.areas.all():
        if area.fee != station.delivery_fee:
            districts[area.fee].append(area.district)
    return [(", ".join(sorted(names)), fee) for fee, names in sorted(districts.items())]
