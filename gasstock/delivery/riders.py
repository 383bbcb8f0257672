"""Who rides for a station, what they have out, and whether a count of it waits.

No figure of what is on the bike or of cash: whoever reads this is to count it.
"""

from dataclasses import dataclass

from django.db.models import Case, CharField, Count, F, Max, Q, QuerySet, Value, When

from gasstock.accounts.models import Station, User
from gasstock.accounts.permissions import Role
from gasstock.delivery.figures import by_rider, sum_up
from gasstock.delivery.models import CollectedCash, Delivery, DeliveryStatus, Homecoming
from gasstock.inventory.models import Balance, LocationKind


@dataclass(frozen=True)
class Rider:
    """Deliveries by how far they are; `count` is the pk of a count that is not taken in."""

    person: User
    assigned: int = 0
    on_the_way: int = 0
    failed: int = 0
    going_back: int = 0
    has_load: bool = False
    count: int | None = None

    @property
    def is_out(self) -> bool:
        return bool(self.on_the_way or self.failed or self.going_back)


def riders_of(station: Station) -> list[Rider]:
    """The station's riders and who else carries something of it; two queries.

    Those who are to be taken in come first, then those who may be counted.
    """
    found = by_rider(*_what_they_have(station))
    riding = Q(memberships__station=station, memberships__role=Role.RIDER, is_active=True)
    people = User.objects.filter(riding | Q(pk__in=found)).distinct()
    rows = [_rider(person, found.get(person.pk, {})) for person in people.order_by("name", "pk")]
    return sorted(rows, key=lambda each: (each.count is None, not each.has_load, not each.assigned))


def of_station(station: Station) -> QuerySet[User]:
    """Whoever may have ridden for the station: its team, and those who have left it."""
    team, rode = Q(memberships__station=station), Q(deliveries__station=station)
    carried = Q(locations__station=station, locations__kind=LocationKind.RIDER)
    return User.objects.filter(team | rode | carried).distinct()


def _what_they_have(station: Station) -> list[QuerySet]:
    out = Delivery.objects.at(station).waiting()
    states = Case(
        When(goes_back=True, then=Value("going_back")),
        default=F("status"),
        output_field=CharField(),
    )
    load = Balance.objects.filter(
        location__station=station, location__kind=LocationKind.RIDER, on_hand__gt=0
    )
    cash = CollectedCash.objects.filter(station=station, homecoming=None)
    counts = Homecoming.objects.filter(station=station, posted_at=None)
    return [
        out.values_list("rider").annotate(name=states, number=Count("pk")),
        sum_up(load, "load", Count("pk"), "location__person"),
        sum_up(cash, "cash", Count("pk")),
        sum_up(counts, "count", Max("pk")),
    ]


def _rider(person: User, has: dict[str, int]) -> Rider:
    return Rider(
        person,
        assigned=has.get(DeliveryStatus.ASSIGNED, 0),
        on_the_way=has.get(DeliveryStatus.ON_THE_WAY, 0),
        failed=has.get(DeliveryStatus.FAILED, 0),
        going_back=has.get("going_back", 0),
        has_load="load" in has or "cash" in has,
        count=has.get("count"),
    )
