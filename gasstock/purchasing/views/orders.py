"""Purchase orders: the list, one order, and what becomes of it. Writing one is in drafting.py."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from gasstock.accounts.access import requires
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.core.htmx import render_page
from gasstock.core.paging import newest_first
from gasstock.core.pdf import pdf_response
from gasstock.purchasing.desk import receipts_of, seen_at, sees_costs
from gasstock.purchasing.forms.orders import ReasonForm
from gasstock.purchasing.models import PurchaseOrder, PurchaseStatus, Receipt, Supplier
from gasstock.purchasing.services import letters
from gasstock.purchasing.services import orders as services
from gasstock.purchasing.tables import OrderTable

TABS = {"open": gettext_lazy("Open"), "all": gettext_lazy("All")}


@require_safe
@requires(Permission.GOODS_RECEIVE)
def orders(request: Request, station: Station) -> HttpResponse:
    """What the station ordered, newest first; those that wait for something, or all."""
    tab = request.GET.get("show", "open")
    asked = _asked(request)
    rows = seen_at(station).filter(**asked)
    if tab != "all" and "status" not in asked:
        rows = rows.open()
    page = newest_first(rows.for_list(), request.GET.get("cursor", ""))
    hidden = () if sees_costs(station) else ("sum",)
    context = {
        "station": station,
        "table": OrderTable(page.rows, exclude=hidden),
        "is_empty": not page.rows,
        "next": page.next,
        "tabs": TABS.items(),
        "tab": tab if tab in TABS else "open",
        "asked": asked,
        "suppliers": Supplier.objects.at(station).order_by("name", "pk"),
        "statuses": PurchaseStatus.choices,
    }
    return render_page(request, "purchasing/orders.html", context, partials={"orders"})


def _asked(request: Request) -> dict[str, str]:
    """What the list is narrowed to; what makes no sense is left out."""
    supplier, status = request.GET.get("supplier", ""), request.GET.get("status", "")
    asked = {}
    if supplier.isascii() and supplier.isdigit() and len(supplier) < 19:
        asked["supplier"] = supplier
    if status in PurchaseStatus.values:
        asked["status"] = status
    return asked


@require_safe
@requires(Permission.GOODS_RECEIVE)
def order(request: Request, station: Station, pk: int) -> HttpResponse:
    """One order: what was asked for, what came, and what there is to do."""
    return _order_page(request, _order(station, pk), ReasonForm())


def _order_page(request: Request, found: PurchaseOrder, form: ReasonForm) -> HttpResponse:
    lines = letters.lines_of(found)
    context = {
        "station": found.station,
        "order": found,
        "lines": lines,
        "total": sum(line.total for line in lines),
        "receipts": receipts_of(found),
        "form": form,
        "may_buy": sees_costs(found.station),
    }
    status = 422 if form.errors else 200
    return render_page(request, "purchasing/order.html", context, status=status)


@require_POST
@requires(Permission.PURCHASE_CHANGE)
def order_send(request: Request, station: Station, pk: int) -> HttpResponse:
    found = services.submit_order(request.user, order=_order(station, pk))
    if found.supplier.email:
        text = _("%(order)s is on its way to %(email)s.")
    else:
        text = _("%(order)s has its number. Print it or send the PDF: there is no e-mail address.")
    messages.success(request, text % {"order": found, "email": found.supplier.email})
    return redirect("purchasing:order", station.slug, pk)


@require_POST
@requires(Permission.PURCHASE_CHANGE)
def order_discard(request: Request, station: Station, pk: int) -> HttpResponse:
    """Give up a draft that nobody has seen."""
    found = get_object_or_404(seen_at(station).filter(number=None), pk=pk)
    services.cancel_order(request.user, order=found)
    messages.success(request, _("The draft is discarded."))
    return redirect("purchasing:orders", station.slug)


@require_POST
@requires(Permission.PURCHASE_CHANGE)
def order_cancel(request: Request, station: Station, pk: int) -> HttpResponse:
    """Give up an order of which nothing came yet."""
    found, form = _order(station, pk), ReasonForm(request.POST)
    if not form.is_valid():
        return _order_page(request, found, form)
    services.cancel_order(request.user, order=found, reason=form.cleaned_data["reason"])
    messages.success(request, _("%(order)s is cancelled.") % {"order": found})
    return redirect("purchasing:order", station.slug, pk)


@require_POST
@requires(Permission.PURCHASE_CHANGE)
def order_close(request: Request, station: Station, pk: int) -> HttpResponse:
    """Wait no longer for the rest."""
    found, form = _order(station, pk), ReasonForm(request.POST)
    if not form.is_valid():
        return _order_page(request, found, form)
    services.close_short(request.user, order=found, reason=form.cleaned_data["reason"])
    messages.success(request, _("%(order)s is closed.") % {"order": found})
    return redirect("purchasing:order", station.slug, pk)


@require_safe
@requires(Permission.PURCHASE_CHANGE)
def order_pdf(request: Request, station: Station, pk: int) -> HttpResponse:
    found = _order(station, pk)
    name = f"{found.number or _('draft')}.pdf"
    return pdf_response(letters.order_pdf(found, letters.lines_of(found)), name)


@require_safe
@requires(Permission.PURCHASE_CHANGE)
def order_print(request: Request, station: Station, pk: int) -> HttpResponse:
    """The order as a sheet that the browser prints."""
    found = _order(station, pk)
    lines = letters.lines_of(found)
    context = {
        "station": station,
        "order": found,
        "lines": lines,
        "total": sum(line.total for line in lines),
    }
    return render(request, "purchasing/order_print.html", context)


@require_safe
@requires(Permission.GOODS_RECEIVE)
def receipt(request: Request, station: Station, number: str) -> HttpResponse:
    """A receipt stands on the page of its order."""
    found = get_object_or_404(Receipt, order__station=station, number=number)
    return redirect(f"{_order(station, found.order_id).get_absolute_url()}#{found.number}")


def _order(station: Station, pk: int) -> PurchaseOrder:
    rows = seen_at(station).select_related("supplier", "created_by", "submitted_by")
    found = get_object_or_404(rows, pk=pk)
    found.station = found.supplier.station = station
    return found
