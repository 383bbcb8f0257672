from django.db import models
from django.db.models import Q

from gasstock.accounts.models import User
from gasstock.core import clock


class RefreshToken(models.Model):
    """Which refresh token of a session is the good one, by its `jti`, and which was before it.

    It stands in a row of its own: the session is saved by whoever read it a while ago.
    """

    session_key = models.CharField(max_length=40, primary_key=True)
    good = models.CharField(max_length=36)
    spent = models.CharField(max_length=36, blank=True)
    spent_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.good


class IdempotencyKey(models.Model):
    """A request that was answered, by the key its sender gave it; `status` 0 is being answered.

    `person` is None for who is not signed in; the database does not check that they exist, for
    that would lock them for as long as the request takes. `digest` is a keyed one of the body.
    """

    person = models.ForeignKey(
        User, models.CASCADE, null=True, related_name="+", db_constraint=False
    )
    key = models.CharField(max_length=200)
    route = models.CharField(max_length=300)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "key"], name="a_key_is_used_once"),
            models.UniqueConstraint(
                fields=["key"], condition=Q(person=None), name="a_strangers_key_is_used_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.route} {self.status}"
