"""Whom a station buys from."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gasstock.accounts.access import requires
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.core.forms import saved
from gasstock.core.htmx import go_back, posted, render_page
from gasstock.core.paging import newest_first
from gasstock.purchasing import history
from gasstock.purchasing.forms.suppliers import SupplierForm
from gasstock.purchasing.models import PurchaseOrder, Receipt, Supplier
from gasstock.purchasing.services import suppliers as services
from gasstock.purchasing.tables import OrderTable, SupplierTable

RECEIPTS_SHOWN = 10


@require_safe
@requires(Permission.PURCHASE_CHANGE)
def suppliers(request: Request, station: Station) -> HttpResponse:
    """Those the station buys from, the newest first; retired ones apart."""
    is_retired = request.GET.get("show") == "retired"
    rows = Supplier.objects.at(station).filter(retired_at__isnull=not is_retired)
    page = newest_first(
        history.with_open_orders(rows).select_related("station"), request.GET.get("cursor", "")
    )
    context = {
        "station": station,
        "table": SupplierTable(page.rows),
        "is_empty": not page.rows,
        "next": page.next,
        "is_retired": is_retired,
    }
    return render_page(request, "purchasing/suppliers.html", context, partials={"suppliers"})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PURCHASE_CHANGE)
def supplier_add(request: Request, station: Station) -> HttpResponse:
    form = SupplierForm(posted(request))
    added = saved(form, services.add_supplier, request.user, station=station)
    if added:
        messages.success(request, _("%(name)s is on your list.") % {"name": added})
        return redirect(added)
    return _form_page(request, station, form)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PURCHASE_CHANGE)
def supplier_change(request: Request, station: Station, pk: int) -> HttpResponse:
    supplier = _supplier(station, pk)
    now = {name: getattr(supplier, name) for name in services.FIELDS}
    form = SupplierForm(posted(request), initial=now)
    if saved(form, services.change_supplier, request.user, supplier=supplier):
        messages.success(request, _("%(name)s is saved.") % {"name": form.cleaned_data["name"]})
        return redirect(supplier)
    return _form_page(request, station, form, supplier)


def _form_page(
    request: Request, station: Station, form: SupplierForm, supplier: Supplier | None = None
) -> HttpResponse:
    context = {"station": station, "form": form, "supplier": supplier}
    status = 422 if form.errors else 200
    return render_page(request, "purchasing/supplier_form.html", context, status=status)


@require_safe
@requires(Permission.PURCHASE_CHANGE)
def supplier(request: Request, station: Station, pk: int) -> HttpResponse:
    """What is known of a supplier, and all that was ever bought there."""
    found = _supplier(station, pk)
    orders = PurchaseOrder.objects.filter(supplier=found).for_list()
    page = newest_first(orders, request.GET.get("cursor", ""), size=15)
    receipts = Receipt.objects.filter(order__supplier=found).select_related("order__station")
    context = {
        "station": station,
        "supplier": found,
        "figures": history.figures_of(found),
        "bought": history.bought_of(found),
        "receipts": receipts.select_related("received_by").order_by("-pk")[:RECEIPTS_SHOWN],
        "table": OrderTable(page.rows, exclude=("supplier",)),
        "is_empty": not page.rows,
        "next": page.next,
    }
    return render_page(request, "purchasing/supplier.html", context, partials={"orders"})


@require_POST
@requires(Permission.PURCHASE_CHANGE)
def supplier_retire(request: Request, station: Station, pk: int) -> HttpResponse:
    found = _supplier(station, pk)
    services.retire_supplier(request.user, supplier=found)
    messages.success(request, _("%(name)s takes no new orders now.") % {"name": found})
    return go_back(request)


@require_POST
@requires(Permission.PURCHASE_CHANGE)
def supplier_bring_back(request: Request, station: Station, pk: int) -> HttpResponse:
    found = _supplier(station, pk)
    services.bring_back_supplier(request.user, supplier=found)
    messages.success(request, _("%(name)s takes orders again.") % {"name": found})
    return go_back(request)


def _supplier(station: Station, pk: int) -> Supplier:
    found = get_object_or_404(Supplier.objects.at(station), pk=pk)
    found.station = station
    return found
