"""The station's board and the page of one order, with the steps an order takes there."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gasstock.accounts.access import requires
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.core.htmx import go_back, posted, render_page
from gasstock.core.search import words_of
from gasstock.orders import board as desk
from gasstock.orders.forms.station import (
    WHY_CALL_OFF,
    WHY_REJECT,
    PaymentForm,
    ReasonForm,
)
from gasstock.orders.models import Order
from gasstock.orders.services import life


@require_safe
@requires(Permission.ORDER_VIEW)
def board(request: Request, station: Station) -> HttpResponse:
    """What waits at the station, stage by stage; or one stage, or a search, page by page."""
    words, show = words_of(request), request.GET.get("show", "")
    cursor, page = request.GET.get("cursor", ""), None
    if words:
        lane, page = desk.found(station, request.user, words, cursor)
        lanes = [lane]
    elif show in desk.LANES:
        lane, page = desk.one_lane(station, request.user, show, cursor)
        lanes = [lane]
    else:
        lanes = desk.lanes(station, request.user)
    context = {
        "station": station,
        "lanes": lanes,
        "page": page,
        "words": words,
        "orders": [card.order for lane in lanes for card in lane.cards],
    }
    return render_page(request, "orders/station/board.html", context, partials={"board"})


@require_safe
@requires(Permission.ORDER_VIEW)
def order(request: Request, station: Station, number: str) -> HttpResponse:
    """All about one order, and what may be done with it; a counter sale has a page of its own."""
    found = _look_up(station, number)
    if found.is_sale:
        return redirect("counter:sale", station.slug, number)
    return render_order(request, station, found)


@require_POST
@requires(Permission.ORDER_APPROVE)
def order_approve(request: Request, station: Station, number: str) -> HttpResponse:
    order = find(station, number)
    life.approve_order(request.user, order=order)
    messages.success(request, _("Order %(order)s is approved.") % {"order": order})
    return go_back(request)


@require_http_methods(["GET", "POST"])
@requires(Permission.ORDER_APPROVE)
def order_reject(request: Request, station: Station, number: str) -> HttpResponse:
    order = find(station, number)
    form = ReasonForm(posted(request), reasons=WHY_REJECT)
    if not form.is_valid():
        return render_order(request, station, order, why_form=form)
    life.reject_order(request.user, order=order, reason=form.cleaned_data["reason"])
    messages.success(request, _("Order %(order)s is rejected.") % {"order": order})
    return redirect("station:order", station.slug, number)


@require_http_methods(["GET", "POST"])
@requires(Permission.ORDER_CANCEL)
def order_cancel(request: Request, station: Station, number: str) -> HttpResponse:
    order = find(station, number)
    form = ReasonForm(posted(request), reasons=WHY_CALL_OFF)
    if not form.is_valid():
        return render_order(request, station, order, why_form=form)
    life.call_off_order(request.user, order=order, reason=form.cleaned_data["reason"])
    messages.success(request, _("Order %(order)s is cancelled.") % {"order": order})
    return redirect("station:order", station.slug, number)


def find(station: Station, number: str) -> Order:
    """An order of the storefront; nothing is done with a counter sale here."""
    found = _look_up(station, number)
    if found.is_sale:
        raise Http404
    return found


def _look_up(station: Station, number: str) -> Order:
    orders = Order.objects.at(station).select_related("buyer", "rider", "invoice")
    found = get_object_or_404(orders, number=number)
    found.station = station
    return found


def render_order(
    request: Request, station: Station, order: Order, **forms: ReasonForm | PaymentForm
) -> HttpResponse:
    """Show the page of the order; a form that did not pass stands in the place of its own."""
    file = desk.order_file(order, station, request.user)
    reasons = WHY_CALL_OFF if file.can_call_off else WHY_REJECT
    context: dict[str, Any] = {
        "station": station,
        "file": file,
        "order": order,
        "why_form": ReasonForm(reasons=reasons),
        "pay_form": PaymentForm(bills=file.bills, to_pay=file.to_pay, method=order.payment_method),
    }
    return render_page(
        request,
        "orders/station/order.html",
        context | forms,
        partials={"order"},
        status=422 if any(form.errors for form in forms.values()) else 200,
    )
