"""How many cylinders a member takes on one trip."""

import re

import pytest

from gasstock.accounts import services
from gasstock.accounts.errors import MemberGone
from gasstock.audit.models import AuditEvent
from tests.accounts.conftest import from_htmx


def test_a_load_is_counted_from_now_on_or_not_at_all(manager, rider):
    membership = rider.memberships.get()

    services.set_load_limit(manager, membership=membership, limit=12)
    assert rider.memberships.get().load_limit == 12
    services.set_load_limit(manager, membership=membership, limit=None)
    assert rider.memberships.get().load_limit is None

    events = AuditEvent.objects.filter(action="member.load_limit").order_by("pk")
    assert [event.data for event in events] == [
        {"before": 8, "after": 12},
        {"before": 12, "after": None},
    ]


def test_the_same_load_again_is_no_news(manager, rider):
    services.set_load_limit(manager, membership=rider.memberships.get(), limit=8)

    assert not AuditEvent.objects.filter(action="member.load_limit").exists()


def test_whoever_left_carries_nothing(manager, rider):
    stale = rider.memberships.get()
    rider.memberships.all().delete()

    with pytest.raises(MemberGone):
        services.set_load_limit(manager, membership=stale, limit=12)


def test_a_load_is_set_on_the_team_page(client, station, manager, rider):
    client.force_login(manager)
    url = f"/at/remera/team/{rider.memberships.get().pk}/load/"

    answer = client.post(url, {"load_limit": "1"}, follow=True)
    assert "Takes up to 1 cylinder on one trip" in answer.text
    answer = client.post(url, {"load_limit": ""}, follow=True)
    assert "Takes as many cylinders as fit" in answer.text
    assert rider.memberships.get().load_limit is None


@pytest.mark.parametrize("wrong", ["0", "-1", "201", "1.5", "many", "9" * 5000, "\x00"])
def test_a_load_that_nobody_carries_is_said_beside_the_field(
    client, station, manager, rider, clerk, wrong
):
    client.force_login(manager)
    pk = rider.memberships.get().pk
    url = f"/at/remera/team/{pk}/load/"

    answer = client.post(url, {"load_limit": wrong}, headers=from_htmx("/at/remera/team/", "team"))

    assert answer.status_code == 422
    assert answer.text.count("From 1 to 200 cylinders.") == 1
    assert answer.text.count('<details class="gs-carries" open>') == 1
    assert re.search(rf'id="load-{pk}"[^>]+aria-invalid="true"', answer.text)
    assert rider.memberships.get().load_limit == 8


def test_a_load_is_set_by_who_runs_the_team(client, station, rider, clerk, stranger):
    url = f"/at/remera/team/{rider.memberships.get().pk}/load/"

    for person, status in ((rider, 403), (clerk, 403), (stranger, 404)):
        client.force_login(person)
        assert client.post(url, {"load_limit": "200"}).status_code == status
    assert rider.memberships.get().load_limit == 8
