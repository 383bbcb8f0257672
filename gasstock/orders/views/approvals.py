"""What waits for an admin, and what an admin does with it."""

import re
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gasstock.accounts.access import admin_only
from gasstock.accounts.http import Request
from gasstock.accounts.services import reject_station
from gasstock.billing.errors import ReferenceMissing
from gasstock.billing.models import Method
from gasstock.core import clock
from gasstock.core.htmx import go_back, posted, render_page
from gasstock.core.money import format_money
from gasstock.core.templatetags import ui
from gasstock.orders import queue as desk
from gasstock.orders.evidence import Row, row_of
from gasstock.orders.forms.approvals import WHY_REJECT, PaidForm, QueueFilter
from gasstock.orders.forms.station import ReasonForm
from gasstock.orders.services import life, money
from gasstock.orders.services.approvals import Tally, approve_many, approve_thing

PICK = re.compile(r"(order|invoice|station)-([1-9][0-9]{0,17})")
MOST_PICKS = 120


@require_safe
@admin_only
def queue(request: Request) -> HttpResponse:
    """Everything that waits, oldest first; to htmx also a single row, as it is now."""
    if request.htmx.target and PICK.fullmatch(request.htmx.target):
        return _row(request, request.htmx.target)
    wanted = QueueFilter(request.GET)
    wanted.is_valid()
    tab = request.GET.get("tab", "")
    asked = desk.Asked(
        user=request.user,
        tab=tab if tab in desk.TABS else "",
        words=wanted.cleaned_data.get("q", ""),
        station=wanted.cleaned_data.get("station", ""),
        only_admin=wanted.cleaned_data.get("only") == "admin",
        cursor=request.GET.get("cursor", ""),
    )
    context = {"queue": desk.Queue(asked), "asked": asked}
    return render_page(request, "orders/approvals/queue.html", context, partials={"queue"})


@require_POST
@admin_only
def order_approve(request: Request, pk: int) -> HttpResponse:
    return _approve(request, f"order-{pk}")


@require_POST
@admin_only
def invoice_approve(request: Request, pk: int) -> HttpResponse:
    return _approve(request, f"invoice-{pk}")


@require_POST
@admin_only
def station_approve(request: Request, pk: int) -> HttpResponse:
    return _approve(request, f"station-{pk}")


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def order_reject(request: Request, pk: int) -> HttpResponse:
    row = find_one(request, f"order-{pk}")
    form = ReasonForm(posted(request), reasons=WHY_REJECT["order"], auto_id=f"o{pk}_%s")
    if form.is_valid():
        life.reject_order(request.user, order=row.thing, reason=form.cleaned_data["reason"])
        return _done(request, row, _("rejected"))
    return _open(request, row, form)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def invoice_reject(request: Request, pk: int) -> HttpResponse:
    row = find_one(request, f"invoice-{pk}")
    form = ReasonForm(posted(request), reasons=WHY_REJECT["invoice"], auto_id=f"i{pk}_%s")
    if form.is_valid():
        money.reject_bill(request.user, invoice=row.thing, reason=form.cleaned_data["reason"])
        return _done(request, row, _("sent back"))
    return _open(request, row, form)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def station_reject(request: Request, pk: int) -> HttpResponse:
    row = find_one(request, f"station-{pk}")
    form = ReasonForm(posted(request), reasons=WHY_REJECT["station"], auto_id=f"s{pk}_%s")
    if form.is_valid():
        reject_station(request.user, station=row.thing, reason=form.cleaned_data["reason"])
        return _done(request, row, _("rejected"))
    return _open(request, row, form)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def invoice_paid(request: Request, pk: int) -> HttpResponse:
    """Record the rest of an approved invoice as received."""
    row = find_one(request, f"invoice-{pk}")
    form = PaidForm(posted(request), auto_id=f"p{pk}_%s")
    if form.is_valid():
        method, reference = Method(form.cleaned_data["method"]), form.cleaned_data["reference"]
        try:
            money.mark_bill_paid(
                request.user, invoice=row.thing, method=method, reference=reference
            )
        except ReferenceMissing as error:
            form.add_error("reference", str(error))
        else:
            return _done(request, row, _("marked paid"))
    return _open(request, row, form)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def bulk(request: Request) -> HttpResponse:
    """GET: what is ticked, for the bar. POST: approve it, each by itself."""
    picks = request.POST.getlist("pick") or request.GET.getlist("pick")
    rows = [row for row in find(request, picks[:MOST_PICKS]) if row.is_waiting]
    if request.method != "POST":
        context = {"picked": rows, "sum": _sum(rows)}
        return render_page(request, "orders/approvals/_bulk.html", context)
    if not rows:
        messages.error(request, _("Nothing is ticked."))
    else:
        _tell(request, approve_many(request.user, things=[row.thing for row in rows]))
    return go_back(request) if request.htmx else redirect("approvals:queue")


