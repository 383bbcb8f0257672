from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from gasstock.accounts.models import User
from gasstock.demo.cast import PASSWORD, SIGN_INS
from gasstock.demo.story import SIZES, Told, tell

TIME_OF_DAY = time(10, 24)  # when a story ends whose day is given


class Command(BaseCommand):
    help = "Fill an empty database with weeks of trade that end at this minute."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--size", choices=SIZES, default="small")
        parser.add_argument("--seed", type=int, default=7, help="the same seed, the same story")
        parser.add_argument(
            "--today", type=date.fromisoformat, help="end the story on this day: YYYY-MM-DD"
        )

    def handle(self, *args: Any, size: str, seed: int, today: date | None, **options: Any) -> None:
        if settings.PRODUCTION and not settings.DEMO:
            raise CommandError("Everybody knows the demo's passwords: it is not for production.")
        if User.objects.exists():
            raise CommandError(
                "The database has users already. The demo wants an empty one: it changes nothing."
            )
        told = tell(SIZES[size], seed=seed, end=_end(today))
        self._print(told)

    def _print(self, told: Told) -> None:
        counts = ", ".join(f"{n} {status.lower()}" for status, n in told.orders.most_common())
        self.stdout.write(f"{told.stations} stations, {told.orders.total()} orders: {counts}.")
        if not settings.DEMO:
            self.stdout.write("The sign-ins are printed where GASSTOCK_DEMO=1 is set.")
            return
        self.stdout.write("\nSign in as")
        for role, (email, name) in SIGN_INS.items():
            self.stdout.write(f"  {role:8} {email:22} {PASSWORD}   {name}")


def _end(today: date | None) -> datetime:
    if today is None:
        return timezone.now()
    return timezone.make_aware(datetime.combine(today, TIME_OF_DAY))
