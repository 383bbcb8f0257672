"""The rider's phone: the list of stops, one delivery, and what to do when it fails."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gasstock.accounts.access import requires
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.core.errors import DomainError
from gasstock.core.htmx import go_back, posted, render_page
from gasstock.core.money import format_money
from gasstock.delivery.errors import (
    AlreadyDelivered,
    CashAboveBill,
    DeliveredOtherwise,
    DeliveryIsAlready,
    ListChanged,
    NothingTicked,
    NotLeftYet,
)
from gasstock.delivery.forms.runs import FailedForm, RunForm
from gasstock.delivery.models import Delivery, DeliveryStatus, Failure, Photo
from gasstock.delivery.runs import cash_of, day_of, is_out, order_after_move, seen_by
from gasstock.delivery.services import running
from gasstock.delivery.services.assigning import reorder
from gasstock.orders.errors import CodeMissing, NothingDelivered, WrongCode, WrongStatus
from gasstock.orders.models import LineKind, OrderLine
from gasstock.orders.services.money import invoices_of
from gasstock.orders.services.shells import other_brands

OVER = (AlreadyDelivered, DeliveredOtherwise, DeliveryIsAlready, NotLeftYet, WrongStatus)


@require_safe
@requires(Permission.ORDER_DELIVER)
def runs(request: Request, station: Station) -> HttpResponse:
    """Where this person has to bring gas, and what they carry."""
    context = {"station": station, "day": day_of(station, request.user)}
    return render_page(request, "delivery/runs.html", context, partials={"runs"})


@require_POST
@requires(Permission.ORDER_DELIVER)
def depart(request: Request, station: Station) -> HttpResponse:
    """Leave with what is ticked."""
    ticked = {int(pk) for pk in request.POST.getlist("delivery")[:200] if _is_pk(pk)}
    mine = list(Delivery.objects.at(station).of(request.user).filter(pk__in=ticked))
    if not ticked:
        raise NothingTicked
    if not mine:
        raise Http404
    if len(mine) < len(ticked):
        raise ListChanged
    running.depart(request.user, station=station, rider=request.user, deliveries=mine)
    text = ngettext("You are on the way.", "You are on the way with %(count)s orders.", len(mine))
    messages.success(request, text % {"count": len(mine)})
    return redirect("delivery:runs", station.slug)


def _is_pk(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


# --- One delivery -----------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.ORDER_DELIVER)
def run(request: Request, station: Station, number: str) -> HttpResponse:
    """Hand over at the door: gas, empties, money, the buyer's code, a photo."""
    delivery = _find(request, station, number)
    lines = list(delivery.order.lines.select_related("variant__product__brand").order_by("pk"))
    data = posted(request)
    form = _form(delivery, lines, data, request.FILES if data is not None else None)
    if form.is_valid() and _hand_over(request, delivery, form):
        return _after(request, station, number)
    context = {"station": station, "delivery": delivery, "order": delivery.order, "lines": lines}
    if not is_out(delivery):
        context["cash"] = cash_of(delivery)
        return render_page(request, "delivery/run_over.html", context, partials={"hand"})
    asked = form if form.is_bound else _form(delivery, lines, request.GET or None)
    asked.is_valid()
    context |= {"form": form, "money": asked.money(), "ticked": asked["more"].value()}
    status = 422 if form.errors else 200
    return render_page(
        request, "delivery/run.html", context, partials={"hand", "bill"}, status=status
    )


def _find(request: Request, station: Station, number: str) -> Delivery:
    """The last delivery of the order; who only delivers finds their own alone."""
    rows = seen_by(request.user).at(station).filter(order__number=number)
    delivery = rows.select_related("order__buyer", "order__invoice", "rider").last()
    if delivery is None:
        raise Http404
    delivery.station = delivery.order.station = station
    return delivery


def _form(
    delivery: Delivery, lines: list[OrderLine], data: QueryDict | None, files: Any = None
) -> RunForm:
    refills = [line.variant for line in lines if line.kind == LineKind.EXCHANGE]
    others = other_brands(delivery.station, refills)
    return RunForm(data, files, delivery=delivery, lines=lines, others=others)


