from gasstock.inventory.models.ledger import Balance, Condition, Move, Reason, Reservation
from gasstock.inventory.models.listings import Listing
from gasstock.inventory.models.locations import Location, LocationKind

__all__ = [
    "Balance",
    "Condition",
    "Listing",
    "Location",
    "LocationKind",
    "Move",
    "Reason",
    "Reservation",
]
