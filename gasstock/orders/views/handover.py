"""At the counter: handing a pick-up over."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gasstock.accounts.access import requires
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.core.htmx import posted, render_page
from gasstock.core.money import format_money
from gasstock.orders import board as desk
from gasstock.orders.errors import (
    CodeMissing,
    EmptyNotTaken,
    NothingDelivered,
    QuantityOutOfRange,
    WrongCode,
)
from gasstock.orders.forms.station import HandOverForm
from gasstock.orders.models import Fulfilment, LineKind, Order, OrderStatus
from gasstock.orders.services import handover
from gasstock.orders.services.shells import other_brands


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.ORDER_DISPATCH)
def order_deliver(request: Request, station: Station, number: str) -> HttpResponse:
    """Hand a pick-up over: how many, how many empties back, the buyer's code."""
    order = _to_pick_up(station, number)
    lines = list(order.lines.select_related("variant__product__brand").order_by("pk"))
    others = other_brands(station, [x.variant for x in lines if x.kind == LineKind.EXCHANGE])
    form = HandOverForm(posted(request), lines=lines, others=others)
    if form.is_valid() and _hand_over(request, order, form):
        return redirect("station:order", station.slug, number)
    if request.method != "POST" and order.status != OrderStatus.APPROVED:
        return redirect("station:order", station.slug, number)
    asked = form
    if not form.is_bound:
        asked = HandOverForm(request.GET or None, lines=lines, others=others)
    asked.is_valid()
    bill = desk.preview(order, lines, asked.handed())
    context = {"station": station, "order": order, "form": form, "bill": bill}
    return render_page(
        request,
        "orders/station/deliver.html",
        context,
        partials={"hand", "bill"},
        status=422 if form.errors else 200,
    )


def _to_pick_up(station: Station, number: str) -> Order:
    orders = Order.objects.at(station).online().filter(fulfilment=Fulfilment.PICKUP)
    order = get_object_or_404(orders.select_related("buyer", "invoice"), number=number)
    order.station = station
    return order


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
    except (EmptyNotTaken, QuantityOutOfRange, NothingDelivered) as error:
        form.add_error(None, str(error))
    else:
        order.invoice.refresh_from_db()
        total = format_money(order.invoice.owed, order.currency)
        text = _("Order %(order)s is handed over. The bill is %(total)s.")
        messages.success(request, text % {"order": order, "total": total})
    return not form.errors
