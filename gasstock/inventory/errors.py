from gasstock.core.errors import DomainError


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
