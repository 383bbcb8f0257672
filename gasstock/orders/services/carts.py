"""What somebody is about to order. A cart promises nothing; placing the order does."""

import secrets

from django.db import transaction
from django.db.models import F, QuerySet

from gasstock.accounts.models import User
from gasstock.core import clock
from gasstock.inventory.models import Listing
from gasstock.orders.errors import KindNotOffered, NotForSale, QuantityOutOfRange
from gasstock.orders.models import Cart, CartLine, LineKind

MOST = 99


def find_cart(user: User | None, token: str) -> Cart | None:
    """Return the cart of a person, or of the visitor whose session holds `token`."""
    carts = Cart.objects.filter(user=user) if user else Cart.objects.filter(user=None, token=token)
    return carts.first()


def open_cart(user: User | None, token: str) -> Cart:
    """Return the cart, a fresh one if there is none yet. A visitor needs a token for theirs."""
    if user is None:
        return Cart.objects.get_or_create(token=token, user=None)[0]
    return Cart.objects.get_or_create(user=user, defaults={"token": new_token()})[0]


def new_token() -> str:
    return secrets.token_hex(16)


@transaction.atomic
def claim_cart(user: User, token: str) -> None:
    """Put what a visitor collected into their own cart, now that we know who they are."""
    visitors = Cart.objects.select_for_update().filter(token=token, user=None).first()
    if visitors is None:
        return
    own = open_cart(user, token)
    for line in lines_of(visitors):
        try:
            kind = LineKind(line.kind)
            add_line(cart=own, listing=line.listing, kind=kind, quantity=line.quantity)
        except (NotForSale, KindNotOffered):
            continue  # went off sale meanwhile: signing in must not fail for it
    visitors.delete()


def lines_of(cart: Cart | None) -> QuerySet[CartLine]:
    """The lines with all that is shown of them, station by station."""
    if cart is None:
        return CartLine.objects.none()
    return cart.lines.select_related(
        "listing__station", "listing__variant__product__brand", "listing__full"
    ).order_by("listing__station__name", "listing__station_id", "pk")


@transaction.atomic
def add_line(*, cart: Cart, listing: Listing, kind: LineKind, quantity: int = 1) -> None:
    """Want `quantity` more of it, up to 99. Raises NotForSale, KindNotOffered."""
    check_kind(listing, kind)
    line, made = CartLine.objects.get_or_create(
        cart=cart, listing=listing, kind=kind, defaults={"quantity": min(quantity, MOST)}
    )
    if not made:
        rows = CartLine.objects.filter(pk=line.pk, quantity__lte=MOST - quantity)
        if not rows.update(quantity=F("quantity") + quantity):
            CartLine.objects.filter(pk=line.pk).update(quantity=MOST)
    Cart.objects.filter(pk=cart.pk).update(updated_at=clock.now())


@transaction.atomic
def set_quantity(*, line: CartLine, quantity: int) -> None:
    """Want exactly that many; 0 takes the line out. Raises QuantityOutOfRange."""
    if not 0 <= quantity <= MOST:
        raise QuantityOutOfRange(line.listing.variant.name, MOST)
    rows = CartLine.objects.filter(pk=line.pk)
    if quantity:
        rows.update(quantity=quantity)
    else:
        rows.delete()
    Cart.objects.filter(pk=line.cart_id).update(updated_at=clock.now())


def check_kind(listing: Listing, kind: LineKind) -> None:
    """Raise NotForSale or KindNotOffered if the station does not offer it like that to buyers."""
    if not listing.is_on_sale:
        raise NotForSale(listing.variant.name)
    if kind == LineKind.RETURN:  # shells are given back at the counter
        raise KindNotOffered(listing.variant.name, kind)
    check_fit(listing, kind)


def check_fit(listing: Listing, kind: LineKind) -> None:
    """Raise KindNotOffered if the thing is not of that kind, or not sold new here."""
    fits = (kind == LineKind.ACCESSORY) != listing.variant.is_cylinder
    if not fits or (kind == LineKind.NEW and listing.new_price is None):
        raise KindNotOffered(listing.variant.name, kind)
