"""The cards of the storefront."""

from functools import lru_cache
from typing import Any

from django import template
from django.template import Context
from django.template.loader import get_template
from django.utils.translation import get_language

from gasstock.orders.basket import Basket
from gasstock.orders.shelf import Card, Opening

register = template.Library()

TEMPLATE = "orders/shop/_card.html"


@register.simple_tag(takes_context=True)
def offer(context: Context, card: Card, basket: Basket) -> str:
    """One card, with the stepper of the cart's line if the cart holds it."""
    line = basket.line_for(card.pk, card.kind)
    if line is None:
        return _fresh(card, card.opening, get_language())
    token = context.get("csrf_token")
    values = {"card": card, "opening": card.opening, "line": line, "csrf_token": token}
    return get_template(TEMPLATE).render(values)


@lru_cache(maxsize=2048)
def _fresh(card: Card, opening: Opening, _language: str) -> str:
    """Render a card. It is kept for whoever sees exactly the same: price, stock, hours and all."""
    values: dict[str, Any] = {"card": card, "opening": opening}
    return get_template(TEMPLATE).render(values)
