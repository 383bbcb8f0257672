from django.utils.translation import gettext as _

from gasstock.core.errors import DomainError


class TooManyViews(DomainError):
    """One person keeps as many saved reports as anybody needs."""

    def __init__(self, most: int) -> None:
        super().__init__(
            _("You have %(most)s saved reports. Delete one that you no longer need.")
            % {"most": most}
        )


class NameTaken(DomainError):
    """Another saved view of the same report has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(_("You have another one called %(name)s.") % {"name": name})


class TooLongToSave(DomainError):
    """The address of the report is longer than what is kept of it."""

    def __init__(self) -> None:
        super().__init__(_("This report has too many filters to be saved."))
