"""Comparisons that Django does not bring along."""

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField
from django.db.models.lookups import Lookup, StartsWith
from django.db.models.sql.compiler import SQLCompiler

LAST = "\U0010ffff"  # sorts after every other character


@CharField.register_lookup
class Begins(Lookup):
    """`startswith` that an index serves on SQLite too, whose LIKE looks at every row.

    On PostgreSQL the index needs the operators of patterns (`varchar_pattern_ops`).
    """

    lookup_name = "begins"

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[str | int, ...]]:
        return StartsWith(self.lhs, self.rhs).as_sql(compiler, connection)

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[str | int, ...]]:
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} >= %s AND {column} < %s", (
            *parameters,
            self.rhs,
            *parameters,
            f"{self.rhs}{LAST}",
        )
