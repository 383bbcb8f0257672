"""The counter: the till, what was sold over it, receipts, and undoing a sale."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gasstock.accounts.access import requires, signed_in
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.billing.errors import ReferenceMissing
from gasstock.billing.models import Method
from gasstock.billing.services.shifts import shift_of
from gasstock.core import clock, platform
from gasstock.core.errors import DomainError
from gasstock.core.htmx import posted, render_page
from gasstock.core.money import decimals_of, format_money, notes_of, symbol_of
from gasstock.core.search import words_of
from gasstock.core.templatetags import ui
from gasstock.orders import till as desk
from gasstock.orders.forms.counter import WHY_VOID, SalesFilter, TicketForm
from gasstock.orders.forms.station import PaymentForm, ReasonForm
from gasstock.orders.models import HANDED_OVER, Order
from gasstock.orders.services.counter import sell, void_sale
from gasstock.orders.services.money import take_payment
from gasstock.orders.tables import SalesTable

QUICK_NOTES = 3


# --- The till ---------------------------------------------------------------------------------


@require_safe
@requires(Permission.SALE_MAKE)
def till(request: Request, station: Station) -> HttpResponse:
    """The keys and the ticket; `?sold=` says which sale was just made."""
    return _till(request, station)


@require_POST
@requires(Permission.SALE_MAKE)
def sale_make(request: Request, station: Station) -> HttpResponse:
    """Sell what is on the ticket; what is refused is said on it, and nothing typed is lost."""
    form = TicketForm(request.POST, station=station, keys=desk.keys_of(station))
    sale = _sell(request, station, form) if form.is_valid() else None
    if sale is None:
        return _till(request, station, form)
    return redirect(f"{reverse('counter:till', args=[station.slug])}?sold={sale.number}")


@require_POST
@requires(Permission.SALE_MAKE)
def sale_sum(request: Request, station: Station) -> HttpResponse:
    """What the ticket comes to, for a browser without script; nothing is sold."""
    form = TicketForm(request.POST, station=station, keys=desk.keys_of(station))
    quote = None
    if form.is_valid():
        try:
            quote = desk.quote(station, form.lines, form.known)
        except DomainError as error:
            form.explain(error)
    return _till(request, station, form, quote)


def _sell(request: Request, station: Station, form: TicketForm) -> Order | None:
    data = form.cleaned_data
    try:
        total = data["total"]
        if total is None:
            total = desk.quote(station, form.lines, form.known).total
        return sell(
            request.user,
            station=station,
            lines=form.lines,
            tenders=form.tenders(total),
            key=data["key"],
            buyer=form.known,
            buyer_name=data["buyer_name"],
            buyer_phone=data["buyer_phone"],
            expected_total=data["total"],
            on_account=form.is_on_account,
        )
    except DomainError as error:
        form.explain(error)
        return None


def _till(
    request: Request,
    station: Station,
    form: TicketForm | None = None,
    quote: desk.Quote | None = None,
) -> HttpResponse:
    shift = shift_of(request.user, station)
    keys = form.keys if form else desk.keys_of(station)
    if form is None:
        fresh = {"key": uuid.uuid4().hex, "way_0": Method.CASH}
        form = TicketForm(station=station, keys=keys, initial=fresh)
    context: dict[str, Any] = {
        "station": station,
        "drawer": shift,
        "keys": keys,
        "form": form,
        "quote": quote,
        "last": desk.last_of(shift) if shift else None,
        "sold": request.GET.get("sold", ""),
        "notes": notes_of()[:QUICK_NOTES],
        "decimals": decimals_of(platform.current().currency),
        "symbol": symbol_of(),
    }
    return render_page(
        request,
        "orders/counter/till.html",
        context,
        partials={"shelf"},
        status=422 if form.errors else 200,
    )


# --- The buyer --------------------------------------------------------------------------------


@require_safe
@requires(Permission.SALE_MAKE)
def buyers(request: Request, station: Station) -> HttpResponse:
    """Who it may be, by a part of the name or number."""
    words = words_of(request)
    phone = desk.phone_in(words)
    context = {
        "station": station,
        "words": words,
        "people": desk.find_buyers(station, words),
        "phone": phone,
        "name": "" if phone else words,
    }
    return render_page(request, "orders/counter/_buyers.html", context)


@require_safe
@requires(Permission.SALE_MAKE)
def buyer(request: Request, station: Station, pk: int) -> HttpResponse:
    """The buyer chosen, and the deposits they would get back here."""
    known = desk.known_buyers(station, desk.phone_in(words_of(request)))
    person = get_object_or_404(known, pk=pk)
    lots = desk.lots_held(station, person)
    phone = {"phone": str(person.phone), "shown": ui.local_phone(person.phone)}
    return JsonResponse({"pk": person.pk, "name": str(person), "lots": lots, **phone})


# --- What was sold ----------------------------------------------------------------------------


@require_safe
@requires(Permission.SALE_MAKE)
def sales(request: Request, station: Station) -> HttpResponse:
    """The station's counter sales, newest first, and the takings of a day."""
    wanted = SalesFilter(request.GET)
    wanted.is_valid()
    day, cashier = wanted.cleaned_data.get("day"), wanted.cleaned_data.get("cashier")
    words = wanted.cleaned_data.get("q", "").strip()
    cursor = request.GET.get("cursor", "")
    page = desk.sales_page(station, words=words, day=day, cashier=cashier, cursor=cursor)
    sees_takings = Permission.SHIFT_ACCEPT in station.granted
    context = {
        "station": station,
        "table": SalesTable(page.rows),
        "is_empty": not page.rows,
        "next": page.next,
        "words": words,
        "cashiers": desk.cashiers(station),
        "sold": desk.sold_on(station, day or clock.today(), cashier) if sees_takings else None,
        "day": day,
        "cashier": cashier,
    }
    return render_page(request, "orders/counter/sales.html", context, partials={"sales"})


