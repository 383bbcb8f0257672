"""What people may do at a station, and which role lets them do it. Read this file as a table.

Admins may do everything everywhere; what only they may do wears `@admin_only` and is no
permission of a role.
"""

from enum import StrEnum

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    STATION_SEE = "station.see"  # open the station's pages at all
    ORDER_VIEW = "order.view"
    ORDER_APPROVE = "order.approve"  # within the station's limit
    ORDER_DISPATCH = "order.dispatch"
    ORDER_DELIVER = "order.deliver"
    ORDER_CANCEL = "order.cancel"
    INVOICE_VIEW = "invoice.view"
    INVOICE_SUBMIT = "invoice.submit"
    PAYMENT_TAKE = "payment.take"
    STOCK_VIEW = "stock.view"
    STOCK_ADJUST = "stock.adjust"
    STOCK_COUNT = "stock.count"
    COUNT_APPROVE = "count.approve"  # never an own count
    STOCK_TRANSFER = "stock.transfer"
    GOODS_RECEIVE = "goods.receive"
    LISTING_CHANGE = "listing.change"
    PURCHASE_CHANGE = "purchase.change"
    SALE_MAKE = "sale.make"  # and keep an own drawer
    SALE_VOID = "sale.void"
    SHIFT_ACCEPT = "shift.accept"  # never an own one
    REPORT_VIEW = "report.view"  # what was sold and bought, in sums
    RATING_REPLY = "rating.reply"
    TEAM_CHANGE = "team.change"
    SETTINGS_CHANGE = "settings.change"


WORDS: dict[Permission, Promise] = {
    Permission.STATION_SEE: _("Open the station's pages"),
    Permission.ORDER_VIEW: _("See orders and ratings"),
    Permission.ORDER_APPROVE: _("Approve orders, up to the station's limit"),
    Permission.ORDER_DISPATCH: _("Send orders and assign riders"),
    Permission.ORDER_DELIVER: _("Hand over orders"),
    Permission.ORDER_CANCEL: _("Reject and cancel orders"),
    Permission.INVOICE_VIEW: _("See invoices and customers"),
    Permission.INVOICE_SUBMIT: _("Send invoices to be approved"),
    Permission.PAYMENT_TAKE: _("Record payments"),
    Permission.STOCK_VIEW: _("See stock, moves and cylinders"),
    Permission.STOCK_ADJUST: _("Correct stock, with a reason"),
    Permission.STOCK_COUNT: _("Count stock"),
    Permission.COUNT_APPROVE: _("Approve counts that others made"),
    Permission.STOCK_TRANSFER: _("Move stock between stations"),
    Permission.GOODS_RECEIVE: _("Receive goods from suppliers"),
    Permission.LISTING_CHANGE: _("Change what is on sale, prices and reorder levels"),
    Permission.PURCHASE_CHANGE: _("Order from suppliers"),
    Permission.SALE_MAKE: _("Sell at the counter, with a drawer"),
    Permission.SALE_VOID: _("Undo a counter sale, with a reason"),
    Permission.SHIFT_ACCEPT: _("Accept the drawers of others"),
    Permission.REPORT_VIEW: _("See reports"),
    Permission.RATING_REPLY: _("Answer ratings"),
    Permission.TEAM_CHANGE: _("Invite people, change roles, let them go"),
    Permission.SETTINGS_CHANGE: _("Change the station's settings"),
}


class Role(models.TextChoices):
    MANAGER = "manager", "Manager"
    CLERK = "clerk", "Clerk"
    RIDER = "rider", "Rider"


GRANTS: dict[Role, frozenset[Permission]] = {
    Role.MANAGER: frozenset(Permission),
    Role.CLERK: frozenset(
        {
            Permission.STATION_SEE,
            Permission.ORDER_VIEW,
            Permission.ORDER_APPROVE,
            Permission.ORDER_DISPATCH,
            Permission.ORDER_DELIVER,
            Permission.ORDER_CANCEL,
            Permission.INVOICE_VIEW,
            Permission.INVOICE_SUBMIT,
            Permission.PAYMENT_TAKE,
            Permission.STOCK_VIEW,
            Permission.STOCK_COUNT,
            Permission.GOODS_RECEIVE,
            Permission.SALE_MAKE,
        }
    ),
    Role.RIDER: frozenset({Permission.STATION_SEE, Permission.ORDER_DELIVER}),
}
