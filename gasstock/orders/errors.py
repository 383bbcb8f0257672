from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gasstock.core.errors import DomainError
from gasstock.core.money import format_money
from gasstock.orders.models import LineKind, Order


class NothingOrdered(DomainError):
    def __init__(self) -> None:
        super().__init__("There is nothing to order.")


class WrongStatus(DomainError):
    def __init__(self, order: Order) -> None:
        super().__init__(f"Order {order} is already {order.get_status_display().lower()}.")


class NotForSale(DomainError):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is no longer on sale here.")


class KindNotOffered(DomainError):
    def __init__(self, name: str, kind: LineKind) -> None:
        super().__init__(f"{name} is not sold as “{kind.label.lower()}” here.")


class ShortOfStock(DomainError):
    """Some lines cannot be had; `shortages` says how many there are, by listing."""

    rule = "out-of-stock"

    def __init__(self, shortages: dict[int, int], names: dict[int, str], text: str = "") -> None:
        self.shortages = shortages
        lines = [shortage(left, names[pk]) for pk, left in shortages.items()]
        super().__init__(" ".join(lines) or text)


def shortage(left: int, name: str) -> str:
    return f"Only {left} left of {name}." if left else f"None left of {name}."


class PriceChanged(DomainError):
    """The sum is not what the person saw; `total` is what it is now, in minor units."""

    def __init__(self, total: int) -> None:
        self.total = total
        super().__init__(
            f"A price changed while you were here. It is {format_money(total)} now: "
            "look once more, then place the order."
        )


class FeeChanged(PriceChanged):
    """The sum is another because it goes to another district. Amounts in minor units."""

    def __init__(self, district: str, fee: int, total: int) -> None:
        super().__init__(total)
        text = (
            _("Delivery to %(district)s costs %(fee)s; the total is now %(total)s.")
            if fee
            else _("Delivery to %(district)s is free; the total is now %(total)s.")
        )
        values = {
            "district": district,
            "fee": format_money(fee),
            "total": format_money(total),
        }
        self.args = (text % values + " " + _("Look once more, then place the order."),)


class NoDelivery(DomainError):
    def __init__(self, station: str) -> None:
        super().__init__(f"{station} does not deliver. Choose pick-up.")


class SlotGone(DomainError):
    def __init__(self, slot: str) -> None:
        super().__init__(_("%(slot)s has begun: choose another time.") % {"slot": slot})


class WindowsOverlap(DomainError):
    def __init__(self, window: str) -> None:
        super().__init__(_("It overlaps with %(window)s.") % {"window": window})


class WindowEndsFirst(DomainError):
    def __init__(self) -> None:
        super().__init__(_("It has to end later on the same day than it starts."))


class MethodNotTaken(DomainError):
    def __init__(self, station: str, method: str) -> None:
        super().__init__(f"{station} does not take payment by {method.lower()}.")


class AboveLimit(DomainError):
    def __init__(self, order: Order, limit: int) -> None:
        money = format_money(limit, order.currency)
        super().__init__(
            f"Order {order} is above your station's limit of {money}: an admin has to approve it."
        )


class OwnOrder(DomainError):
    def __init__(self) -> None:
        super().__init__("This is your own order, so somebody else has to approve it.")


class NotYours(DomainError):
    def __init__(self) -> None:
        super().__init__("This order is with another rider.")


class WrongCode(DomainError):
    def __init__(self, left: int) -> None:
        text = ngettext(
            "That is not the buyer’s code. %(left)s more try.",
            "That is not the buyer’s code. %(left)s more tries.",
            left,
        )
        if not left:
            text = _("Too many wrong codes. Write why it is handed over without the code.")
        super().__init__(text % {"left": left})


class CodeMissing(DomainError):
    def __init__(self) -> None:
        super().__init__("Type the buyer's code, or write why there is none.")


class NothingDelivered(DomainError):
    def __init__(self) -> None:
        super().__init__("Nothing was handed over. If it failed, cancel the order with a reason.")


class QuantityOutOfRange(DomainError):
    def __init__(self, name: str, most: int) -> None:
        super().__init__(f"{name}: from 0 to {most}.")


class EmptyNotTaken(DomainError):
    def __init__(self, brought: str, sold: str) -> None:
        super().__init__(f"An empty {brought} is not taken for {sold} here.")


class NotReadyToBill(DomainError):
    def __init__(self, order: Order) -> None:
        super().__init__(f"Order {order} has to be approved before it is billed.")


class NotDelivered(DomainError):
    def __init__(self, order: Order) -> None:
        super().__init__(f"Order {order} was not delivered, so it cannot be rated.")


class AlreadyRated(DomainError):
    def __init__(self, order: Order) -> None:
        super().__init__(f"You rated order {order} already.")


class ReasonMissing(DomainError):
    def __init__(self) -> None:
        super().__init__("Say why: the buyer reads it.")


class PaidOrder(DomainError):
    def __init__(self, order: Order) -> None:
        super().__init__(f"Order {order} is paid, so it does not run out.")


class NotOfTheTeam(DomainError):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} does not work at this station.")


# --- At the counter ---------------------------------------------------------------------------


class SumChanged(PriceChanged):
    def __init__(self, total: int) -> None:
        super().__init__(total)
        money = format_money(total)
        self.args = (_("A price changed: it is %(money)s now. Tell the buyer.") % {"money": money},)


class SaleKeyReused(DomainError):
    def __init__(self, sale: Order) -> None:
        super().__init__(
            _("This sale was sent before with other things in it, as %(sale)s.") % {"sale": sale}
        )


class SameLineTwice(DomainError):
    def __init__(self, name: str) -> None:
        super().__init__(_("%(name)s is on the sale twice.") % {"name": name})


class NotAllPaid(DomainError):
    def __init__(self, rest: int) -> None:
        money = format_money(rest)
        super().__init__(_("%(money)s are still to be paid.") % {"money": money})


class PaidTooMuch(DomainError):
    def __init__(self, over: int) -> None:
        money = format_money(over)
        super().__init__(_("The payments are %(money)s too much.") % {"money": money})


class CashOnly(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Money goes out of the drawer in cash."))


class NobodyToOwe(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Choose the buyer first: somebody has to owe the rest."))


class OwnAccount(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Somebody else has to sell to you on account."))


class EmptiesGone(DomainError):
    def __init__(self, name: str, left: int) -> None:
        super().__init__(
            _("The empties of %(name)s have left already (%(left)s are here): it cannot be undone.")
            % {"name": name, "left": left}
        )
