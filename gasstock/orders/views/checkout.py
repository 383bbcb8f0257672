from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from gasstock.accounts.access import signed_in
from gasstock.accounts.http import Request
from gasstock.accounts.services.people import add_address
from gasstock.core.errors import DomainError
from gasstock.core.htmx import render_page
from gasstock.orders.basket import Basket, lines_in_cart
from gasstock.orders.errors import FeeChanged, NothingOrdered, PriceChanged
from gasstock.orders.forms.shop import NEW_PLACE, CheckoutForm
from gasstock.orders.models import CartLine, Fulfilment, Order
from gasstock.orders.services.carts import open_cart
from gasstock.orders.services.placing import check_out
from gasstock.orders.views.cart import owner_of_cart


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def checkout(request: Request) -> HttpResponse:
    """Where to, when, how to pay, and the button that orders."""
    owner = owner_of_cart(request)
    lines = lines_in_cart(*owner)
    if not lines:
        return _nothing_there(request)
    form = _form(request, lines)
    if form.is_bound and form.is_valid():
        try:
            return _placed(request, form)
        except NothingOrdered:
            return _nothing_there(request)
        except DomainError as error:
            lines = lines_in_cart(*owner)  # with the prices and the stock that it failed for
            form.add_error(None, str(_explained(error, form, lines)))
    return _checkout_page(request, form, Basket(lines, form.goes_to))


def _checkout_page(request: Request, form: CheckoutForm, basket: Basket) -> HttpResponse:
    how = form["fulfilment"].value()
    context = {
        "form": form,
        "basket": basket,
        "how": how,
        "total": basket.total if how == Fulfilment.DELIVERY else basket.goods,
    }
    status = 422 if form.errors else 200
    return render_page(
        request, "orders/shop/checkout.html", context, partials={"sum"}, status=status
    )


def _form(request: Request, lines: list[CartLine]) -> CheckoutForm:
    """The form as it was sent, or as far as it is filled in when only the sum is asked for."""
    stations = [part.station for part in Basket(lines).parts]
    prefetch_related_objects(stations, "windows")
    data = request.POST if request.method == "POST" else None
    form = CheckoutForm(data, user=request.user, stations=stations)
    usual = Fulfilment.PICKUP if form.stay_at_home else Fulfilment.DELIVERY
    asked, place = request.GET.get("fulfilment", ""), request.GET.get("place", "")
    places = [*(str(each.pk) for each in form.places), NEW_PLACE]
    form.initial = {
        "fulfilment": asked if asked in Fulfilment.values else usual,
        "place": place if place in places else places[0],
        "district": request.GET.get("district", ""),
        "phone": request.user.phone,
        "payment_method": "cash",
    }
    return form


def _explained(error: DomainError, form: CheckoutForm, lines: list[CartLine]) -> DomainError:
    """Say so if the sum is another only because it goes to another district."""
    is_delivery = form.terms.fulfilment == Fulfilment.DELIVERY
    if not (isinstance(error, PriceChanged) and is_delivery):
        return error
    before = Basket(lines, form.cleaned_data["district_seen"])
    if before.total != form.expected_total:
        return error
    basket = Basket(lines, form.goes_to)
    return FeeChanged(form.goes_to, basket.fee, basket.total)


def _placed(request: Request, form: CheckoutForm) -> HttpResponse:
    orders = check_out(
        request.user,
        cart=open_cart(request.user, ""),
        terms=form.terms,
        expected_total=form.expected_total,
    )
    _note_address(request, form.new_place)
    messages.success(request, _thanks(orders))
    return redirect(orders[0] if len(orders) == 1 else "shop:orders")


def _note_address(request: Request, place: dict[str, str] | None) -> None:
    if place is None:
        return
    try:
        add_address(request.user, **place)
    except DomainError as error:  # the order stands all the same
        messages.warning(request, str(error))


def _thanks(orders: list[Order]) -> str:
    text = ngettext("Order %(numbers)s is placed.", "Orders %(numbers)s are placed.", len(orders))
    return text % {"numbers": ", ".join(map(str, orders))}


def _nothing_there(request: Request) -> HttpResponse:
    """An empty cart; after a second click on the button, what it held has been ordered already."""
    if request.method != "POST":
        return redirect("shop:cart")
    messages.info(request, _("Your cart is empty: what was in it is ordered."))
    return redirect("shop:orders")
