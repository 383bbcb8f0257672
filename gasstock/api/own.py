"""What only its buyer may do with an order."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from gasstock.accounts.access import authorize
from gasstock.accounts.permissions import Permission
from gasstock.api.http import ApiRequest
from gasstock.orders.models import Order


def own_order(request: ApiRequest, number: str) -> Order:
    """An order of theirs. Raises PermissionDenied where they see it, but did not order it."""
    order = get_object_or_404(Order.objects.select_related("station", "invoice"), number=number)
    if order.buyer_id != request.user.pk:
        authorize(request.user, order.station.slug, Permission.ORDER_VIEW)
        raise PermissionDenied
    return order
