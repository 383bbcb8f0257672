from typing import Any, NoReturn

from django.db import models

from gasstock.core import clock


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
