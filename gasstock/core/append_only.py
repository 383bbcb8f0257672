"""A migration step after which the database itself refuses to rewrite a table."""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

POSTGRESQL = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END
$$ LANGUAGE plpgsql;
DROP TRIGGER IF EXISTS {table}_rows_stay ON {table};
DROP TRIGGER IF EXISTS {table}_stays ON {table};
CREATE TRIGGER {table}_rows_stay BEFORE UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER {table}_stays BEFORE TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
POSTGRESQL_BACK = """
DROP TRIGGER IF EXISTS {table}_rows_stay ON {table};
DROP TRIGGER IF EXISTS {table}_stays ON {table};
"""
SQLITE_BACK = [f"DROP TRIGGER IF EXISTS {{table}}_no_{verb}" for verb in ("UPDATE", "DELETE")]
SQLITE = SQLITE_BACK + [
    """CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
       BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END""".replace("{verb}", verb)
    for verb in ("UPDATE", "DELETE")
]


class ForbidChange(Operation):
    """Put triggers on `table` that refuse UPDATE and DELETE (on PostgreSQL TRUNCATE too).

    A later migration that alters such a table on SQLite rebuilds it and loses the triggers:
    it must end with this operation again, which does no harm where they are still there.
    A test compares the triggers with the models.
    """

    reversible = True

    def __init__(self, table: str) -> None:
        self.table = table

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        pass

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        self._run(schema_editor, [POSTGRESQL], SQLITE)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        self._run(schema_editor, [POSTGRESQL_BACK], SQLITE_BACK)

    def _run(
        self, schema_editor: BaseDatabaseSchemaEditor, postgresql: list[str], sqlite: list[str]
    ) -> None:
        vendor = schema_editor.connection.vendor
        for statement in postgresql if vendor == "postgresql" else sqlite:
            sql = statement.replace("{table}", self.table)
            schema_editor.execute(sql, params=None)

    def describe(self) -> str:
        return f"Forbid changes to rows of {self.table}"
