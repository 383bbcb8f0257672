"""What stands for an order in an address."""

from django.urls import register_converter


class OrderNumber:
    """The number of an order, KGP-7F4K2M: nothing else ever reaches the database."""

    regex = "[A-Z]{3,4}-[0-9A-Z]{6,11}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(OrderNumber, "order_number")
