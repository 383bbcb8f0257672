"""Adding up in the database."""

from django.db.models import BigIntegerField, F
from django.db.models.functions import Cast


def big(name: str) -> Cast:
    """The column in 64 bits: a product of two of 32 does not fit into PostgreSQL's."""
    return Cast(F(name), BigIntegerField())
