from gasstock.core.errors import DomainError
from gasstock.inventory.models import Stocktake, Transfer


class OutOfStock(DomainError):
    """Less is free than was asked for. `available` and `name` say what of."""

    def __init__(self, name: str, available: int) -> None:
        self.name = name
        self.available = max(0, available)
        left = f"Only {self.available} left" if self.available else "None left"
        super().__init__(f"{left} of {name}.")


class AlreadyListed(DomainError):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is on your list already.")


class ListingInUse(DomainError):
    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name} cannot be retired: {why}.")


class NotSold(DomainError):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is no longer sold.")


class NothingCarried(DomainError):
    def __init__(self, rider: str) -> None:
        super().__init__(f"{rider} has nothing to bring back.")


class NotHeld(DomainError):
    """More shells would go back than the buyer holds. `held` says how many they do."""

    def __init__(self, name: str, held: int) -> None:
        self.name = name
        self.held = held
        has = f"only {held}" if held else "no"
        super().__init__(f"This buyer has paid a deposit for {has} {name}.")


# --- Counts -----------------------------------------------------------------------------------


class NothingToCount(DomainError):
    def __init__(self) -> None:
        super().__init__("There is nothing to count: put something on your list first.")


class CountIsAlready(DomainError):
    rule = "wrong-status"

    def __init__(self, stocktake: Stocktake) -> None:
        super().__init__(f"{stocktake} is already {stocktake.get_status_display().lower()}.")


class NothingCounted(DomainError):
    def __init__(self) -> None:
        super().__init__("Nothing is counted yet.")


class OwnCount(DomainError):
    def __init__(self) -> None:
        super().__init__("You counted here yourself. Somebody else has to look at it.")


class CountTooShort(DomainError):
    """Writing off `short` would take more than is free: some is held, or has left since."""

    def __init__(self, name: str, short: int, on_hand: int, held: int) -> None:
        self.name, self.short, self.on_hand, self.held = name, short, on_hand, held
        because = (
            f"{held} of {on_hand} are held for orders: call an order off, or"
            if held
            else f"the books have {on_hand} by now:"
        )
        super().__init__(f"{name}: {short} cannot be written off, {because} have it counted again.")


# --- Transfers --------------------------------------------------------------------------------


class TransferIsAlready(DomainError):
    rule = "wrong-status"

    def __init__(self, transfer: Transfer) -> None:
        super().__init__(f"{transfer} is already {transfer.get_status_display().lower()}.")


class NotSelling(DomainError):
    def __init__(self, station: str) -> None:
        super().__init__(f"{station} is not open for business on GasStock.")


class OwnTransfer(DomainError):
    def __init__(self) -> None:
        super().__init__("You asked for this yourself. Somebody else at the other station agrees.")


class NotYourStep(DomainError):
    def __init__(self, station: str) -> None:
        super().__init__(f"This is for {station} to do.")


class TransferKeyReused(DomainError):
    def __init__(self, transfer: Transfer) -> None:
        super().__init__(
            f"This form was sent before with other things in it, as {transfer}. Open it again."
        )


class NothingToMove(DomainError):
    def __init__(self) -> None:
        super().__init__("Say how many, of one thing at least.")


class MoreThanThere(DomainError):
    """`most` is how many were asked for, or are still on the way."""

    def __init__(self, name: str, most: int) -> None:
        self.name, self.most = name, most
        super().__init__(f"At most {most} of {name}.")


class MovedOn(DomainError):
    def __init__(self, transfer: Transfer) -> None:
        super().__init__(f"Somebody took in some of {transfer} meanwhile. Look once more.")


class HeldForOrders(OutOfStock):
    """Fewer would be there than orders hold."""

    def __init__(self, name: str, available: int, held: int) -> None:
        super().__init__(name, available)
        self.held = held
        self.args = (f"{held} of {name} are held for orders, so there cannot be fewer.",)


class StockMoved(DomainError):
    """What stands there changed while somebody looked at an older number. `now` is the new one."""

    def __init__(self, name: str, now: int) -> None:
        self.now = now
        super().__init__(
            f"Stock of {name} has moved since you opened this page: there are {now} now."
        )


class TooMany(DomainError):
    def __init__(self, name: str, most: int) -> None:
        super().__init__(f"At most {most:,} of {name} can stand here.")


class ReasonMissing(DomainError):
    def __init__(self) -> None:
        super().__init__("Say why: it stays in the books.")


# --- Imports ----------------------------------------------------------------------------------


class BooksAreOpen(DomainError):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has moved already: count it instead.")


class ImportIsDone(DomainError):
    def __init__(self) -> None:
        super().__init__("This file is imported already.")


class ImportHasProblems(DomainError):
    def __init__(self) -> None:
        super().__init__("Put the file right first: nothing is imported as long as a row is wrong.")


class ImportOutdated(DomainError):
    def __init__(self) -> None:
        super().__init__("Your stock has changed since this was checked. Look at it once more.")
