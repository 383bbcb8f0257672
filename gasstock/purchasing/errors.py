from gasstock.core.errors import DomainError
from gasstock.purchasing.models import PurchaseOrder


class SupplierExists(DomainError):
    def __init__(self, name: str) -> None:
        super().__init__(f"You have a supplier called {name} already, perhaps a retired one.")


class SupplierRetired(DomainError):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is retired and takes no new orders.")


class SupplierUnclear(DomainError):
    """Nobody knows whom to order this from."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Choose whom to buy {name} from.")


class WrongPurchaseStatus(DomainError):
    rule = "wrong-status"

    def __init__(self, order: PurchaseOrder) -> None:
        status = order.get_status_display().lower()
        super().__init__(f"{order} is {status}: this cannot be done now.")


class NothingToBuy(DomainError):
    def __init__(self) -> None:
        super().__init__("The order has no lines yet. Say what you want to buy.")


class CostMissing(DomainError):
    def __init__(self, name: str) -> None:
        super().__init__(f"Write what one {name} costs before you send the order.")


class NotBought(DomainError):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} cannot be ordered like this here.")


class ReasonMissing(DomainError):
    def __init__(self) -> None:
        super().__init__("Say why: the supplier and your team read it.")


class NothingReceived(DomainError):
    def __init__(self) -> None:
        super().__init__("Nothing came and nothing was sent back: there is nothing to write down.")


class NotOnOrder(DomainError):
    def __init__(self, order: PurchaseOrder) -> None:
        super().__init__(f"That is not on order {order}.")


class OverReceipt(DomainError):
    """More came than was ordered; `over` says how many too many, by name of the line."""

    def __init__(self, over: dict[str, int]) -> None:
        self.over = over
        lines = [f"{name}: {count} more than was ordered." for name, count in over.items()]
        super().__init__(" ".join(lines))


class NoReasonToReject(DomainError):
    def __init__(self, line: int, name: str) -> None:
        self.line = line
        super().__init__(f"Say why {name} was not accepted.")


class TooFewEmpties(DomainError):
    """`line` is the order's line, `left` how many empties stand at the station."""

    def __init__(self, line: int, name: str, left: int) -> None:
        self.line = line
        count = f"Only {left} empties" if left else "No empties"
        super().__init__(f"{count} of {name} are here.")


class ReceiptKeyReused(DomainError):
    def __init__(self) -> None:
        super().__init__("This receipt was written before with other figures.")


class TwiceOnOrder(DomainError):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} stands twice on the order: put it in one line.")