def _hand_over(request: Request, delivery: Delivery, form: RunForm) -> bool:
    """Do it; what was refused stands beside its field then, what is over is said anew."""
    data = form.cleaned_data
    try:
        running.deliver(
            request.user,
            delivery=delivery,
            handed=form.handed(),
            code=data["code"],
            override_reason=data["no_code"],
            cash=data["cash"],
            confirm_over=data["more"],
            photo=data["photo"],
        )
    except OVER:
        raise
    except (WrongCode, CodeMissing) as error:
        form.add_error("code", str(error))
    except CashAboveBill as error:
        form.add_error("more", str(error))
    except NothingDelivered:
        form.add_error(None, _("Nothing was handed over. Press “Not delivered” and say why."))
    except DomainError as error:
        form.add_error(None, str(error))
    else:
        _say_done(request, delivery, data["cash"])
    return not form.errors


def _say_done(request: Request, delivery: Delivery, cash: int) -> None:
    order = delivery.order
    bill = sum(invoice.owed for invoice in invoices_of(order))
    text = _("Order %(order)s is handed over. The bill is %(bill)s, cash %(cash)s.")
    sums = {
        name: format_money(amount, order.currency)
        for name, amount in {"bill": bill, "cash": cash}.items()
    }
    messages.success(request, text % ({"order": order} | sums))


def _after(request: Request, station: Station, number: str) -> HttpResponseRedirect:
    """On to the next stop; to the order for who has more to do with it."""
    if Permission.ORDER_VIEW not in station.granted:
        return redirect("delivery:runs", station.slug)
    return redirect("station:order", station.slug, number)


@require_safe
@requires(Permission.ORDER_DELIVER)
def photo(request: Request, station: Station, number: str, pk: int) -> HttpResponse:
    """What was photographed at the door."""
    photos = Photo.objects.filter(delivery__station=station, delivery__order__number=number)
    if Permission.ORDER_VIEW not in station.granted:
        photos = photos.filter(delivery__rider=request.user)
    return HttpResponse(get_object_or_404(photos, pk=pk).image, content_type="image/webp")


# --- Not delivered ----------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.ORDER_DELIVER)
def run_failed(request: Request, station: Station, number: str) -> HttpResponse:
    """Say why it could not be handed over, and what happens to the gas."""
    delivery = _find(request, station, number)
    form = FailedForm(posted(request))
    if form.is_valid():
        data = form.cleaned_data
        running.fail(
            request.user,
            delivery=delivery,
            failure=Failure(data["failure"]),
            note=data["note"],
            goes_back=data["then"] == "back",
        )
        text = _("Written down. The buyer of order %(order)s and the station are told.")
        messages.success(request, text % {"order": delivery.order})
        return _after(request, station, number)
    if request.method != "POST" and delivery.status != DeliveryStatus.ON_THE_WAY:
        return redirect("delivery:run", station.slug, number)
    context = {"station": station, "delivery": delivery, "order": delivery.order, "form": form}
    status = 422 if form.errors else 200
    template = "delivery/run_failed.html"
    return render_page(request, template, context, partials={"failed"}, status=status)


@require_POST
@requires(Permission.ORDER_DELIVER)
def run_back(request: Request, station: Station, number: str) -> HttpResponse:
    delivery = running.bring_back(request.user, delivery=_find(request, station, number))
    text = _("Order %(order)s goes back to the station.")
    messages.success(request, text % {"order": delivery.order})
    return go_back(request)


@require_POST
@requires(Permission.ORDER_DELIVER)
def run_again(request: Request, station: Station, number: str) -> HttpResponse:
    delivery = running.try_again(request.user, delivery=_find(request, station, number))
    text = _("Order %(order)s is the last stop now.")
    messages.success(request, text % {"order": delivery.order})
    return go_back(request)


@require_POST
@requires(Permission.ORDER_DELIVER)
def run_move(request: Request, station: Station, number: str) -> HttpResponse:
    """Put a stop one earlier or later."""
    delivery = _find(request, station, number)
    up = request.POST.get("way") == "up"
    rows = order_after_move(station, delivery, up=up)
    reorder(request.user, station=station, rider=delivery.rider, deliveries=rows)
    return go_back(request)
