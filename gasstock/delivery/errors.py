from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gasstock.accounts.models import User
from gasstock.core.errors import DomainError
from gasstock.core.money import format_money
from gasstock.delivery.models import Delivery
from gasstock.orders.models import Order


class TooMuchToCarry(DomainError):
    """`carried` is what the rider would have, with what is assigned already."""

    def __init__(self, rider: User, limit: int, carried: int) -> None:
        self.limit, self.carried = limit, carried
        text = ngettext(
            "%(rider)s carries %(limit)s cylinder at most. This would make %(carried)s.",
            "%(rider)s carries %(limit)s cylinders at most. This would make %(carried)s.",
            limit,
        )
        super().__init__(text % {"rider": rider.first_name, "limit": limit, "carried": carried})


class NotToDeliver(DomainError):
    def __init__(self, order: Order) -> None:
        super().__init__(_("Order %(order)s is picked up at the station.") % {"order": order})


class NothingTicked(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Tick what you load."))


class ListChanged(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Your list has changed. Look at it, then load."))


class NotLeftYet(DomainError):
    def __init__(self, order: Order) -> None:
        super().__init__(_("The gas of order %(order)s has not left yet.") % {"order": order})


class WithAnotherRider(DomainError):
    def __init__(self, delivery: Delivery) -> None:
        values = {"order": delivery.order, "rider": delivery.rider.first_name}
        super().__init__(_("Order %(order)s goes with %(rider)s now.") % values)


class DeliveryIsAlready(DomainError):
    rule = "wrong-status"

    def __init__(self, delivery: Delivery) -> None:
        values = {"order": delivery.order, "status": delivery.get_status_display().lower()}
        super().__init__(_("Order %(order)s is already %(status)s.") % values)


class CashAboveBill(DomainError):
    """`more` is by how much, in minor units."""

    def __init__(self, order: Order, more: int) -> None:
        self.more = more
        text = _("That is %(more)s more than the bill. Tick it if it is right.")
        super().__init__(text % {"more": format_money(more, order.currency)})


class AlreadyDelivered(DomainError):
    def __init__(self, order: Order, by: User | None) -> None:
        values = {"order": order, "who": by or _("somebody else")}
        super().__init__(
            _("%(who)s handed order %(order)s over already. Nothing was changed.") % values
        )


class DeliveredOtherwise(DomainError):
    def __init__(self, order: Order) -> None:
        super().__init__(
            _(
                "Order %(order)s was saved before, with other figures. Look at them; if they are "
                "wrong, tell the station."
            )
            % {"order": order}
        )


class NotTheBuyer(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Only the buyer says when to come again."))


class TimeMissing(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Say from when on somebody is at home: a time that is still to come."))


# --- Coming home ------------------------------------------------------------------------------


class OwnLoad(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Somebody else has to count what you bring back."))


class NegativeCount(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Nothing is counted below 0."))


class CountedAgain(DomainError):
    def __init__(self) -> None:
        super().__init__(_("It was counted again since you looked. Look at the new count."))


class LoadChanged(DomainError):
    def __init__(self, rider: User) -> None:
        super().__init__(
            _("%(rider)s has delivered or loaded something since the count. Count once more.")
            % {"rider": rider.first_name}
        )


class DifferenceUnexplained(DomainError):
    def __init__(self) -> None:
        super().__init__(_("The count differs: say who answers for it, and why."))
