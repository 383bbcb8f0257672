from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils.module_loading import import_string

from gasstock.inventory.models import Balance, Move


class Command(BaseCommand):
    help = "Prove the books: rebuild every balance, hold, sum and number, and name what differs."

    def handle(self, *args: object, **options: object) -> None:
        with one_moment():
            differences = list(_differences())
            moves, balances = Move.objects.count(), Balance.objects.count()
        for difference in differences:
            self.stdout.write(difference)
        if differences:
            count = len(differences)
            raise CommandError(f"{count} differences in {moves} moves, {balances} balances.")
        self.stdout.write(f"{moves} moves, {balances} balances: clean")


def _differences() -> Iterator[str]:
    """Ask every part of the books, of apps that may not see each other too."""
    return chain.from_iterable(import_string(path)() for path in settings.BOOKS)


@contextmanager
def one_moment() -> Iterator[None]:
    """See all tables as they were at one moment, while others go on writing."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield
