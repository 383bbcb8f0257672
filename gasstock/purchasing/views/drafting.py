"""Writing an order: choose the supplier, say what, send it from its page."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gasstock.accounts.access import requires
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.core.errors import DomainError
from gasstock.core.htmx import posted, render_page
from gasstock.inventory.models import Listing
from gasstock.purchasing.errors import SupplierUnclear
from gasstock.purchasing.forms.orders import (
    BLANK_ROWS,
    BaseLines,
    LineForm,
    LineFormSet,
    Offers,
    OrderForm,
    blank_lines,
    typed_rows,
)
from gasstock.purchasing.models import PurchaseOrder, PurchaseStatus, Supplier
from gasstock.purchasing.services import orders as services
from gasstock.purchasing.services.offers import kinds_of, offers_of
from gasstock.purchasing.services.orders import Wanted


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PURCHASE_CHANGE)
def order_new(request: Request, station: Station) -> HttpResponse:
    """Write an order; `what` and `quantity` of the address stand in the first line already."""
    supplier = _supplier(station, request.GET.get("supplier", ""))
    offers = offers_of(station, supplier)
    asked = {name: request.GET.get(name, "")[:30] for name in ("what", "quantity")}
    rows = [asked] if asked["what"] in offers else []
    form = OrderForm(posted(request), station=station, initial={"supplier": supplier})
    lines = _lines(request, offers) or blank_lines(offers, rows, BLANK_ROWS - len(rows))
    if _is_good(form, lines):
        saved = _save(form, lines, services.draft_order, request.user, station=station)
        if saved:
            messages.success(request, _("The draft is saved. Look it over, then send it."))
            return redirect("purchasing:order", station.slug, saved.pk)
    return _form_page(request, station, form, lines, offers)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PURCHASE_CHANGE)
def order_change(request: Request, station: Station, pk: int) -> HttpResponse:
    order = _draft(station, pk)
    offers = offers_of(station, order.supplier)
    now = {name: getattr(order, name) for name in ("supplier", "expected_on", "note")}
    form = OrderForm(posted(request), station=station, order=order, initial=now)
    lines = _lines(request, offers) or blank_lines(offers, _rows_of(order), 1)
    if _is_good(form, lines) and _save(
        form, lines, services.change_order, request.user, order=order
    ):
        messages.success(request, _("The draft is saved."))
        return redirect("purchasing:order", station.slug, pk)
    return _form_page(request, station, form, lines, offers, order)


def _lines(request: Request, offers: Offers) -> BaseLines | None:
    data = posted(request)
    if data is None:
        return None
    return LineFormSet(data, prefix="lines", form_kwargs={"offers": offers})


def _is_good(form: OrderForm, lines: BaseLines) -> bool:
    """Both are looked at, so that all mistakes are shown at once."""
    return all([form.is_valid(), lines.is_valid()])


def _save(form: OrderForm, lines: BaseLines, service: Any, actor: Any, **kwargs: Any) -> Any:
    try:
        return service(actor, lines=lines.wanted(), **form.cleaned_data, **kwargs)
    except DomainError as error:
        form.add_error(None, str(error))
        return None


def _rows_of(order: PurchaseOrder) -> list[dict[str, Any]]:
    return [
        {
            "what": f"{line.variant_id}-{line.kind}",
            "quantity": line.quantity,
            "unit_cost": line.unit_cost or None,
            "unit_shell_cost": line.unit_shell_cost,
            "empties": line.empties,
        }
        for line in order.lines.order_by("pk")
    ]


@require_POST
@requires(Permission.PURCHASE_CHANGE)
def new_rows(request: Request, station: Station) -> HttpResponse:
    """The unsaved order with more rows, or one less; nothing is written."""
    return _with_rows(request, station, OrderForm(initial=_head(request), station=station))


@require_POST
@requires(Permission.PURCHASE_CHANGE)
def change_rows(request: Request, station: Station, pk: int) -> HttpResponse:
    """The same for a draft that is being changed."""
    order = _draft(station, pk)
    form = OrderForm(initial=_head(request), station=station, order=order)
    return _with_rows(request, station, form, order)


def _head(request: Request) -> dict[str, str]:
    return {name: request.POST.get(name, "")[:240] for name in OrderForm.base_fields}


def _with_rows(
    request: Request, station: Station, form: OrderForm, order: PurchaseOrder | None = None
) -> HttpResponse:
    offers = offers_of(station, _supplier(station, request.POST.get("supplier", "")))
    rows = typed_rows(request.POST, without=request.POST.get("remove", ""))
    lines = blank_lines(offers, rows, 1 if "remove" in request.POST else BLANK_ROWS)
    return _form_page(request, station, form, lines, offers, order)


@require_safe
@requires(Permission.PURCHASE_CHANGE)
def order_row(request: Request, station: Station, row: int) -> HttpResponse:
    """What a row proposes for what was chosen in it: costs and empties."""
    prefix = f"lines-{row}"
    typed = {name: request.GET.get(f"{prefix}-{name}", "")[:30] for name in ("what", "quantity")}
    offers = offers_of(station, _supplier(station, request.GET.get("supplier", "")))
    form = blank_lines(offers, [typed], 0).forms[0]
    form.prefix = prefix
    return render(request, "purchasing/_row_figures.html", {"form": form, "row": row})


def _form_page(
    request: Request,
    station: Station,
    form: OrderForm,
    lines: BaseLines,
    offers: Offers,
    order: PurchaseOrder | None = None,
) -> HttpResponse:
    rows = (
        reverse("purchasing:change_rows", args=[station.slug, order.pk])
        if order
        else reverse("purchasing:new_rows", args=[station.slug])
    )
    context = {
        "station": station,
        "order": order,
        "form": form,
        "lines": lines,
        "has_offers": bool(offers),
        "has_suppliers": form.fields["supplier"].queryset.exists(),  # type: ignore[attr-defined]
        "rows_url": rows,
    }
    is_wrong = form.errors or (lines.is_bound and not lines.is_valid())
    status = 422 if is_wrong else 200
    return render_page(
        request, "purchasing/order_form.html", context, partials={"lines"}, status=status
    )


@require_POST
@requires(Permission.PURCHASE_CHANGE)
def draft_for(request: Request, station: Station, pk: int) -> HttpResponse:
    """Put a listing that runs low on the draft to its supplier, or ask who that is."""
    listing = get_object_or_404(Listing.objects.at(station).kept(), pk=pk)
    kind = next(kinds_of(listing.variant))
    offer = offers_of(station)[f"{listing.variant_id}-{kind}"]
    row = LineForm(
        {"what": offer.code, "quantity": request.POST.get("quantity", "")},
        offers={offer.code: offer},
    )
    row.is_valid()
    quantity = row.cleaned_data.get("quantity") or 1
    wanted = Wanted(
        listing.variant,
        kind,
        quantity,
        offer.unit_cost or 0,
        empties=offer.empties_for(quantity),
    )
    try:
        order = services.draft_more(request.user, station=station, wanted=wanted)
    except SupplierUnclear as error:
        messages.info(request, str(error))
        query = f"?what={offer.code}&quantity={quantity}"
        return redirect(reverse("purchasing:order_new", args=[station.slug]) + query)
    text = _("%(count)s × %(name)s is on the draft to %(supplier)s.")
    names = {"count": quantity, "name": listing.variant, "supplier": order.supplier}
    messages.success(request, text % names)
    page = "purchasing:order" if offer.unit_cost else "purchasing:order_change"
    return redirect(page, station.slug, order.pk)


def _supplier(station: Station, pk: str) -> Supplier | None:
    if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        return None
    return Supplier.objects.at(station).filter(pk=int(pk)).first()


def _draft(station: Station, pk: int) -> PurchaseOrder:
    drafts = PurchaseOrder.objects.at(station).filter(status=PurchaseStatus.DRAFT)
    return get_object_or_404(drafts.select_related("supplier", "station"), pk=pk)
