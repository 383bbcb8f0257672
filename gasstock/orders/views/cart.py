from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gasstock.accounts.access import public
from gasstock.accounts.http import Request
from gasstock.accounts.models import User
from gasstock.core.htmx import go_back, render_page
from gasstock.inventory.models import Listing
from gasstock.orders.basket import Basket, basket_at_home
from gasstock.orders.errors import QuantityOutOfRange
from gasstock.orders.forms.shop import AddForm, QuantityForm
from gasstock.orders.models import Cart, CartLine, LineKind
from gasstock.orders.services.carts import (
    MOST,
    add_line,
    claim_cart,
    new_token,
    open_cart,
    set_quantity,
)
from gasstock.orders.shelf import card_of, usual_of

TOKEN = "cart_token"  # noqa: S105 - where the session keeps it


# --- Whose cart it is -------------------------------------------------------------------------


def owner_of_cart(request: Request) -> tuple[User | None, str]:
    """Return the person, or the token of a visitor; what a visitor collected they keep."""
    token = request.session.get(TOKEN, "")
    if not request.user.is_authenticated:
        return None, token
    if token:
        claim_cart(request.user, token)
        del request.session[TOKEN]
    return request.user, ""


def basket_of(request: Request) -> Basket:
    user, token = owner_of_cart(request)
    return basket_at_home(user, token) if user or token else Basket()


def _own_cart(request: Request) -> Cart:
    user, token = owner_of_cart(request)
    if user is None and not token:
        token = request.session[TOKEN] = new_token()
    return open_cart(user, token)


# --- Pages ------------------------------------------------------------------------------------


@require_safe
@public
def cart(request: Request) -> HttpResponse:
    basket = basket_of(request)
    asks_usual = not basket and request.user.is_authenticated
    usual = usual_of(request.user) if asks_usual else None
    context = {"basket": basket, "most": MOST, "usual": usual}
    return render_page(request, "orders/shop/cart.html", context, partials={"basket"})


@require_POST
@public
def cart_add(request: Request, pk: int) -> HttpResponse:
    listing = get_object_or_404(Listing.objects.on_sale().for_cards(), pk=pk)
    form = AddForm(request.POST)
    if not form.is_valid():
        raise QuantityOutOfRange(listing.variant.name, MOST)
    kind, quantity = LineKind(form.cleaned_data["kind"]), form.cleaned_data["quantity"]
    add_line(cart=_own_cart(request), listing=listing, kind=kind, quantity=quantity)
    text = _("%(count)s × %(name)s is in your cart.")
    return _answer(request, listing, text % {"count": quantity, "name": listing.variant.name})


@require_POST
@public
def cart_line(request: Request, pk: int) -> HttpResponse:
    user, token = owner_of_cart(request)
    lines = CartLine.objects.filter(cart__user=user)
    if user is None:
        lines = lines.filter(cart__token=token)
    line = get_object_or_404(lines, pk=pk)
    listing = Listing.objects.for_cards().get(pk=line.listing_id)
    form = QuantityForm(request.POST)
    if not form.is_valid():
        raise QuantityOutOfRange(listing.variant.name, MOST)
    quantity = form.cleaned_data["quantity"]
    set_quantity(line=line, quantity=quantity)
    text = "" if quantity else _("%(name)s is out of your cart.")
    return _answer(request, listing, text % {"name": listing.variant.name})


def _answer(request: Request, listing: Listing, text: str) -> HttpResponse:
    """The card that was touched and the cart beside it; elsewhere the page it was touched on."""
    if request.htmx.target == f"offer-{listing.pk}":
        fees = [area.fee for area in listing.station.areas.all()]
        card = card_of(listing, area_fee=min(fees, default=None))
        context = {"card": card, "basket": basket_of(request)}
        return render(request, "orders/shop/_card_answer.html", context)
    if text:
        messages.success(request, text)
    return go_back(request)
