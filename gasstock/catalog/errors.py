from django.utils.translation import gettext as _

from gasstock.core.errors import DomainError


class InUse(DomainError):
    """Something cannot be deleted, for `users` things of one kind (`kind`) point to it."""

    def __init__(self, name: str, users: int, kind: str) -> None:
        self.users = users
        super().__init__(
            _("%(name)s is in use and cannot be deleted (%(kind)s: %(users)s).")
            % {"name": name, "kind": kind, "users": users}
        )


class NameTaken(DomainError):
    def __init__(self, name: str) -> None:
        super().__init__(_("There is another %(name)s already.") % {"name": name})


class KindIsFixed(DomainError):
    def __init__(self, name: str) -> None:
        super().__init__(
            _("%(name)s has sizes, so it stays among the cylinders or accessories as it is.")
            % {"name": name}
        )


class SizeIsFixed(DomainError):
    def __init__(self, name: str) -> None:
        super().__init__(
            _("Stations list %(name)s, so its size stays. Add another size and retire this one.")
            % {"name": name}
        )


class SizeMissing(DomainError):
    def __init__(self) -> None:
        super().__init__(_("A cylinder has a size in kilograms."))


class NoCylinder(DomainError):
    def __init__(self) -> None:
        super().__init__(_("An accessory has neither a size in kilograms nor a deposit."))
