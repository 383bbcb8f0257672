"""An order's delivery, for the pages of orders, which may not see deliveries themselves."""

from collections.abc import Iterable

from django import template

from gasstock.accounts.models import Station
from gasstock.delivery import coming, stops
from gasstock.delivery.models import Photo
from gasstock.orders.models import Order, OrderStatus
from gasstock.orders.story import promised

register = template.Library()


@register.simple_tag
def coming_of(order: Order) -> coming.Coming | None:
    """`{% coming_of order as coming %}`: how it comes, for its buyer."""
    return coming.coming([order])[0]


@register.simple_tag
def with_coming(orders: Iterable[Order]) -> list[tuple[Order, coming.Coming | None]]:
    """`{% with_coming orders as pairs %}`: each with how it comes, one query for all."""
    orders = list(orders)
    return list(zip(orders, coming.coming(orders), strict=True))


# --- As the station reads it ------------------------------------------------------------------


@register.simple_tag
def carriers(station: Station, order: Order | None = None) -> list[stops.Carrier]:
    """`{% carriers station as people %}`: who may bring orders, one query."""
    return stops.carriers(station, order)


@register.simple_tag
def stop_of(order: Order, people: Iterable[stops.Carrier] = ()) -> stops.Stop:
    """`{% stop_of order people as stop %}`: its trip and what went wrong.

    One query while it is on the way; before, `{% carriers station order as people %}` knows.
    """
    if order.status == OrderStatus.DISPATCHED:
        return stops.stops_of([order])[order.pk]
    return stops.stop_among(order, people)


@register.simple_tag
def stops_of(orders: Iterable[Order]) -> dict[int, stops.Stop]:
    """`{% stops_of orders as stops %}`: the same for all of them, one query."""
    return stops.stops_of(orders)


@register.filter
def at(found: dict[int, stops.Stop], order: Order) -> stops.Stop | None:
    """`{{ stops|at:order }}`."""
    return found.get(order.pk)


@register.simple_tag
def photos_of(order: Order) -> list[Photo]:
    """`{% photos_of order as photos %}`: those from the door, without the pictures themselves."""
    return list(Photo.objects.filter(delivery__order=order).defer("image").order_by("pk"))


@register.filter
def promise(order: Order) -> str:
    """`{{ order|promise }}`: “by 14:20”, “tomorrow between 16:00 and 18:00”."""
    return promised(order)
