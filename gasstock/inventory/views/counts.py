"""Counting the shelf on a phone, and looking at what was found."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gasstock.accounts.access import requires
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.core.htmx import posted, render_page
from gasstock.core.search import words_of
from gasstock.inventory.forms.counts import CountForm, WhyForm, field_of
from gasstock.inventory.models import RUNNING, Stocktake, StocktakeLine, StocktakeStatus
from gasstock.inventory.services import stocktakes as services
from gasstock.inventory.services.findings import counts_at, findings_of, lines_of


@require_safe
@requires(Permission.STOCK_COUNT)
def counts(request: Request, station: Station) -> HttpResponse:
    """The counts of the station, the running one first in sight."""
    page = counts_at(station, request.GET.get("cursor", ""))
    running = [row for row in page.rows if row.status in RUNNING]
    context = {"station": station, "page": page, "running": running[0] if running else None}
    return render_page(request, "inventory/counts.html", context, partials={"counts"})


@require_POST
@requires(Permission.STOCK_COUNT)
def count_start(request: Request, station: Station) -> HttpResponse:
    stocktake = services.start_count(request.user, station=station)
    return redirect("stock:count", station.slug, stocktake.pk)


@require_safe
@requires(Permission.STOCK_COUNT)
def count(request: Request, station: Station, pk: int) -> HttpResponse:
    """The sheet as long as it is open, what was found afterwards."""
    return _render(request, _find(station, pk))


@require_POST
@requires(Permission.STOCK_COUNT)
def count_save(request: Request, station: Station, pk: int) -> HttpResponse:
    """Save what was typed: one line as htmx sends it, or the whole sheet."""
    stocktake = _find(station, pk)
    lines = lines_of(stocktake)
    form = _save(request, stocktake, lines)
    if (request.htmx.target or "").startswith("mark-"):
        context = _mark(form, lines)
        status = 422 if form.errors else 200
        return render_page(request, "inventory/_count_mark.html", context, status=status)
    if form.errors:
        return _render(request, stocktake, form=form)
    messages.success(request, _("Saved."))
    return redirect(stocktake)


@require_POST
@requires(Permission.STOCK_COUNT)
def count_finish(request: Request, station: Station, pk: int) -> HttpResponse:
    """Save what is on the sheet, then hand it in."""
    stocktake = _find(station, pk)
    form = _save(request, stocktake, lines_of(stocktake))
    if form.errors:
        return _render(request, stocktake, form=form)
    services.finish_count(request.user, stocktake=stocktake)
    messages.success(request, _("Handed in. Somebody who did not count looks at it now."))
    return redirect(stocktake)


@require_POST
@requires(Permission.COUNT_APPROVE)
def count_again(request: Request, station: Station, pk: int) -> HttpResponse:
    """Send the ticked lines back to be counted once more."""
    stocktake = _find(station, pk)
    ticked = [int(one) for one in request.POST.getlist("line") if one.isdecimal() and len(one) < 19]
    services.count_again(request.user, stocktake=stocktake, lines=ticked)
    messages.success(request, _("Sent back: it is open for counting again."))
    return redirect(stocktake)


@require_POST
@requires(Permission.COUNT_APPROVE)
def count_approve(request: Request, station: Station, pk: int) -> HttpResponse:
    stocktake = _find(station, pk)
    services.approve_count(request.user, stocktake=stocktake)
    messages.success(request, _("%(count)s is in the books.") % {"count": stocktake})
    return redirect(stocktake)


@require_http_methods(["GET", "POST"])
@requires(Permission.COUNT_APPROVE)
def count_cancel(request: Request, station: Station, pk: int) -> HttpResponse:
    stocktake = _find(station, pk)
    form = WhyForm(posted(request))
    if not form.is_valid():
        return _render(request, stocktake, why_form=form)
    services.cancel_count(request.user, stocktake=stocktake, **form.cleaned_data)
    messages.success(request, _("%(count)s is cancelled.") % {"count": stocktake})
    return redirect(stocktake)


def _find(station: Station, pk: int) -> Stocktake:
    rows = Stocktake.objects.at(station).select_related("opened_by", "counted_by", "decided_by")
    stocktake = get_object_or_404(rows, pk=pk)
    stocktake.station = station
    return stocktake


def _save(request: Request, stocktake: Stocktake, lines: list[StocktakeLine]) -> CountForm:
    """Save what can be read; what cannot is marked beside its field."""
    form = CountForm(request.POST, lines=[line for line in lines if field_of(line) in request.POST])
    form.is_valid()
    counts = form.counts()
    services.save_counts(request.user, stocktake=stocktake, counts=counts)
    for line in lines:
        line.counted = counts.get(line.pk, line.counted)
    return form


def _mark(form: CountForm, lines: list[StocktakeLine]) -> dict[str, Any]:
    """What stands under the field that was saved, and how far the count is."""
    cells = [cell for row in form.rows() for cell in row.cells]
    progress = _progress(line.counted is not None for line in lines)
    return {"cell": cells[0] if cells else None} | progress


def _progress(done: Iterable[bool]) -> dict[str, int]:
    marks = list(done)
    return {"all": len(marks), "done": sum(marks), "left": len(marks) - sum(marks)}


def _render(
    request: Request,
    stocktake: Stocktake,
    *,
    form: CountForm | None = None,
    why_form: WhyForm | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {
        "station": stocktake.station,
        "stocktake": stocktake,
        "why_form": why_form or WhyForm(),
    }
    errors = (form and form.errors) or (why_form and why_form.errors)
    if request.htmx and stocktake.status != StocktakeStatus.OPEN:
        return HttpResponse(status=204, headers={"HX-Redirect": stocktake.get_absolute_url()})
    if stocktake.status == StocktakeStatus.OPEN:
        template = "inventory/count_sheet.html"
        context |= _sheet(request, lines_of(stocktake), form)
    else:
        template = "inventory/count.html"
        context |= _found(request, stocktake)
    return render_page(
        request, template, context, partials={"sheet"}, status=422 if errors else 200
    )


def _sheet(request: Request, lines: list[StocktakeLine], form: CountForm | None) -> dict[str, Any]:
    """The lines to show: all, those that are left, or those of the words that were typed."""
    words = words_of(request)
    is_left = request.GET.get("show") == "left"
    shown = [line for line in lines if _says(line, words)]
    if is_left:
        open_variants = {line.variant_id for line in lines if line.counted is None}
        shown = [line for line in shown if line.variant_id in open_variants]
    form = form or CountForm(lines=shown)
    rows = form.rows()
    brands = {row.brand.pk: row.brand for row in rows if row.brand}
    return {
        "form": form,
        "rows": rows,
        "brands": list(brands.values()),
        "q": words,
        "is_left": is_left,
    } | _progress(line.counted is not None for line in lines)


def _says(line: StocktakeLine, words: str) -> bool:
    product = line.variant.product
    text = f"{line.variant} {line.variant.sku} {product.brand or ''} {product}".casefold()
    return all(word in text for word in words.casefold().split())


def _found(request: Request, stocktake: Stocktake) -> dict[str, Any]:
    """What was found; before it is decided only for those who may decide: the rest stay blind."""
    is_reviewer = Permission.COUNT_APPROVE in stocktake.station.granted
    is_waiting = stocktake.status == StocktakeStatus.COUNTED
    took_part = is_waiting and services.counted_by(request.user, stocktake)
    return {
        "findings": findings_of(stocktake),
        "sees_books": not is_waiting or (is_reviewer and not took_part),
        "sees_values": is_reviewer,
        "may_decide": is_waiting and is_reviewer and not took_part,
        "took_part": took_part,
    }
