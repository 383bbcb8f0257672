from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from gasstock.accounts.access import public
from gasstock.accounts.http import Request
from gasstock.core.htmx import render_page
from gasstock.inventory.models import Listing
from gasstock.orders.arrivals import Arrival, other_fees
from gasstock.orders.facets import load_facets
from gasstock.orders.models import Rating
from gasstock.orders.shelf import elsewhere, find, opening, usual_of
from gasstock.orders.views.cart import basket_of
from gasstock.orders.wish import Wish, describe, instead, sort_names


@require_safe
@public
def home(request: Request) -> HttpResponse:
    """The storefront: what is on sale, as it was asked for."""
    facets = load_facets()
    wish = Wish.read(request.GET.dict(), facets)
    cursor = request.GET.get("cursor", "")
    shelf = find(wish, facets, cursor)
    basket = basket_of(request)
    is_start = not (wish.is_narrow or cursor or basket) and request.user.is_authenticated
    context = {
        "facets": facets,
        "wish": wish,
        "shelf": shelf,
        "sorts": sort_names(),
        "basket": basket,
        "asked": describe(wish, facets),
        "instead": None if shelf.cards else instead(wish, facets),
        "usual": usual_of(request.user) if is_start else None,
    }
    return render_page(request, "orders/shop/storefront.html", context, partials={"offers", "more"})


@require_safe
@public
def listing(request: Request, pk: int) -> HttpResponse:
    """One thing at one station: what it costs, who sells it, and what others say."""
    listing = get_object_or_404(Listing.objects.on_sale().for_cards(), pk=pk)
    station, basket = listing.station, basket_of(request)
    prefetch_related_objects([station, *(x.listing.station for x in basket.lines)], "areas")
    ratings = Rating.objects.filter(station=station).select_related("buyer").order_by("-pk")
    context = {
        "listing": listing,
        "opening": opening(station.opens_at, station.closes_at),
        "arrival": Arrival(station),
        "other_fees": other_fees(station),
        "ratings": ratings[:5],
        "elsewhere": elsewhere(listing),
        "basket": basket,
    }
    return render_page(request, "orders/shop/listing.html", context, partials={"mini"})