def find(request: Request, picks: Sequence[str]) -> list[Row]:
    """The rows of "order-12" and the like, whatever their state."""
    read = [match for match in map(PICK.fullmatch, picks) if match]
    things = desk.things_of((match[1], int(match[2])) for match in read)
    return [row_of(thing, request.user) for thing in things]


def find_one(request: Request, pick: str) -> Row:
    rows = find(request, [pick])
    if not rows:
        raise Http404
    return rows[0]


def _approve(request: Request, pick: str) -> HttpResponse:
    row = find_one(request, pick)
    approve_thing(request.user, thing=row.thing)
    return _done(request, row, _("approved"))


def _done(request: Request, row: Row, what: str) -> HttpResponse:
    text = _("%(name)s %(what)s by you, %(time)s")
    time = ui.clock_time(clock.now())
    messages.success(request, text % {"name": row.name, "what": what, "time": time})
    return go_back(request) if request.htmx else redirect("approvals:queue")


def _row(request: Request, pick: str) -> HttpResponse:
    """One row as it is now; what just happened to it stands in the row."""
    row, told = find_one(request, pick), list(messages.get_messages(request))
    is_done = any(message.level < messages.WARNING for message in told)
    context = {
        "row": row,
        "told": told,
        "is_gone": is_done or not (row.is_waiting or row.is_to_pay),
        "tabs": desk.tabs_of(desk.counts()),
    }
    response = render_page(request, "orders/approvals/_swapped.html", context)
    response["HX-Trigger-After-Settle"] = "picks"
    return response


def _open(request: Request, row: Row, form: Form) -> HttpResponse:
    """The row with a form in it; without htmx a page of its own."""
    context: dict[str, Any] = {"row": row, "form": form, "is_open": True}
    context["is_paying"] = isinstance(form, PaidForm)
    template = "_row.html" if request.htmx.target == row.key else "answer.html"
    response = render_page(
        request,
        f"orders/approvals/{template}",
        context,
        status=422 if form.errors else 200,
    )
    patch_vary_headers(response, ["HX-Target"])
    return response


def _sum(rows: Sequence[Row]) -> str:
    """What they come to, "RWF 12,000", for each currency there is."""
    sums: dict[str, int] = {}
    for row in rows:
        if row.currency:
            sums[row.currency] = sums.get(row.currency, 0) + row.amount
    return ", ".join(format_money(amount, currency) for currency, amount in sums.items())


def _tell(request: Request, tally: Tally) -> None:
    """Say "3 approved, 1 refused: why"."""
    count = len(tally.approved)
    text = ngettext("%(n)s approved", "%(n)s approved", count) % {"n": count}
    if not tally.refused:
        messages.success(request, f"{text}.")
        return
    why = " ".join(f"{thing}: {reason}" for thing, reason in tally.refused)
    refused = _("%(n)s refused: %(why)s") % {"n": len(tally.refused), "why": why}
    messages.error(request, f"{text}, {refused}")
