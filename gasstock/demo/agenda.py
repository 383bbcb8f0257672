"""What is going to happen, in the order of time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush
from random import Random

from django.utils import timezone

from gasstock.core import clock

OPENS, CLOSES = 7, 21  # the hours in which anybody does anything, in the stations' time zone


class Agenda:
    """Acts to come. What falls after the end of the story never happens: it is still to do."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self._acts: list[tuple[datetime, int, Callable[[], object]]] = []
        self._count = 0

    def at(self, moment: datetime, act: Callable[[], object]) -> None:
        """Plan `act` for a moment; at the same moment, what was planned first happens first."""
        self._count += 1
        heappush(self._acts, (moment, self._count, act))

    def soon(self, least: int, most: int, act: Callable[[], object]) -> None:
        """Plan `act` for `least` to `most` minutes from now, or for the morning after that."""
        moment = clock.now() + timedelta(seconds=self.dice.randint(60 * least, 60 * most))
        self.at(self._in_hours(moment), act)

    def play(self, until: datetime) -> None:
        """Let everything happen that is planned up to `until`, and what follows from it."""
        while self._acts and self._acts[0][0] <= until:
            moment, _, act = heappop(self._acts)
            with clock.at(moment):
                act()

    def _in_hours(self, moment: datetime) -> datetime:
        local = timezone.localtime(moment)
        if OPENS <= local.hour < CLOSES:
            return moment
        morning = local + timedelta(days=local.hour >= CLOSES)
        return morning.replace(hour=OPENS, minute=self.dice.randint(5, 55))
