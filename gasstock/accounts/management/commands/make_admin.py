from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gasstock.accounts.models import User
from gasstock.accounts.services import set_admin
from gasstock.core.errors import DomainError


class Command(BaseCommand):
    help = "Let somebody who has an account run the platform (or, with --remove, stop them)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--remove", action="store_true", help="take the role away")

    def handle(self, *args: Any, email: str, remove: bool, **options: Any) -> None:
        user = User.objects.filter(email__iexact=email.strip()).first()
        if user is None:
            raise CommandError(f"Nobody has an account with {email}. They must register first.")
        try:
            set_admin(None, user=user, is_admin=not remove)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{user.email} is {'no' if remove else 'an'} admin now.")
