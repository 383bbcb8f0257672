from django.core.management.base import BaseCommand, CommandError

from gasstock.core.books import differences, one_moment
from gasstock.inventory.models import Balance, Move


class Command(BaseCommand):
    help = "Prove the books: rebuild every balance, hold, sum and number, and name what differs."

    def handle(self, *args: object, **options: object) -> None:
        with one_moment():
            found = list(differences())
            moves, balances = Move.objects.count(), Balance.objects.count()
        for difference in found:
            self.stdout.write(difference)
        if found:
            raise CommandError(f"{len(found)} differences in {moves} moves, {balances} balances.")
        self.stdout.write(f"{moves} moves, {balances} balances: clean")
