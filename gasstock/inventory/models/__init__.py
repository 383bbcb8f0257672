from gasstock.inventory.models.alerts import LowStockAlert
from gasstock.inventory.models.counts import RUNNING, Stocktake, StocktakeLine, StocktakeStatus
from gasstock.inventory.models.deposits import DEPOSIT, DepositEntry
from gasstock.inventory.models.imports import ImportRun
from gasstock.inventory.models.ledger import Balance, Condition, Move, Reason, Reservation
from gasstock.inventory.models.listings import Listing
from gasstock.inventory.models.locations import Location, LocationKind
from gasstock.inventory.models.transfers import (
    ON_THE_ROAD,
    Transfer,
    TransferLine,
    TransferStatus,
)

__all__ = [
    "DEPOSIT",
    "ON_THE_ROAD",
    "RUNNING",
    "Balance",
    "Condition",
    "DepositEntry",
    "ImportRun",
    "Listing",
    "Location",
    "LocationKind",
    "LowStockAlert",
    "Move",
    "Reason",
    "Reservation",
    "Stocktake",
    "StocktakeLine",
    "StocktakeStatus",
    "Transfer",
    "TransferLine",
    "TransferStatus",
]
