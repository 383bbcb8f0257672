from django.utils.translation import gettext as _

from gasstock.accounts.models import Station, User
from gasstock.core.errors import DomainError


class ReasonMissing(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Say why: the station will read it."))


class ApplicationWaiting(DomainError):
    def __init__(self) -> None:
        super().__init__(_("You already have an application that waits for an answer."))


class OwnApplication(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Somebody else must decide about your own application."))


class StationIsAlready(DomainError):
    rule = "wrong-status"

    def __init__(self, station: Station) -> None:
        status = station.get_status_display().lower()
        super().__init__(
            _("%(station)s is not in that state any more: %(status)s.")
            % {"station": station, "status": status}
        )


class AlreadyMember(DomainError):
    def __init__(self, email: str) -> None:
        super().__init__(_("%(email)s works at this station already.") % {"email": email})


class TooManyInvitations(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Too many invitations are open. Take some back first."))


class InvitationGone(DomainError):
    def __init__(self) -> None:
        super().__init__(_("This invitation was used, taken back, or is older than a week."))


class InvitationForSomebodyElse(DomainError):
    def __init__(self) -> None:
        super().__init__(_("This invitation was sent to another e-mail address."))


class LastManager(DomainError):
    def __init__(self, station: Station) -> None:
        super().__init__(
            _("%(station)s would have no manager left. Make somebody else a manager first.")
            % {"station": station}
        )


class MemberGone(DomainError):
    def __init__(self) -> None:
        super().__init__(_("This person does not work here any more."))


class LastAdmin(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Nobody would be left to run the platform."))


class NotOnYourself(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Another admin must do that for you."))


class AccountClosed(DomainError):
    def __init__(self, user: User) -> None:
        super().__init__(_("The account of %(user)s is deactivated.") % {"user": user})


class CurrencyInUse(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Prices or bills are written in the currency, so it stays."))


class TooManyAddresses(DomainError):
    def __init__(self) -> None:
        super().__init__(_("You have many addresses already. Change or delete one."))
