"""What riders press, on pages that were opened before."""

from functools import partial

from gasstock.delivery.services.running import deliver
from tests.delivery.acts import all_of


def fresh(thing):
    return type(thing).objects.get(pk=thing.pk)


def press(person, delivery, cash=0):
    """The button “Delivered”: all of it, for an empty each, and so much cash."""
    handed, code = all_of(delivery), delivery.order.code
    return partial(deliver, person, delivery=fresh(delivery), handed=handed, code=code, cash=cash)
