"""The proof of the books: every part of them is asked what differs (settings.BOOKS)."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import chain

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from gasstock.core import clock
from gasstock.core.models import BooksCheck

logger = logging.getLogger(__name__)

KEPT = 60  # checks
NAMED = 50  # differences of a check that are kept; the command names all
RUNS_AT_MOST = timedelta(hours=2)


def differences() -> Iterator[str]:
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


def check_books() -> BooksCheck:
    """Prove the books now and keep what came out, for the page of the system."""
    check = BooksCheck.objects.create()
    try:
        with one_moment():
            found = [str(difference) for difference in differences()]
    except Exception as error:
        logger.exception("The look over the books broke off.")
        found = [f"The look broke off: {type(error).__name__}."]
    check.ended_at, check.differences, check.first = clock.now(), len(found), found[:NAMED]
    check.save()
    old = BooksCheck.objects.order_by("-pk").values_list("pk", flat=True)[KEPT : KEPT + 1]
    BooksCheck.objects.filter(pk__lte=max(old, default=0)).delete()
    return check


def last_check() -> BooksCheck | None:
    """Return the last proof that came to an end."""
    return BooksCheck.objects.filter(ended_at__isnull=False).order_by("-pk").first()


def is_running() -> bool:
    """Whether a proof is under way; one that began long ago was cut off."""
    since = clock.now() - RUNS_AT_MOST
    newest = BooksCheck.objects.order_by("-pk").first()
    return newest is not None and newest.ended_at is None and newest.started_at > since
