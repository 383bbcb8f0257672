"""When the demo is told, and that it is told alike from the same seed."""

import hashlib
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings

from gasstock.accounts.models import User
from gasstock.billing.models import Invoice
from gasstock.delivery.models import Delivery, Homecoming
from gasstock.demo import story
from gasstock.inventory.models import Move
from gasstock.orders.models import Order
from tests.demo.conftest import DAY, tell
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def digest(seed: int) -> str:
    """Tell the story, take it back, and return what it came to."""
    with transaction.atomic():
        tell(seed)
        rows = [
            *Order.objects.order_by("pk").values_list(
                "number", "code", "status", "total", "buyer__name", "placed_at"
            ),
            *Move.objects.order_by("pk").values_list(
                "station__code", "variant__sku", "condition", "quantity", "reason", "created_at"
            ),
            *Invoice.objects.order_by("pk").values_list("number", "status", "total", "paid"),
            *Delivery.objects.order_by("pk").values_list("rider__name", "status", "departed_at"),
            *Homecoming.objects.order_by("pk").values_list("rider__name", "cash_counted", "reason"),
        ]
        transaction.set_rollback(True)
    return hashlib.sha256(json.dumps(rows, default=str).encode()).hexdigest()


def test_the_same_seed_tells_the_same_story_and_another_seed_another():
    first, again, other = digest(7), digest(7), digest(8)

    assert first == again
    assert first != other


def test_a_database_with_users_is_left_alone():
    make_user()

    with pytest.raises(CommandError, match="has users already"):
        tell()

    assert User.objects.count() == 1
    assert not Order.objects.exists()


@override_settings(PRODUCTION=True, DEMO=False)
def test_the_demo_is_not_for_production():
    with pytest.raises(CommandError, match="not for production"):
        call_command("demo", size="tiny")

    assert not User.objects.exists()


@override_settings(DEMO=False)
def test_the_sign_ins_are_printed_in_demo_mode_only():
    said = StringIO()

    call_command("demo", size="tiny", today=DAY, stdout=said)

    assert "gasstock-demo" not in said.getvalue()


def test_a_story_that_breaks_off_leaves_nothing(monkeypatch):
    def break_off(registry, *_):
        registry.sign_in("admin")
        raise RuntimeError

    monkeypatch.setattr(story, "set_up", break_off)

    with pytest.raises(RuntimeError):
        tell()

    assert not User.objects.exists()


def test_a_story_calls_the_worker_for_none_of_its_letters(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as calls:
        tell()

    assert calls == []
