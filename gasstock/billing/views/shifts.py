"""Drawers: opening one, what goes in and out, the blind count, and the Z report.

Until it is counted no page tells what should be in a drawer, to nobody.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gasstock.accounts.access import requires
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.billing import drawer
from gasstock.billing.errors import ShiftAlreadyOpen
from gasstock.billing.forms.shifts import CountForm, ExplainForm, MoveForm, OpenForm
from gasstock.billing.models import Shift, ShiftStatus
from gasstock.billing.services import shifts as services
from gasstock.billing.tables import ShiftTable
from gasstock.core import platform
from gasstock.core.forms import saved
from gasstock.core.htmx import posted, render_page
from gasstock.core.money import decimals_of, format_money, symbol_of
from gasstock.core.paging import newest_first

Words = str | Promise


@require_safe
@requires(Permission.SALE_MAKE)
def shifts(request: Request, station: Station) -> HttpResponse:
    """The drawers of the station, newest first; a clerk sees their own."""
    rows = _visible(request, station).select_related("station", "cashier", "accepted_by")
    page = newest_first(rows, request.GET.get("cursor", ""))
    context = {
        "station": station,
        "table": ShiftTable(drawer.seen(page.rows)),
        "is_empty": not page.rows,
        "next": page.next,
        "mine": services.shift_of(request.user, station),
        "sees_all": Permission.SHIFT_ACCEPT in station.granted,
    }
    return render_page(request, "billing/shifts.html", context, partials={"shifts"})


@require_http_methods(["GET", "POST"])
@requires(Permission.SALE_MAKE)
def shift_open(request: Request, station: Station) -> HttpResponse:
    if services.shift_of(request.user, station):
        return redirect("billing:shift", station.slug)
    form = OpenForm(posted(request))
    if form.is_valid():
        try:
            services.open_shift(request.user, station=station, **form.cleaned_data)
        except ShiftAlreadyOpen as error:  # sent twice
            messages.info(request, str(error))
            return redirect("billing:shift", station.slug)
        messages.success(request, _("Your drawer is open."))
        return redirect("counter:till", station.slug)
    return _form_page(request, "billing/shift_open.html", {"station": station, "form": form})


@require_safe
@requires(Permission.SALE_MAKE)
def shift(request: Request, station: Station) -> HttpResponse:
    """My own drawer that is open; without one, the way to open it."""
    mine = services.shift_of(request.user, station)
    if mine is None:
        return redirect("billing:shift_open", station.slug)
    return _drawer_page(request, station, mine)


@require_http_methods(["GET", "POST"])
@requires(Permission.SALE_MAKE)
def shift_pay_in(request: Request, station: Station, pk: int) -> HttpResponse:
    texts = gettext_lazy("Pay in"), gettext_lazy("Cash you put in: change from the bank, a loan.")
    return _move(request, station, pk, services.pay_in, texts)


@require_http_methods(["GET", "POST"])
@requires(Permission.SALE_MAKE)
def shift_pay_out(request: Request, station: Station, pk: int) -> HttpResponse:
    texts = gettext_lazy("Pay out"), gettext_lazy("Cash you take out to pay for something.")
    return _move(request, station, pk, services.pay_out, texts)


@require_http_methods(["GET", "POST"])
@requires(Permission.SALE_MAKE)
def shift_drop(request: Request, station: Station, pk: int) -> HttpResponse:
    texts = gettext_lazy("To the safe"), gettext_lazy("Cash that is too much for a drawer.")
    return _move(request, station, pk, services.drop, texts, note=_("To the safe"))


def _move(
    request: Request,
    station: Station,
    pk: int,
    service: Callable[..., object],
    texts: tuple[Words, Words],
    **initial: str,
) -> HttpResponse:
    found = _find(request, station, pk)
    if found.status == ShiftStatus.CLOSED:
        return redirect("billing:shift_report", station.slug, pk)
    form = MoveForm(posted(request), initial=initial)
    if saved(form, service, request.user, shift=found):
        amount = format_money(form.cleaned_data["amount"])
        messages.success(request, _("%(amount)s is written down.") % {"amount": amount})
        return redirect("billing:shift_report", station.slug, pk)
    title, text = texts
    context = {"station": station, "shift": found, "form": form, "title": title, "text": text}
    return _form_page(request, "billing/shift_move.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.SALE_MAKE)
def shift_count(request: Request, station: Station, pk: int) -> HttpResponse:
    """What is there, note by note; only then what should be there."""
    found = _find(request, station, pk)
    if found.status != ShiftStatus.OPEN:
        return redirect("billing:shift_report", station.slug, pk)
    form = CountForm(posted(request))
    if form.is_valid():
        services.count_shift(request.user, shift=found, notes=form.notes(), wallets=form.wallets())
        messages.success(request, _("The drawer is counted."))
        return redirect("billing:shift_explain", station.slug, pk)
    context = {
        "station": station,
        "shift": found,
        "form": form,
        "symbol": symbol_of(),
        "decimals": decimals_of(platform.current().currency),
    }
    return _form_page(request, "billing/shift_count.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.SALE_MAKE)
def shift_explain(request: Request, station: Station, pk: int) -> HttpResponse:
    """By how much the count differs, and why. One that fits needs no words."""
    found = _find(request, station, pk)
    report = drawer.report_of(found) if found.status == ShiftStatus.COUNTED else None
    if report is None or not report.is_off:
        return redirect("billing:shift_report", station.slug, pk)
    form = ExplainForm(posted(request), initial={"explanation": found.explanation})
    if saved(form, services.explain_difference, request.user, shift=found):
        messages.success(request, _("Your words are kept with the count."))
        return redirect("billing:shift_report", station.slug, pk)
    context = {"station": station, "shift": found, "form": form, "report": report}
    return _form_page(request, "billing/shift_explain.html", context)


@require_safe
@requires(Permission.SALE_MAKE)
def shift_report(request: Request, station: Station, pk: int) -> HttpResponse:
    """The Z report on paper; of a drawer that is open still, only what was moved by hand."""
    found = _find(request, station, pk)
    if found.status == ShiftStatus.OPEN:
        return _drawer_page(request, station, found)
    report = drawer.report_of(found)
    is_counted = found.status == ShiftStatus.COUNTED
    may_accept = Permission.SHIFT_ACCEPT in station.granted
    is_seller = request.user.pk in (found.cashier_id, found.counted_by_id)
    had_a_hand = services.had_a_hand(request.user, found)
    context = {
        "station": station,
        "shift": found,
        "report": report,
        "is_unexplained": report.is_off and not found.explanation,
        "can_explain": is_counted and report.is_off,
        "can_add": is_counted and may_accept and not is_seller,
        "wrote_late": is_counted and may_accept and had_a_hand and not is_seller,
        "can_accept": is_counted
        and may_accept
        and not had_a_hand
        and (found.explanation or not report.is_off),
    }
    return render(request, "billing/shift_report.html", context)


@require_POST
@requires(Permission.SHIFT_ACCEPT)
def shift_accept(request: Request, station: Station, pk: int) -> HttpResponse:
    accepted = services.accept_shift(request.user, shift=_find(request, station, pk))
    messages.success(request, _("Accepted as %(number)s.") % {"number": accepted.number})
    return redirect("billing:shift_report", station.slug, pk)


def _visible(request: Request, station: Station) -> Any:
    rows = Shift.objects.at(station)
    return rows if Permission.SHIFT_ACCEPT in station.granted else rows.of(request.user)


def _find(request: Request, station: Station, pk: int) -> Shift:
    """A drawer of my own, or anybody's for who accepts them."""
    rows = _visible(request, station)
    people = ("cashier", "counted_by", "accepted_by")
    return get_object_or_404(rows.select_related("station", *people), pk=pk)


def _drawer_page(request: Request, station: Station, found: Shift) -> HttpResponse:
    context = {
        "station": station,
        "shift": found,
        "entries": drawer.by_hand(found),
        "is_mine": found.cashier_id == request.user.pk,
    }
    return render(request, "billing/shift.html", context)


def _form_page(request: Request, template: str, context: dict[str, Any]) -> HttpResponse:
    return render_page(request, template, context, status=422 if context["form"].errors else 200)
