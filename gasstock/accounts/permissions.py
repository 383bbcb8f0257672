"""What people may do at a station, and which role lets them do it. Read this file as a table.

Admins may do everything everywhere; what only they may do wears `@admin_only` and is no
permission of a role.
"""

from enum import StrEnum

from django.db import models


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