@require_safe
@requires(Permission.SALE_MAKE)
def sale(request: Request, station: Station, number: str) -> HttpResponse:
    return _sale_page(request, station, _find(station, number))


@require_http_methods(["GET", "POST"])
@requires(Permission.SALE_VOID)
def sale_void(request: Request, station: Station, number: str) -> HttpResponse:
    """Undo a sale, with a reason."""
    found = _find(station, number)
    form = ReasonForm(posted(request), reasons=WHY_VOID)
    if form.is_valid():
        try:
            void_sale(request.user, sale=found, reason=form.cleaned_data["reason"])
        except DomainError as error:
            form.add_error(None, str(error))
            found = _find(station, number)  # the one at hand looks undone already
        else:
            name = {"sale": found.invoice.number}
            messages.success(request, _("Sale %(sale)s is undone.") % name)
            return redirect("counter:sale", station.slug, number)
    return _sale_page(request, station, found, why_form=form)


@require_POST
@requires(Permission.PAYMENT_TAKE)
def sale_pay(request: Request, station: Station, number: str) -> HttpResponse:
    """Write down money for what stayed on account; sent twice, it is one payment."""
    found = _find(station, number)
    form = PaymentForm(request.POST, bills=[found.invoice], to_pay=found.invoice)
    if form.is_valid():
        method = Method(form.cleaned_data["method"])
        try:
            payment = take_payment(request.user, **form.cleaned_data | {"method": method})
        except ReferenceMissing as error:
            form.add_error("reference", str(error))
        else:
            paid = format_money(payment.amount, found.currency)
            messages.success(request, _("%(paid)s recorded.") % {"paid": paid})
            return redirect("counter:sale", station.slug, number)
    return _sale_page(request, station, found, pay_form=form)


def _find(station: Station, number: str) -> Order:
    sales = Order.objects.counter().at(station)
    joined = sales.select_related("buyer", "invoice", "shift__cashier")
    found = get_object_or_404(joined, number=number)
    found.station = station
    return found


def _sale_page(
    request: Request, station: Station, sale: Order, **forms: ReasonForm | PaymentForm
) -> HttpResponse:
    """Show the sale; a form that did not pass stands in the place of its own."""
    bill = sale.invoice
    context: dict[str, Any] = {
        "station": station,
        "slip": desk.slip_of(sale),
        "sale": sale,
        "events": sale.events.select_related("actor").order_by("pk"),
        "may_void": sale.status in HANDED_OVER and Permission.SALE_VOID in station.granted,
        "may_pay": bool(bill.due) and Permission.PAYMENT_TAKE in station.granted,
        "why_form": ReasonForm(reasons=WHY_VOID),
        "pay_form": PaymentForm(bills=[bill], to_pay=bill),
    }
    status = 422 if any(form.errors for form in forms.values()) else 200
    return render_page(request, "orders/counter/sale.html", context | forms, status=status)


# --- The receipt ------------------------------------------------------------------------------


@require_safe
@requires(Permission.SALE_MAKE)
def receipt(request: Request, station: Station, number: str) -> HttpResponse:
    """The slip of 80 mm that the buyer takes along."""
    context = {
        "slip": desk.slip_of(_find(station, number)),
        "back": reverse("counter:till", args=[station.slug]),
        "is_staff": True,
    }
    return render(request, "orders/counter/receipt.html", context)


@require_safe
@signed_in
def my_receipt(request: Request, number: str) -> HttpResponse:
    """The same slip for its buyer."""
    mine = Order.objects.of(request.user).counter()
    joined = mine.select_related("station", "invoice", "shift__cashier")
    found = get_object_or_404(joined, number=number)
    context = {"slip": desk.slip_of(found), "back": found.get_absolute_url()}
    return render(request, "orders/counter/receipt.html", context)
