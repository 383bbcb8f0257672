"""Stock between two stations, seen from one of them."""

from typing import Any

from django import forms
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
from gasstock.core.htmx import posted, render_page
from gasstock.inventory.errors import OutOfStock
from gasstock.inventory.forms.counts import WhyForm
from gasstock.inventory.forms.transfers import (
    BetweenForm,
    ReceiveForm,
    SendForm,
    WishForm,
    WriteOffForm,
)
from gasstock.inventory.models import Transfer
from gasstock.inventory.services import journeys, roads
from gasstock.inventory.services import transfers as services

FORMS = ["GET", "POST"]


@require_safe
@requires(Permission.STOCK_VIEW)
def transfers(request: Request, station: Station) -> HttpResponse:
    """What waits for us, what is on the road to and from us, and all that ever was."""
    context = {
        "station": station,
        "now": roads.now_at(station),
        "page": roads.transfers_at(station, request.GET.get("cursor", "")),
    }
    return render_page(request, "inventory/transfers.html", context, partials={"transfers"})


@require_http_methods(FORMS)
@requires(Permission.STOCK_TRANSFER)
def transfer_add(request: Request, station: Station) -> HttpResponse:
    """Choose the other station and who sends, then say how many of what."""
    between = BetweenForm(request.GET or None, station=station)
    if not between.is_valid():
        context: dict[str, Any] = {"station": station, "form": between}
        status = 422 if between.errors else 200
        return render_page(request, "inventory/transfer_between.html", context, status=status)
    other, sends = between.cleaned_data["other"], between.cleaned_data["way"] == "send"
    choices = roads.to_send(station) if sends else roads.to_ask_for(other)
    form = WishForm(posted(request), choices=choices)
    ask = services.ask_transfer
    transfer = saved(form, ask, request.user, station=station, other=other, sends=sends)
    if transfer:
        text = _("%(station)s knows. You hear from them here.")
        messages.success(request, text % {"station": other})
        return redirect(transfer.url_at(station))
    context = {"station": station, "other": other, "sends": sends, "form": form}
    status = 422 if form.errors else 200
    return render_page(request, "inventory/transfer_add.html", context, status=status)


@require_safe
@requires(Permission.STOCK_VIEW)
def transfer(request: Request, station: Station, pk: int) -> HttpResponse:
    """Everything about one, and what may be done with it from here."""
    return _render(request, _find(station, pk), station)


@require_POST
@requires(Permission.STOCK_TRANSFER)
def transfer_agree(request: Request, station: Station, pk: int) -> HttpResponse:
    found = _find(station, pk)
    services.agree_transfer(request.user, transfer=found, station=station)
    text = _("Agreed. It is to be loaded at %(source)s now.")
    messages.success(request, text % {"source": found.source})
    return redirect(found.url_at(station))


@require_http_methods(FORMS)
@requires(Permission.STOCK_TRANSFER)
def transfer_reject(request: Request, station: Station, pk: int) -> HttpResponse:
    return _call_off(request, station, pk, services.reject_transfer, _("You said no."))


@require_http_methods(FORMS)
@requires(Permission.STOCK_TRANSFER)
def transfer_cancel(request: Request, station: Station, pk: int) -> HttpResponse:
    return _call_off(request, station, pk, services.cancel_transfer, _("Called off."))


def _call_off(request: Request, station: Station, pk: int, service: Any, done: str) -> HttpResponse:
    found = _find(station, pk)
    form = WhyForm(posted(request))
    if not form.is_valid():
        return _render(request, found, station, why_form=form)
    service(request.user, transfer=found, station=station, **form.cleaned_data)
    messages.success(request, done)
    return redirect(found.url_at(station))


@require_http_methods(FORMS)
@requires(Permission.STOCK_TRANSFER)
def transfer_send(request: Request, station: Station, pk: int) -> HttpResponse:
    """Say what was loaded and who drives; what is not free stays beside its field."""
    found = _find(station, pk)
    form = SendForm(posted(request), lines=roads.lines_of(found), free=roads.free_at(station))
    if form.is_valid():
        driver = form.cleaned_data["driver"]
        values = {"loaded": form.numbers(), "driver": driver}
        try:
            journeys.send_transfer(request.user, transfer=found, station=station, **values)
        except OutOfStock as error:
            form.add_error(None, _("%(what)s Load less, or wait.") % {"what": error})
        else:
            messages.success(request, _("On the way with %(driver)s.") % {"driver": driver})
            return redirect(found.url_at(station))
    return _render(request, _find(station, pk), station, send_form=form)


@require_http_methods(FORMS)
@requires(Permission.GOODS_RECEIVE)
def transfer_receive(request: Request, station: Station, pk: int) -> HttpResponse:
    """Take in what came; the rest stays on the way."""
    found = _find(station, pk)
    form = ReceiveForm(posted(request), lines=roads.lines_of(found))
    if not form.is_valid():
        return _render(request, found, station, receive_form=form)
    arrived = form.numbers()
    journeys.receive_transfer(
        request.user,
        transfer=found,
        station=station,
        arrived=arrived,
        seen=form.cleaned_data["seen"],
    )
    text = _("%(count)s taken in.") % {"count": sum(arrived.values())}
    messages.success(request, text)
    return redirect(found.url_at(station))


@require_http_methods(FORMS)
@requires(Permission.STOCK_TRANSFER)
def transfer_write_off(request: Request, station: Station, pk: int) -> HttpResponse:
    """Close it with what is missing lost, with a name and a reason."""
    found = _find(station, pk)
    form = WriteOffForm(posted(request), lines=roads.lines_of(found))
    if not form.is_valid():
        return _render(request, found, station, write_off_form=form)
    journeys.write_off_transfer(request.user, transfer=found, station=station, **form.cleaned_data)
    messages.success(request, _("Closed: what was missing is written off."))
    return redirect(found.url_at(station))


def _find(station: Station, pk: int) -> Transfer:
    rows = Transfer.objects.touching(station).select_related(
        "source", "destination", "asked_by", "requested_by", "sent_by", "decided_by"
    )
    return get_object_or_404(rows, pk=pk)


def _render(
    request: Request, found: Transfer, station: Station, **given: forms.Form
) -> HttpResponse:
    """Show the page; a form that did not pass stands in the place of its own."""
    lines = roads.lines_of(found)
    steps = roads.steps_for(request.user, found, station)
    is_source = found.source_id == station.pk
    context: dict[str, Any] = {
        "station": station,
        "transfer": found,
        "other": services.other_than(found, station),
        "is_source": is_source,
        "lines": lines,
        "steps": steps,
        "story": roads.story_of(found),
        "left": sum(line.on_the_way for line in lines),
        "unlisted": set() if is_source else roads.unlisted_at(station, lines),
        "why_form": WhyForm(),
        "receive_form": ReceiveForm(lines=lines),
        "write_off_form": WriteOffForm(lines=lines),
    }
    if steps.send:
        context["send_form"] = SendForm(lines=lines, free=roads.free_at(station))
    status = 422 if any(form.errors for form in given.values()) else 200
    return render_page(request, "inventory/transfer.html", context | given, status=status)
