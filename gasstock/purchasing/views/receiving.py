"""At the gate: what the supplier's truck brought, and what it takes along."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gasstock.accounts.access import requires
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.core.errors import DomainError
from gasstock.core.htmx import posted, render_page
from gasstock.purchasing.errors import (
    NoReasonToReject,
    OverReceipt,
    TooFewEmpties,
)
from gasstock.purchasing.forms.receiving import ReceiptForm
from gasstock.purchasing.models import PurchaseOrder, Receipt
from gasstock.purchasing.services.letters import lines_of
from gasstock.purchasing.services.offers import empties_at
from gasstock.purchasing.services.receiving import receive_goods


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.GOODS_RECEIVE)
def order_receive(request: Request, station: Station, pk: int) -> HttpResponse:
    """Write down what came of an order; it is in stock then."""
    orders = PurchaseOrder.objects.at(station).filter(number__isnull=False)
    order = get_object_or_404(orders.select_related("supplier"), pk=pk)
    if request.method != "POST" and not order.is_expected:
        return redirect("purchasing:order", station.slug, pk)
    may_buy = Permission.PURCHASE_CHANGE in station.granted
    lines = lines_of(order)
    form = ReceiptForm(
        posted(request), lines=lines, empties=empties_at(station), may_confirm=may_buy
    )
    receipt = _receive(request, order, form) if form.is_valid() else None
    if receipt is not None:
        text = _("%(receipt)s is written, and what came is in stock.")
        messages.success(request, text % {"receipt": receipt})
        return redirect("purchasing:order", station.slug, pk)
    context = {"station": station, "order": order, "form": form, "may_buy": may_buy}
    return render_page(
        request,
        "purchasing/order_receive.html",
        context,
        partials={"receive"},
        status=422 if form.errors else 200,
    )


def _receive(request: Request, order: PurchaseOrder, form: ReceiptForm) -> Receipt | None:
    """Do it; what was refused stands beside its field then, or above them all."""
    data = form.cleaned_data
    try:
        return receive_goods(
            request.user,
            order=order,
            lines=form.came(),
            key=data["key"],
            delivery_note=data["delivery_note"],
            note=data["note"],
            confirm_over=data.get("confirm_over", False),
        )
    except OverReceipt as error:
        form.asks_over = True
        may = "confirm_over" in form.fields
        ask = _("Correct it, or tick that it is true.") if may else _("Ask a manager to confirm.")
        form.add_error(None, f"{error} {ask}")
    except NoReasonToReject as error:
        form.add_error(f"reason_{error.line}", str(error))
    except TooFewEmpties as error:
        form.add_error(f"empties_{error.line}", str(error))
    except DomainError as error:
        form.add_error(None, str(error))
    return None
