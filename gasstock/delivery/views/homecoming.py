"""A rider is back: counted blind, compared with the books, taken in; and the paper of it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gasstock.accounts.access import requires
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.billing.errors import NoOpenShift
from gasstock.billing.services.shifts import shift_of
from gasstock.core import platform
from gasstock.core.htmx import posted, render_page
from gasstock.core.money import decimals_of, symbol_of
from gasstock.delivery import homecomings as counts
from gasstock.delivery.errors import CountedAgain, LoadChanged, OwnLoad
from gasstock.delivery.forms.homecoming import CountForm, WhyForm
from gasstock.delivery.forms.riders import CountsForm
from gasstock.delivery.models import Homecoming
from gasstock.delivery.riders import of_station
from gasstock.delivery.services import homecoming as services
from gasstock.inventory.errors import NothingCarried


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.ORDER_DISPATCH)
def rider_count(request: Request, station: Station, pk: int) -> HttpResponse:
    """What is there: never what should be, not even after a first count."""
    rider = get_object_or_404(of_station(station), pk=pk)
    if rider == request.user:
        messages.error(request, str(OwnLoad()))
        return redirect("delivery:riders", station.slug)
    form = CountForm(posted(request), kinds=services.to_count(station, rider))
    if form.is_valid():
        counted, cash = form.counted(), form.cleaned_data["cash"]
        try:
            found = services.count(
                request.user, station=station, rider=rider, counted=counted, cash=cash
            )
            return redirect("delivery:homecoming", station.slug, found.pk)
        except NothingCarried as error:
            form.add_error(None, str(error))
    context = {
        "station": station,
        "rider": rider,
        "form": form,
        "staying": counts.out_with(station, rider).staying,
        "symbol": symbol_of(),
        "decimals": decimals_of(platform.current().currency),
    }
    status = 422 if form.errors else 200
    return render_page(request, "delivery/rider_count.html", context, status=status)


@require_safe
@requires(Permission.ORDER_DISPATCH)
def homecomings(request: Request, station: Station) -> HttpResponse:
    """Every load that was counted, newest first."""
    form = CountsForm(request.GET, riders=counts.counters_of(station))
    rider, only_off = form.wanted()
    cursor = request.GET.get("cursor", "")
    context = {
        "station": station,
        "form": form,
        "is_filtered": rider is not None or only_off,
        "page": counts.counts_at(station, cursor, rider=rider, only_off=only_off),
    }
    return render_page(request, "delivery/homecomings.html", context, partials={"counts"})


@require_safe
@requires(Permission.ORDER_DISPATCH)
def homecoming(request: Request, station: Station, pk: int) -> HttpResponse:
    """The count against the books until it is taken in, its paper afterwards."""
    found = _find(station, pk)
    if found.posted_at is None:
        return _compared(request, found, WhyForm(initial={"answers": str(found.rider)}))
    context = {
        "station": station,
        "homecoming": found,
        "comparison": counts.compare(found),
        "earlier": counts.earlier_counts(found),
        "taken": counts.taken_at_doors(found),
        "sees_values": Permission.COUNT_APPROVE in station.granted,
    }
    return render(request, "delivery/homecoming_paper.html", context)


@require_POST
@requires(Permission.ORDER_DISPATCH)
def homecoming_post(request: Request, station: Station, pk: int) -> HttpResponse:
    """Take in what was counted; what differs with a name and a reason."""
    found = _find(station, pk)
    form = WhyForm(request.POST)
    if request.POST.get("seen") != found.counted_at.isoformat():
        messages.error(request, str(CountedAgain()))
        return redirect("delivery:homecoming", station.slug, pk)
    is_off = found.posted_at is None and found.differs
    if is_off and not form.is_valid():
        return _compared(request, found, form, status=422)
    try:
        services.post(request.user, homecoming=found, **(form.cleaned_data if is_off else {}))
    except LoadChanged as error:
        messages.error(request, str(error))
        return redirect("delivery:rider_count", station.slug, found.rider_id)
    except NoOpenShift:
        return _compared(request, found, form, status=422)
    messages.success(request, _("%(count)s is taken in.") % {"count": found})
    return redirect("delivery:homecoming", station.slug, pk)


def _find(station: Station, pk: int) -> Homecoming:
    rows = Homecoming.objects.filter(station=station).select_related(
        "rider", "counted_by", "posted_by", "entry__shift__cashier"
    )
    found = get_object_or_404(rows, pk=pk)
    found.station = station
    return found


def _compared(
    request: Request, found: Homecoming, form: WhyForm, *, status: int = 200
) -> HttpResponse:
    station = found.station
    needs_drawer = bool(found.cash_counted) and shift_of(request.user, station) is None
    comparison = counts.compare(found)
    is_stale = services.is_out_of_date(found, [each.line for each in comparison.lines])
    context: dict[str, Any] = {
        "station": station,
        "homecoming": found,
        "form": form,
        "comparison": comparison,
        "earlier": counts.earlier_counts(found),
        "out": counts.out_with(station, found.rider),
        "changed": str(LoadChanged(found.rider)) if is_stale else "",
        "needs_drawer": needs_drawer,
        "is_own": request.user == found.rider,
        "sees_values": Permission.COUNT_APPROVE in station.granted,
    }
    return render_page(request, "delivery/homecoming.html", context, status=status)
