"""What admins set for the whole platform."""

from dataclasses import asdict, replace
from functools import partial
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from gasstock.accounts.errors import CurrencyInUse
from gasstock.accounts.models import Station, User
from gasstock.audit.services import record
from gasstock.core import platform
from gasstock.core.models import PlatformSettings
from gasstock.core.platform import Platform, kept_hours


@transaction.atomic
def save_platform(actor: User, **changes: Any) -> Platform:
    """Let these settings hold from now on; what is left out stays. Raises CurrencyInUse."""
    row = _locked_row()
    before = platform.of_row(row)
    after = replace(before, **changes)
    old, new = _kept(before), _kept(after)
    changed = {name: [old[name], value] for name, value in new.items() if old[name] != value}
    if "currency" in changed and is_currency_used():
        raise CurrencyInUse
    if changed:
        PlatformSettings.objects.filter(pk=row.pk).update(**new)
        row.refresh_from_db()
        record(actor, "platform.changed", row, **changed)
    transaction.on_commit(partial(platform.remember, after))
    return after


def is_currency_used() -> bool:
    """Whether an amount is written anywhere that would mean another one in another currency."""
    priced = Station.objects.filter(Q(delivery_fee__gt=0) | Q(approval_limit__gt=0))
    return priced.exists() or any(
        apps.get_model(label)._default_manager.exists() for label in settings.IN_CURRENCY
    )


def _locked_row() -> PlatformSettings:
    """Return the row that two admins at once wait for; made of the environment the first time."""
    PlatformSettings.objects.get_or_create(pk=1, defaults=_kept(platform.of_environment()))
    return PlatformSettings.objects.select_for_update().get(pk=1)


def _kept(values: Platform) -> dict[str, Any]:
    return asdict(values) | {"delivery_windows": kept_hours(values.delivery_windows)}
