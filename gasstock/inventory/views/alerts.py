"""What runs low, with what to do about it."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gasstock.accounts.access import requires
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.core import platform
from gasstock.core.htmx import go_back, render_page
from gasstock.core.paging import newest_first
from gasstock.inventory.models import LowStockAlert
from gasstock.inventory.services.alerts import Suggestion, dismiss_alert, suggest
from gasstock.inventory.services.shelf import Stand, with_rest


@dataclass(frozen=True)
class Low:
    """An alert with what there is now and what to buy."""

    alert: LowStockAlert
    stand: Stand
    suggestion: Suggestion


@require_safe
@requires(Permission.STOCK_VIEW)
def alerts(request: Request, station: Station) -> HttpResponse:
    shown = LowStockAlert.objects.at(station).shown()
    shown = shown.select_related(
        "listing__station",
        "listing__variant__product__brand",
        "listing__variant__product__category",
        "listing__full",
    )
    page = newest_first(shown, request.GET.get("cursor", ""))
    stands = with_rest(station, [alert.listing for alert in page.rows])
    lows = [
        Low(alert, stand, suggest(stand.listing, stand=stand))
        for alert, stand in zip(page.rows, stands, strict=True)
    ]
    is_all = not page.next and "cursor" not in request.GET
    context = {
        "station": station,
        "lows": lows,
        "weeks": platform.current().sales_weeks,
        "next": page.next,
        "alert_count": len(lows) if is_all else 0,
    }
    return render_page(request, "inventory/alerts.html", context, partials={"lows"})


@require_POST
@requires(Permission.LISTING_CHANGE)
def alert_dismiss(request: Request, station: Station, pk: int) -> HttpResponse:
    alerts = LowStockAlert.objects.at(station).select_related("listing__variant")
    alert = get_object_or_404(alerts, pk=pk)
    dismiss_alert(request.user, alert=alert)
    name = {"name": alert.listing.variant}
    messages.success(request, _("%(name)s is off this list until it runs low again.") % name)
    return go_back(request)
