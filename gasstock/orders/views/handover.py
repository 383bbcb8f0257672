"""At the door and at the counter: a rider's runs, handing over, taking in what comes back."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gasstock.accounts.access import requires
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station, User
from gasstock.accounts.permissions import Permission
from gasstock.core.htmx import go_back, posted, render_page
from gasstock.core.money import format_money
from gasstock.inventory.services.riders import loads
from gasstock.orders import board as desk
from gasstock.orders.errors import (
    CodeMissing,
    NothingDelivered,
    QuantityOutOfRange,
    WrongCode,
)
from gasstock.orders.forms.station import HandOverForm
from gasstock.orders.models import LineKind, Order, OrderStatus
from gasstock.orders.services import handover, returns
from gasstock.orders.services.shells import other_brands


@require_safe
@requires(Permission.ORDER_DELIVER)
def runs(request: Request, station: Station) -> HttpResponse:
    """Where this person has to bring gas, and what they carry."""
    orders = desk.runs(station, request.user)
    load = [balances for rider, balances in loads(station) if rider == request.user]
    context = {"station": station, "orders": orders, "load": load[0] if load else []}
    return render_page(request, "orders/station/runs.html", context, partials={"runs"})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.ORDER_DELIVER)
def order_deliver(request: Request, station: Station, number: str) -> HttpResponse:
    """Hand an order over: how many, how many empties back, the buyer's code."""
    order = _to_hand_over(request, station, number)
    lines = list(order.lines.select_related("variant__product__brand").order_by("pk"))
    others = other_brands(station, [x.variant for x in lines if x.kind == LineKind.EXCHANGE])
    form = HandOverForm(posted(request), lines=lines, others=others)
    if form.is_valid() and _hand_over(request, order, form):
        return _after(request, station, order)
    if request.method != "POST" and not _is_ready(order):
        return _after(request, station, order)
    asked = form
    if not form.is_bound:
        asked = HandOverForm(request.GET or None, lines=lines, others=others)
    asked.is_valid()
    context = {
        "station": station,
        "order": order,
        "form": form,
        "bill": desk.preview(order, lines, asked.handed()),
        "takes_back": any(line.kind == LineKind.EXCHANGE for line in lines),
    }
    return render_page(
        request,
        "orders/station/deliver.html",
        context,
        partials={"hand", "bill"},
        status=422 if form.errors else 200,
    )


def _to_hand_over(request: Request, station: Station, number: str) -> Order:
    """The order; who only delivers finds their own runs alone."""
    orders = Order.objects.at(station).online().select_related("buyer", "rider", "invoice")
    if Permission.ORDER_VIEW not in station.granted:
        orders = orders.carried_by(request.user)
    order = get_object_or_404(orders, number=number)
    order.station = station
    return order


def _is_ready(order: Order) -> bool:
    expected = OrderStatus.DISPATCHED if order.is_delivery else OrderStatus.APPROVED
    return order.status == expected


def _hand_over(request: Request, order: Order, form: HandOverForm) -> bool:
    """Do it; what was refused stands beside its field then."""
    data = form.cleaned_data
    try:
        handover.deliver_order(
            request.user,
            order=order,
            handed=form.handed(),
            code=data["code"],
            override_reason=data["no_code"],
        )
    except (WrongCode, CodeMissing) as error:
        form.add_error("code", str(error))
    except (QuantityOutOfRange, NothingDelivered) as error:
        form.add_error(None, str(error))
    else:
        order.invoice.refresh_from_db()
        total = format_money(order.invoice.owed, order.currency)
        text = _("Order %(order)s is handed over. The bill is %(total)s.")
        messages.success(request, text % {"order": order, "total": total})
    return not form.errors


def _after(request: Request, station: Station, order: Order) -> HttpResponseRedirect:
    if Permission.ORDER_VIEW not in station.granted:
        return redirect("station:runs", station.slug)
    return redirect("station:order", station.slug, order.number)


@require_safe
@requires(Permission.ORDER_DISPATCH)
def riders(request: Request, station: Station) -> HttpResponse:
    """What each rider carries."""
    context = {"station": station, "riders": desk.riders(station)}
    return render_page(request, "orders/station/riders.html", context, partials={"riders"})


@require_POST
@requires(Permission.ORDER_DISPATCH)
def rider_return(request: Request, station: Station, pk: int) -> HttpResponse:
    rider = get_object_or_404(User, pk=pk, locations__station=station, locations__kind="rider")
    moves = returns.take_in_load(request.user, station=station, rider=rider)
    count = sum(move.quantity for move in moves)
    text = _("%(count)s taken in from %(rider)s.")
    messages.success(request, text % {"count": count, "rider": rider})
    return go_back(request)
