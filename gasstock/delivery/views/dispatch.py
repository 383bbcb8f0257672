"""The dispatch board: who brings what, before it leaves and while it is out."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gasstock.accounts.access import requires
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station, User
from gasstock.accounts.permissions import Permission
from gasstock.core.errors import DomainError
from gasstock.core.htmx import go_back, render_page
from gasstock.core.search import words_of
from gasstock.delivery import dispatch as desk
from gasstock.delivery.errors import (
    DeliveryIsAlready,
    NothingTicked,
    TooMuchToCarry,
    WithAnotherRider,
)
from gasstock.delivery.forms.dispatch import AssignForm, RiderForm, picked
from gasstock.delivery.models import Delivery, DeliveryStatus
from gasstock.delivery.services import assigning, running
from gasstock.delivery.stops import carriers
from gasstock.orders.models import Order


@require_safe
@requires(Permission.ORDER_DISPATCH)
def board(request: Request, station: Station) -> HttpResponse:
    """What waits to be brought, who is on the road with what, and what came back."""
    form = AssignForm(station=station, carriers=carriers(station))
    return _board(request, station, form)


def _board(request: Request, station: Station, form: AssignForm) -> HttpResponse:
    asked = desk.Asked(words_of(request), request.GET.get("district", "").replace("\x00", "")[:40])
    found = desk.board(station, list(form.people.values()), asked)
    context = {
        "station": station,
        "form": form,
        "desk": found,
        "picked": desk.picked_on(found, form.picks, form.carrier),
    }
    status = 422 if form.errors else 200
    return render_page(request, "delivery/board.html", context, partials={"board"}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.ORDER_DISPATCH)
def assign(request: Request, station: Station) -> HttpResponse:
    """POST: put what is ticked on somebody's list. GET: what is ticked, for the bar."""
    data = request.POST if request.method == "POST" else request.GET
    form = AssignForm(data, station=station, carriers=carriers(station))
    if request.method != "POST":
        return _picked(request, station, form)
    if not form.is_valid() or not _assign(request, station, form):
        return _board(request, station, form)
    return go_back(request)


def _assign(request: Request, station: Station, form: AssignForm) -> bool:
    """Do it; what was refused stands beside the form then."""
    values = form.values()
    try:
        given = assigning.assign(request.user, station=station, **values)
    except DomainError as error:
        form.add_error("rider" if isinstance(error, TooMuchToCarry) else None, str(error))
        return False
    text = ngettext(
        "%(rider)s brings %(count)s order.", "%(rider)s brings %(count)s orders.", len(given)
    )
    messages.success(request, text % {"rider": values["rider"].first_name, "count": len(given)})
    return True


def _picked(request: Request, station: Station, form: AssignForm) -> HttpResponse:
    if not request.htmx:
        return redirect("delivery:board", station.slug)
    context = {"picked": desk.picked(station, form.picks, form.carrier)}
    return render_page(request, "delivery/_picked.html", context)


# --- One delivery -----------------------------------------------------------------------------


@require_POST
@requires(Permission.ORDER_DISPATCH)
def reassign(request: Request, station: Station, pk: int) -> HttpResponse:
    """Move what has not left yet to another rider's list."""
    delivery = _find(request, station, pk)
    rider = _rider(request, station)
    if delivery.status != DeliveryStatus.ASSIGNED:
        raise DeliveryIsAlready(delivery)
    assigning.assign(request.user, station=station, orders=[delivery.order], rider=rider)
    text = _("%(rider)s brings order %(order)s now.")
    messages.success(request, text % {"rider": rider.first_name, "order": delivery.order})
    return go_back(request)


@require_POST
@requires(Permission.ORDER_DISPATCH)
def unassign(request: Request, station: Station, pk: int) -> HttpResponse:
    delivery = _find(request, station, pk)
    assigning.unassign(request.user, delivery=delivery)
    text = _("Order %(order)s waits for another rider.")
    messages.success(request, text % {"order": delivery.order})
    return go_back(request)


def _find(request: Request, station: Station, pk: int) -> Delivery:
    """The delivery, still with whom the page said. Raises WithAnotherRider."""
    rows = Delivery.objects.at(station).select_related("station", "order", "rider")
    delivery = get_object_or_404(rows, pk=pk)
    seen = picked(request.POST, "with")
    if seen and delivery.rider_id not in seen:
        raise WithAnotherRider(delivery)
    return delivery


def _rider(request: Request, station: Station) -> User:
    """Who was chosen: somebody who works here, or the one who sends the form."""
    form = RiderForm(request.POST)
    chosen = form.cleaned_data["rider"] if form.is_valid() else 0
    if chosen is None or chosen == request.user.pk:
        return request.user
    return get_object_or_404(User, pk=chosen, memberships__station=station)


# --- Leaving ----------------------------------------------------------------------------------


@require_POST
@requires(Permission.ORDER_DISPATCH)
def send(request: Request, station: Station) -> HttpResponse:
    """Let a rider leave with what was on their list when the board was looked at."""
    rider = _rider(request, station)
    pks = picked(request.POST, "delivery")
    deliveries = list(Delivery.objects.at(station).filter(pk__in=pks))
    if not deliveries:
        raise NothingTicked
    running.depart(request.user, station=station, rider=rider, deliveries=deliveries)
    text = ngettext(
        "%(rider)s is on the way with %(count)s order.",
        "%(rider)s is on the way with %(count)s orders.",
        len(deliveries),
    )
    messages.success(request, text % {"rider": rider.first_name, "count": len(deliveries)})
    return go_back(request)


@require_POST
@requires(Permission.ORDER_DISPATCH)
def order_send(request: Request, station: Station, number: str) -> HttpResponse:
    """Give an order to a rider who leaves with it at once."""
    orders = Order.objects.at(station).online().select_related("station")
    order = get_object_or_404(orders, number=number)
    rider = _rider(request, station)
    assigning.send(request.user, order=order, rider=rider)
    text = _("Order %(order)s is on the way with %(rider)s.")
    messages.success(request, text % {"order": order, "rider": rider.first_name})
    return go_back(request)
