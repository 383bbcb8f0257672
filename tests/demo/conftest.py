from collections.abc import Iterator
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

DAY = date(2026, 11, 21)


def tell(seed: int = 7) -> str:
    said = StringIO()
    with override_settings(DEMO=True):
        call_command("demo", size="tiny", seed=seed, today=DAY, stdout=said)
    return said.getvalue()


@pytest.fixture(scope="module")
def _story(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Tell the story once for all tests of a module, and take it back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield tell()
        transaction.set_rollback(True)


@pytest.fixture
def told(_story: str, db: None) -> str:
    return _story
