"""Weeks of trade, told through the services from the first application to this minute."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random

from django.db import transaction
from django.db.models import Case, F, TextField, Value, When
from django.utils import timezone

from gasstock.core import clock
from gasstock.core.tokens import drawn_from
from gasstock.demo.agenda import Agenda
from gasstock.demo.cast import Registry
from gasstock.demo.setting import WEEKDAYS, Size, World, set_up
from gasstock.demo.supply import Supply
from gasstock.demo.till import Till
from gasstock.demo.today import Today
from gasstock.demo.trade import Trade
from gasstock.inventory.services.alerts import check_levels, refresh_sales
from gasstock.notifications.models import Message, MessageState, Notification
from gasstock.notifications.services import no_calls
from gasstock.orders.models import Order, OrderStatus

SIZES = {
    "tiny": Size(stations=3, days=4, orders=12, sales=12, buyers=9),  # for the tests
    "small": Size(stations=8, days=28, orders=200, sales=300, buyers=25),
    "large": Size(stations=60, days=56, orders=6_000, sales=9_000, buyers=900, rare_sizes=True),
}
HOURS = {7: 8, 8: 9, 9: 7, 10: 6, 11: 6, 12: 5, 13: 4, 14: 4, 15: 5, 16: 6, 17: 9, 18: 10, 19: 4}
UNREAD = timedelta(days=2)  # older notifications were read


@dataclass(frozen=True)
class Told:
    """What there is at the end of the story."""

    stations: int
    orders: Counter[str]


@transaction.atomic
def tell(size: Size, *, seed: int, end: datetime) -> Told:
    """Tell the story that ends at `end`, all of it or nothing. The same seed tells the same."""
    dice = Random(seed)  # noqa: S311 a story, not a secret
    numbers = Random(seed + 1)  # noqa: S311
    with no_calls(), drawn_from(numbers):
        agenda = Agenda(dice)
        registry = Registry(dice)
        first = timezone.localtime(end).replace(hour=7, minute=0, second=0, microsecond=0)
        first -= timedelta(days=size.days - 1)
        world = set_up(registry, size, first)
        trade = Trade(agenda, world.admin)
        days = [first + timedelta(days=number) for number in range(size.days)]
        _plan_visits(trade, world, size, days)
        _plan_evenings(trade, world, days)
        Till(trade, world).plan(days, size.sales)
        Supply(trade, world, end).plan(days)
        Today(registry, world, trade, end).plan(size.days)
        agenda.play(until=end)
        with clock.at(end):
            refresh_sales()
            check_levels()
    _post_letters()
    _read_news(end)
    statuses = Order.objects.values_list("status", flat=True)
    return Told(len(world.outlets), Counter(OrderStatus(status).label for status in statuses))


def _plan_visits(trade: Trade, world: World, size: Size, days: list[datetime]) -> None:
    """Spread the orders over days, hours and stations as people cook and shops are known."""
    dice = trade.dice
    weights = [WEEKDAYS[day.weekday()] for day in days]
    known = [[x for x in world.customers if outlet in x.outlets] for outlet in world.outlets]
    busy = [outlet.busy for outlet in world.outlets]
    for day in dice.choices(days, weights, k=size.orders):
        hour = dice.choices(list(HOURS), list(HOURS.values()))[0]
        moment = day.replace(hour=hour, minute=dice.randint(0, 44), second=dice.randint(0, 59))
        number = dice.choices(range(len(busy)), busy)[0]
        customer = dice.choice(known[number])
        trade.agenda.at(moment, partial(trade.visit, customer, world.outlets[number]))


def _plan_evenings(trade: Trade, world: World, days: list[datetime]) -> None:
    """Before a station closes, its riders bring back the empties and what nobody took."""
    for day in days:
        for number, outlet in enumerate(world.outlets):
            if outlet is world.main and day is days[-1]:
                continue  # whatever the hour, its riders have something today
            moment = day.replace(hour=20, minute=number % 20)
            trade.agenda.at(moment, partial(trade.road.come_home, outlet))


def _post_letters() -> None:
    """The letters of the story left when they were written; none goes out today."""
    waiting = Message.objects.filter(state=MessageState.PENDING)
    waiting.update(
        state=MessageState.SENT,
        attempts=1,
        sent_at=F("created_at"),
        body=Case(
            When(is_secret=True, then=Value("")), default=F("body"), output_field=TextField()
        ),
    )


def _read_news(end: datetime) -> None:
    old = Notification.objects.filter(created_at__lt=end - UNREAD, read_at=None)
    old.update(read_at=F("created_at") + timedelta(minutes=50))
