"""Finding the place that stock is at; a place is made the first time something goes there."""

from django.db.models import Q

from gasstock.accounts.models import Station, User
from gasstock.inventory.models import Location, LocationKind


def location_of(kind: LocationKind, *, station: Station, person: User | None = None) -> Location:
    """Return the location of this kind in the station's books."""
    location, _ = Location.objects.get_or_create(kind=kind, station=station, person=person)
    return location


def shelf_and_buyer(station: Station, buyer: User | None) -> tuple[Location, Location]:
    """Return the station's shelf and the buyer's place; one query once both are there."""
    wanted = Q(kind=LocationKind.STATION) | Q(kind=LocationKind.BUYER, person=buyer)
    found = {place.kind: place for place in Location.objects.filter(wanted, station=station)}
    shelf = found.get(LocationKind.STATION) or location_of(LocationKind.STATION, station=station)
    place = found.get(LocationKind.BUYER)
    return shelf, place or location_of(LocationKind.BUYER, station=station, person=buyer)
