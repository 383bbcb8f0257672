"""Finding the place that stock is at; a place is made the first time something goes there."""

from gasstock.accounts.models import Station, User
from gasstock.inventory.models import Location, LocationKind


def location_of(kind: LocationKind, *, station: Station, person: User | None = None) -> Location:
    """Return the location of this kind in the station's books."""
    location, _ = Location.objects.get_or_create(kind=kind, station=station, person=person)
    return location
