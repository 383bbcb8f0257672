"""The audit as admins read it: found, explained, taken away."""

import ast
import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from gasstock.accounts import services
from gasstock.accounts.permissions import Role
from gasstock.audit import log
from gasstock.audit.models import AuditEvent
from gasstock.audit.services import record
from gasstock.core import clock
from tests.factories import make_user
from tests.queries import cost

NBSP = "\u00a0"


@pytest.fixture
def read(client, admin):
    client.force_login(admin)

    def read(**query):
        context = client.get("/platform/audit/", query).context
        return [entry for _day, entries in context["days"] for entry in entries]

    return read


def whats(entries):
    return [entry.what for entry in entries]


def test_what_is_done_on_a_page_says_from_where(client, admin, buyer):
    client.force_login(admin)

    client.post(f"/users/{buyer.pk}/deactivate/", REMOTE_ADDR="10.1.2.3")

    event = AuditEvent.objects.get(action="user.deactivated")
    assert (event.address, event.door) == ("10.1.2.3", "people:user_deactivate")
    assert log.Entry(event).door == "Pages"


def test_what_a_proxy_says_is_believed_only_of_ours(client, admin, buyer, settings):
    client.force_login(admin)
    headers = {"X-Forwarded-For": "6.6.6.6, 10.9.9.9"}

    client.post(f"/users/{buyer.pk}/deactivate/", REMOTE_ADDR="10.1.2.3", headers=headers)
    settings.TRUSTED_PROXY_COUNT = 1
    client.post(f"/users/{buyer.pk}/reactivate/", REMOTE_ADDR="10.1.2.3", headers=headers)

    events = AuditEvent.objects.filter(target_pk=buyer.pk).order_by("pk")
    assert [event.address for event in events] == ["10.1.2.3", "10.9.9.9"]


def test_what_the_worker_does_comes_from_nowhere(client, admin, buyer):
    client.force_login(admin)
    client.get("/users/")

    event = record(None, "order.expired", buyer)

    assert (event.address, event.door) == (None, None)
    assert log.Entry(event).door == "By itself"


def test_a_change_reads_as_before_and_after(station, admin, read):
    services.set_approval_limit(admin, station=station, limit=5)
    services.update_station(admin, station=station, changes={"name": "Remera Depot"})

    changed, limit = read()

    assert changed.changes == [log.Change("Name", "Remera Gas", "Remera Depot")]
    assert limit.changes == [log.Change("", f"RWF{NBSP}100,000", f"RWF{NBSP}5")]
    assert limit.what == "Station limit"


def test_entries_are_found_by_who_what_and_when(admin, manager, clerk, station, read):
    with clock.at(clock.now() - timedelta(days=40)):
        services.change_role(manager, membership=clerk.memberships.get(), role=Role.RIDER)
    services.set_approval_limit(admin, station=station, limit=5)
    today = clock.today().isoformat()

    assert whats(read()) == ["Station limit", "Member role"]
    assert whats(read(person="habimana")) == ["Member role"]
    assert whats(read(subject="member")) == ["Member role"]
    assert whats(read(action="station.limit")) == ["Station limit"]
    assert whats(read(target="remera gas", subject="station")) == ["Station limit"]
    assert whats(read(thing=f"accounts.Station:{station.pk}")) == ["Station limit"]
    assert whats(read(since=today)) == ["Station limit"]
    assert whats(read(until="2020-01-01")) == []


@pytest.mark.parametrize(
    "query",
    [
        {"since": "2026-02-30"},
        {"since": "0001-01-01"},
        {"until": "9999-12-31"},
        {"since": "2026-02-02", "until": "2026-02-01"},
        {"subject": "x"},
        {"action": "x' OR 1"},
        {"thing": "accounts.User:\x00"},
        {"person": "\x00"},
        {"target": "x" * 300},
    ],
)
def test_nonsense_finds_nothing_and_breaks_nothing(client, admin, query):
    client.force_login(admin)

    assert client.get("/platform/audit/", query).status_code == 422
    assert client.get("/platform/audit.csv", query).status_code == 302


def test_the_log_is_paged_and_costs_the_same_with_few_and_with_many(client, admin, buyer):
    client.force_login(admin)
    client.get("/platform/audit/")
    record(make_user(), "user.profile", buyer)
    few = cost(client, "/platform/audit/")
    for _each in range(50):
        record(make_user(), "user.profile", buyer)

    assert cost(client, "/platform/audit/") == few <= 8
    first = client.get("/platform/audit/").context
    second = client.get("/platform/audit/", {"cursor": first["next"]}).context
    shown = [entry.event.pk for page in (first, second) for _d, es in page["days"] for entry in es]
    assert shown == list(AuditEvent.objects.order_by("-pk").values_list("pk", flat=True))


def test_the_export_holds_what_was_asked_for_and_no_formula(client, admin, buyer):
    client.force_login(admin)
    record(buyer, "user.profile", make_user(name="=HYPERLINK(1)"), before="=1", after="b")
    record(buyer, "station.limit", buyer)

    answer = client.get("/platform/audit.csv", {"subject": "user"})

    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert [row["Action"] for row in rows] == ["user.profile"]
    assert rows[0]["Called"] == "'=HYPERLINK(1)"
    assert "=1 → b" in rows[0]["Before and after"]
    assert rows[0]["E-mail"] == buyer.email


def test_every_action_begins_with_a_subject_that_has_words():
    unknown = {
        action
        for path in Path(settings.BASE_DIR, "gasstock").rglob("*.py")
        for action in recorded_in(ast.parse(path.read_text()))
        if action.partition(".")[0] not in log.SUBJECTS
    }

    assert unknown == set()


def recorded_in(tree):
    """What is told to the audit in a file, as far as it is written out there."""
    for node in ast.walk(tree):
        name = getattr(node, "func", None)
        if isinstance(name, ast.Name) and name.id in ("record", "record_each", "_add", "_set"):
            for given in node.args:
                part = given.values[0] if isinstance(given, ast.JoinedStr) else given
                value = getattr(part, "value", None)
                if isinstance(value, str) and "." in value:
                    yield value
