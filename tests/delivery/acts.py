"""What the tests of deliveries do and look at again and again."""

from django.core.management import call_command
from django.core.management.base import CommandError

from gasstock.delivery.services import homecoming
from gasstock.delivery.services.assigning import assign
from gasstock.delivery.services.running import deliver, depart, fail
from gasstock.delivery.services.verify import differences
from gasstock.inventory.models import Balance
from gasstock.orders.services.handover import Handed
from gasstock.orders.services.life import approve_order
from tests.factories import make_order


def approved(manager, wanted, **terms):
    return approve_order(manager, order=make_order(wanted, **terms))


def assigned(manager, rider, wanted, **terms):
    """An approved order of the gas, on the rider's list."""
    order = approved(manager, wanted, **terms)
    [delivery] = assign(manager, station=order.station, orders=[order], rider=rider)
    return delivery


def out(manager, rider, wanted, **terms):
    """A delivery that the rider has left with."""
    delivery = assigned(manager, rider, wanted, **terms)
    depart(rider, station=delivery.station, rider=rider, deliveries=[delivery])
    delivery.refresh_from_db()
    return delivery


def failed(manager, rider, wanted, *, goes_back=False, **terms):
    delivery = out(manager, rider, wanted, **terms)
    return fail(rider, delivery=delivery, failure="absent", goes_back=goes_back)


def all_of(delivery, empties=None):
    """Everything that was ordered, against as many empties, or so many."""
    return {
        x.pk: Handed(x.quantity, x.quantity if empties is None else empties)
        for x in delivery.order.lines.all()
    }


def handed_over(manager, rider, wanted, *, full=None, cash=0, empties=None):
    """Delivered in full or so many of it, against as many empties or so many."""
    delivery = out(manager, rider, wanted)
    handed = all_of(delivery, empties)
    if full is not None:
        handed = {delivery.order.lines.get().pk: Handed(full, full)}
    code = delivery.order.code
    return deliver(rider, delivery=delivery, handed=handed, code=code, cash=cash)


def press(person, delivery, **values):
    """Press Delivered, with everything and the code unless `values` say otherwise."""
    usual = {"handed": all_of(delivery), "code": delivery.order.code}
    return deliver(person, delivery=delivery, **(usual | values))


def kinds(order):
    return [event.kind for event in order.events.order_by("pk")]


def at(kind, variant, condition="full"):
    """How many of the variant all places of a kind have."""
    rows = Balance.objects.filter(location__kind=kind, variant=variant, condition=condition)
    return sum(rows.values_list("on_hand", flat=True))


def come_home(actor, rider, station, counted, cash=0, **why):
    """Count what is on the bike, `{(listing, condition): count}`, and post it."""
    figures = {(x.variant_id, condition): n for (x, condition), n in counted.items()}
    count = homecoming.count(actor, station=station, rider=rider, counted=figures, cash=cash)
    return homecoming.post(actor, homecoming=count, **why)


def books():
    """All that differs, in words."""
    said = list(differences())
    try:
        call_command("verify_ledger", verbosity=0)
    except CommandError as error:
        said.append(str(error))
    return said
