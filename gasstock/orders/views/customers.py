"""Who buys: all of them for admins, a station's own for those who see its bills."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from gasstock.accounts.access import admin_only, requires
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station, User
from gasstock.accounts.permissions import Permission
from gasstock.core.htmx import render_page
from gasstock.core.paging import newest_first
from gasstock.core.search import words_of
from gasstock.inventory.services.deposits import held_by
from gasstock.orders.customers import (
    SORTS,
    Standing,
    buyers_of,
    customers,
    page_of_customers,
    standings_of,
)
from gasstock.orders.models import Order


@require_safe
@admin_only
def all_customers(request: Request) -> HttpResponse:
    return _list(request, None)


@require_safe
@admin_only
def customer(request: Request, pk: int) -> HttpResponse:
    return _page(request, get_object_or_404(customers(), pk=pk), None)


@require_safe
@requires(Permission.INVOICE_VIEW)
def station_customers(request: Request, station: Station) -> HttpResponse:
    return _list(request, station)


@require_safe
@requires(Permission.INVOICE_VIEW)
def station_customer(request: Request, station: Station, pk: int) -> HttpResponse:
    return _page(request, get_object_or_404(buyers_of(station), pk=pk), station)


def _list(request: Request, station: Station | None) -> HttpResponse:
    words, sort = words_of(request), request.GET.get("sort", "")
    cursor = request.GET.get("cursor", "")
    found, following = page_of_customers(station, words=words, sort=sort, cursor=cursor)
    context = {
        "station": station,
        "found": found,
        "next": following,
        "words": words,
        "sorts": SORTS,
        "sort": sort if sort in SORTS else "",
    }
    return render_page(request, "orders/customers/list.html", context, partials={"customers"})


def _page(request: Request, person: User, station: Station | None) -> HttpResponse:
    """One buyer: how they stand, what they hold, and what they ordered, the newest first."""
    orders = Order.objects.of(person).select_related("station", "invoice", "rating")
    if station:
        orders = orders.at(station)
    context = {
        "station": station,
        "person": person,
        "standing": standings_of([person], station).get(person.pk, Standing()),
        "held": held_by(person, station),
        "page": newest_first(orders, request.GET.get("cursor", ""), size=20),
    }
    return render_page(request, "orders/customers/customer.html", context, partials={"orders"})
