from typing import Any, NoReturn

from django.db import models

from gasstock.core import clock

MOST_TAX = 5000  # hundredths of a percent


class AppendOnlyError(TypeError):
    """Somebody tried to rewrite history."""


class AppendOnlyQuerySet(models.QuerySet):
    def update(self, **kwargs: object) -> NoReturn:
        raise AppendOnlyError(f"{self.model.__name__} rows are never changed.")

    def delete(self) -> NoReturn:
        raise AppendOnlyError(f"{self.model.__name__} rows are never deleted.")


class AppendOnlyModel(models.Model):
    """A row that is written once; the database refuses to change or delete it.

    Mistakes are corrected by writing another row. Each table needs `ForbidChange`
    (core/append_only.py) in a migration of its app.
    """

    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError(f"{self} is already written.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError(f"{self} is never deleted.")


class PlatformSettings(models.Model):
    """How the platform is run: one row, or none while what the environment says holds.

    Read it through `core.platform.current()`. Amounts are minor units of `currency`; windows
    are pairs such as ["08:00", "12:00"].
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    currency = models.CharField(max_length=3)
    order_expiry_hours = models.PositiveSmallIntegerField()
    invoice_due_days = models.PositiveSmallIntegerField()
    approval_limit = models.PositiveIntegerField()
    sales_weeks = models.PositiveSmallIntegerField()
    cover_days = models.PositiveSmallIntegerField()
    delivery_minutes = models.PositiveSmallIntegerField()
    delivery_windows = models.JSONField(default=list)
    tax_name = models.CharField(max_length=12, blank=True, default="")
    tax_rate = models.PositiveSmallIntegerField("tax rate, in hundredths of a percent", default=0)

    class Meta:
        verbose_name_plural = "platform settings"
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="the_platform_is_one"),
            models.CheckConstraint(
                condition=models.Q(order_expiry_hours__gt=0, sales_weeks__gt=0),
                name="hours_and_weeks_are_some",
            ),
            models.CheckConstraint(
                condition=models.Q(tax_rate=0)
                | models.Q(tax_rate__lte=MOST_TAX) & ~models.Q(tax_name=""),
                name="a_tax_has_a_name_and_at_most_half",
            ),
        ]

    def __str__(self) -> str:
        return "The platform"


class BooksCheck(models.Model):
    """One proof of the books; `ended_at` is empty while it runs, or if it never came to an end."""

    started_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    differences = models.PositiveIntegerField(default=0)
    first = models.JSONField("the first of them", default=list)

    def __str__(self) -> str:
        return f"Books of {self.started_at:%Y-%m-%d %H:%M}"
