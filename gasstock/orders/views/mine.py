from itertools import groupby

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gasstock.accounts.access import signed_in
from gasstock.accounts.http import Request
from gasstock.core.errors import DomainError
from gasstock.core.htmx import render_page
from gasstock.core.paging import newest_first
from gasstock.inventory.services.deposits import held_by
from gasstock.orders.forms.shop import CancelForm, RatingForm
from gasstock.orders.models import LineKind, Order
from gasstock.orders.services.carts import add_line, open_cart
from gasstock.orders.services.life import cancel_order
from gasstock.orders.services.ratings import rate_order
from gasstock.orders.story import BUYER_MAY_CANCEL, Story, steps_of

POLL_NO_MORE = 286  # htmx stops asking


@require_safe
@signed_in
def orders(request: Request) -> HttpResponse:
    """Everything somebody ordered, newest first."""
    rows = Order.objects.of(request.user).for_cards()
    page = newest_first(rows, request.GET.get("cursor", ""), size=20)
    return render_page(request, "orders/shop/orders.html", {"page": page}, partials={"more"})


@require_safe
@signed_in
def order(request: Request, number: str) -> HttpResponse:
    return _order_page(request, _own(request, number), RatingForm())


@require_safe
@signed_in
def cylinders(request: Request) -> HttpResponse:
    """What somebody keeps of which station, and what comes back to them for it."""
    held = held_by(request.user)
    stations = [
        (station, list(rows)) for station, rows in groupby(held, key=lambda each: each.station)
    ]
    context = {"stations": stations, "deposit": sum(each.amount for each in held)}
    return render_page(request, "orders/shop/cylinders.html", context)


def _order_page(
    request: Request, order: Order, form: RatingForm, *, status: int = 200
) -> HttpResponse:
    context = {"order": order, "story": Story(order), "form": form}
    return render_page(request, "orders/shop/order.html", context, status=status)


def _own(request: Request, number: str) -> Order:
    orders = Order.objects.of(request.user)
    joined = orders.select_related("station", "buyer", "invoice", "rider", "rating")
    return get_object_or_404(joined, number=number)


@require_safe
@signed_in
def order_timeline(request: Request, number: str) -> HttpResponse:
    """How far it has come; once it has ended, the page around it tells another story."""
    order = _own(request, number)
    context = {"order": order, "steps": steps_of(order)}
    response = render_page(request, "orders/shop/order_timeline.html", context)
    if not order.is_open:
        response.status_code = POLL_NO_MORE
        response["HX-Refresh"] = "true"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def order_cancel(request: Request, number: str) -> HttpResponse:
    order = _own(request, number)
    if request.method != "POST" and order.status not in BUYER_MAY_CANCEL:
        return redirect(order)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        cancel_order(request.user, order=order, reason=form.cleaned_data["reason"])
        messages.success(request, _("Order %(order)s is cancelled.") % {"order": order})
        return redirect(order)
    return render_page(
        request,
        "orders/shop/order_cancel.html",
        {"order": order, "form": form},
        status=422 if form.errors else 200,
    )


@require_POST
@signed_in
def order_rate(request: Request, number: str) -> HttpResponse:
    order = _own(request, number)
    form = RatingForm(request.POST)
    if not form.is_valid():
        return _order_page(request, order, form, status=422)
    rate_order(request.user, order=order, **form.cleaned_data)
    messages.success(request, _("Thank you. The station has your rating."))
    return redirect(order)


@require_POST
@signed_in
def order_again(request: Request, number: str) -> HttpResponse:
    """Put the same things into the cart, as far as they are still sold."""
    order = _own(request, number)
    cart, gone = open_cart(request.user, ""), []
    lines = order.lines.exclude(kind=LineKind.RETURN)
    for line in lines.select_related("listing__station", "listing__variant").order_by("pk"):
        try:
            kind = LineKind(line.kind)
            add_line(cart=cart, listing=line.listing, kind=kind, quantity=line.quantity)
        except DomainError as error:
            gone.append(str(error))
    if gone:
        messages.warning(request, " ".join(gone))
    return redirect("shop:cart")
