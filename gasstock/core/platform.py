"""What holds on the whole platform: saved by admins, or else what the environment says."""

from dataclasses import dataclass, fields
from datetime import time
from time import monotonic
from typing import Any

from django.conf import settings

from gasstock.core.models import PlatformSettings

KEPT_SECONDS = 5  # other processes hear of a change so late
Hours = tuple[time, time]


@dataclass(frozen=True)
class Platform:
    """The settings as they are now; amounts in minor units of `currency`.

    Limit, days, minutes and windows are what a new station begins with; `sales_weeks` are looked
    at to say how long stock lasts. Prices include the tax; its rate is in hundredths of a percent.
    """

    currency: str
    order_expiry_hours: int
    invoice_due_days: int
    approval_limit: int = 0
    sales_weeks: int = 4
    cover_days: int = 14
    delivery_minutes: int = 90
    delivery_windows: tuple[Hours, ...] = ()
    tax_name: str = ""
    tax_rate: int = 0

    @property
    def sales_days(self) -> int:
        return self.sales_weeks * 7


@dataclass
class _Memo:
    """What was read last, and until when it is believed."""

    platform: Platform | None = None  # None: nothing is saved
    until: float = 0.0


_memo = _Memo()


def current() -> Platform:
    """Return what holds; costs a query every few seconds in each process."""
    if monotonic() >= _memo.until:
        remember(saved())
    return _memo.platform or of_environment()


def saved() -> Platform | None:
    """Read what admins saved; None if they never did."""
    row = PlatformSettings.objects.first()
    return of_row(row) if row else None


def of_row(row: PlatformSettings) -> Platform:
    values = {field.name: getattr(row, field.name) for field in fields(Platform)}
    return Platform(**values | {"delivery_windows": hours_of(row.delivery_windows)})


def of_environment() -> Platform:
    """Return what holds until somebody saves something else."""
    return Platform(
        currency=settings.CURRENCY,
        order_expiry_hours=settings.ORDER_EXPIRY_HOURS,
        invoice_due_days=settings.INVOICE_DUE_DAYS,
    )


def remember(platform: Platform | None, seconds: float = KEPT_SECONDS) -> None:
    """Answer `current()` with this for some time without asking the database."""
    _memo.platform, _memo.until = platform, monotonic() + seconds


def forget() -> None:
    """Ask the database the next time."""
    _memo.until = 0.0


def hours_of(windows: list[list[str]]) -> tuple[Hours, ...]:
    """Read windows as they are kept: [["08:00", "12:00"], …]."""
    return tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in windows)


def kept_hours(windows: Any) -> list[list[str]]:
    """Write windows as they are kept."""
    return [[f"{start:%H:%M}", f"{end:%H:%M}"] for start, end in windows]
