from gasstock.orders.models.areas import DeliveryArea, DeliveryWindow
from gasstock.orders.models.carts import Cart, CartLine, LineKind
from gasstock.orders.models.orders import (
    DEAD,
    HANDED_OVER,
    OPEN,
    Channel,
    EventKind,
    Fulfilment,
    Order,
    OrderEvent,
    OrderLine,
    OrderStatus,
)
from gasstock.orders.models.ratings import Rating

__all__ = [
    "DEAD",
    "HANDED_OVER",
    "OPEN",
    "Cart",
    "CartLine",
    "Channel",
    "DeliveryArea",
    "DeliveryWindow",
    "EventKind",
    "Fulfilment",
    "LineKind",
    "Order",
    "OrderEvent",
    "OrderLine",
    "OrderStatus",
    "Rating",
]
