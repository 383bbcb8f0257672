"""Comparisons that Django does not bring along."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Transform
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


@CharField.register_lookup
class Unindexed(Transform):
    """The field itself, for which SQLite looks into no index.

    It thinks that whatever equals something is rare, and rather sorts all it finds so than
    follow the index that has them in order.
    """

    lookup_name = "unindexed"

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[str | int, ...]]:
        return compiler.compile(self.lhs)

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra_context: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        column, parameters = compiler.compile(self.lhs)
        return f"+{column}", tuple(parameters)
