"""The database under the tests is the real thing, and is emptied between tests."""

import pytest
from django.db import DatabaseError, connection, transaction

from gasstock.audit.models import AuditEvent


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_append_only_rows_are_gone_in_the_next_test(turn):
    assert not AuditEvent.objects.exists()

    AuditEvent.objects.create(action="tests.began", target_label="tests", target_pk=str(turn))


@pytest.mark.django_db(transaction=True)
def test_append_only_rows_are_guarded_within_a_test():
    AuditEvent.objects.create(action="tests.began", target_label="tests", target_pk="1")

    for statement in ("UPDATE {} SET action = 'x'", "DELETE FROM {}"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(AuditEvent._meta.db_table))

    assert AuditEvent.objects.get().action == "tests.began"


@pytest.mark.django_db
def test_sqlite_never_waits_halfway_through_a_transaction():
    if connection.vendor != "sqlite":
        pytest.skip("about SQLite")

    assert connection.settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone() == ("wal",)
