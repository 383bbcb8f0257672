"""Every model that says it is append-only has its triggers in the database."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from gasstock.core.append_only import ForbidChange
from gasstock.core.models import AppendOnlyModel

MODELS = [model for model in apps.get_models() if issubclass(model, AppendOnlyModel)]


def triggers() -> set[str]:
    queries = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    with connection.cursor() as cursor:
        cursor.execute(queries[connection.vendor])
        return {name for (name,) in cursor.fetchall()}


def expected(table: str) -> set[str]:
    if connection.vendor == "sqlite":
        return {f"{table}_no_UPDATE", f"{table}_no_DELETE"}
    return {f"{table}_rows_stay", f"{table}_stays"}


@pytest.mark.django_db
def test_every_append_only_table_is_guarded_and_no_other():
    assert triggers() == set().union(*(expected(model._meta.db_table) for model in MODELS))
    assert len(MODELS) >= 4


@pytest.mark.django_db(transaction=True)
def test_a_later_migration_may_forbid_again():
    class Remark(models.Model):  # noqa: DJ008 it lives for one test
        text = models.CharField(max_length=10)

        class Meta:
            app_label = "tests"
            db_table = "tests_remark"

    def run(apply: str) -> None:
        with connection.schema_editor() as editor:
            getattr(ForbidChange("tests_remark"), apply)("tests", editor, None, None)

    with connection.schema_editor() as editor:
        editor.create_model(Remark)
    try:
        run("database_forwards")
        run("database_forwards")
        remark = Remark.objects.create(text="first")
        with pytest.raises(DatabaseError), transaction.atomic():
            Remark.objects.filter(pk=remark.pk).update(text="second")
        run("database_backwards")
        assert Remark.objects.filter(pk=remark.pk).update(text="second") == 1
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(Remark)
