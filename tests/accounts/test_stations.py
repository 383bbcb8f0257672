import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from gasstock.accounts import services
from gasstock.accounts.errors import (
    ApplicationWaiting,
    OwnApplication,
    ReasonMissing,
    StationIsAlready,
)
from gasstock.accounts.models import Membership, Station, StationStatus
from gasstock.accounts.permissions import Role
from gasstock.accounts.services.stations import free_code, free_slug
from gasstock.audit.models import AuditEvent
from gasstock.notifications.models import Message, Notification
from tests.factories import make_station


@pytest.fixture
def application(buyer, details):
    return services.apply_for_station(buyer, details=details)


def test_an_application_waits_and_the_admins_are_told(admin, buyer, application):
    assert application.status == StationStatus.APPLIED
    assert (application.slug, application.code) == ("kimironko-gas-point", "KGP")
    assert Notification.objects.get().user == admin
    assert Message.objects.get().to == admin.email
    assert not buyer.memberships.exists()


def test_one_person_has_one_waiting_application(buyer, application, details):
    with pytest.raises(ApplicationWaiting):
        services.apply_for_station(buyer, details=details)


def test_the_database_refuses_a_second_waiting_application(buyer, application):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_station(applicant=buyer, status=StationStatus.APPLIED)


def test_approving_makes_the_applicant_the_manager(admin, buyer, application):
    services.approve_station(admin, station=application)

    application.refresh_from_db()
    assert application.status == StationStatus.APPROVED
    assert application.decided_at is not None
    assert Membership.objects.get(user=buyer).role == Role.MANAGER
    assert Message.objects.filter(to=buyer.email).count() == 1
    assert AuditEvent.objects.filter(action="station.approved", actor=admin).exists()


def test_nobody_decides_about_their_own_application(admin, details):
    own = services.apply_for_station(admin, details=details)

    with pytest.raises(OwnApplication):
        services.approve_station(admin, station=own)
    with pytest.raises(OwnApplication):
        services.reject_station(admin, station=own, reason="No")


def test_an_application_is_decided_once(admin, buyer, application):
    services.approve_station(admin, station=application)

    with pytest.raises(StationIsAlready):
        services.approve_station(admin, station=application)
    with pytest.raises(StationIsAlready):
        services.reject_station(admin, station=application, reason="Too late")


def test_a_rejection_needs_a_reason(admin, application):
    with pytest.raises(ReasonMissing):
        services.reject_station(admin, station=application, reason="  ")


def test_a_rejected_station_applies_again_as_itself(admin, buyer, application, details):
    services.reject_station(admin, station=application, reason="The licence has run out.")

    again = services.apply_for_station(buyer, details=details | {"name": "Kimironko Gas"})

    assert again.pk == application.pk
    assert (again.status, again.status_reason) == (StationStatus.APPLIED, "")
    assert again.slug == "kimironko-gas"
    assert Station.objects.count() == 1


def test_an_application_sets_nothing_but_its_own_fields(buyer, details):
    with pytest.raises(ValueError, match="approval_limit"):
        services.apply_for_station(buyer, details=details | {"approval_limit": 10**6})


def test_suspending_and_reinstating_a_station(admin, station, manager):
    services.suspend_station(admin, station=station, reason="Complaints about weight")
    station.refresh_from_db()
    assert not Station.objects.selling().filter(pk=station.pk).exists()
    assert manager.notifications.get().text.endswith("Complaints about weight")

    services.reinstate_station(admin, station=station)
    station.refresh_from_db()
    assert (station.status, station.status_reason) == (StationStatus.APPROVED, "")


def test_the_database_wants_a_reason_for_a_suspension(station):
    with pytest.raises(IntegrityError), transaction.atomic():
        Station.objects.filter(pk=station.pk).update(status=StationStatus.SUSPENDED)


def test_the_limit_is_set_and_remembered_in_the_audit(admin, station):
    services.set_approval_limit(admin, station=station, limit=55_000)

    station.refresh_from_db()
    assert station.approval_limit == 55_000
    assert AuditEvent.objects.get(action="station.limit").data == {
        "before": 100_000,
        "after": 55_000,
    }


def test_a_new_bank_account_is_told_to_the_managers(station, manager):
    changes = {"bank_account": "Equity 4002", "name": station.name}

    services.update_station(manager, station=station, changes=changes)

    station.refresh_from_db()
    assert station.bank_account == "Equity 4002"
    assert manager.notifications.get().kind == "station.bank_account"
    assert AuditEvent.objects.get(action="station.changed").data == {
        "bank_account": ["Bank of Kigali 00040", "Equity 4002"]
    }


def test_saving_unchanged_settings_leaves_no_trace(station, manager):
    services.update_station(manager, station=station, changes={"name": station.name})

    assert not AuditEvent.objects.exists()
    assert not mail.outbox


@pytest.mark.parametrize("field", ["status", "approval_limit", "code", "slug", "rating_sum"])
def test_settings_never_change_what_the_platform_decides(station, manager, field):
    with pytest.raises(ValueError, match=field):
        services.update_station(manager, station=station, changes={field: 1})


@pytest.mark.parametrize(
    ("name", "slug", "code"),
    [
        ("Kimironko Gas Point", "kimironko-gas-point", "KGP"),
        ("Gasabo", "gasabo", "GAS"),
        ("Étoile du Nord Kigali", "etoile-du-nord-kigali", "EDNK"),
        ("12", "12", None),
        ("水", "station", None),
    ],
)
def test_slug_and_code_come_from_the_name(db, name, slug, code):
    assert free_slug(name) == slug
    assert (free_code(name) == code) if code else len(free_code(name)) == 4


def test_a_taken_slug_or_code_makes_way(db):
    for _ in range(40):
        name = "Kigali Gas Point"
        make_station(free_slug(name), code=free_code(name), name=name)

    assert Station.objects.filter(slug="kigali-gas-point-40").exists()
    assert len(set(Station.objects.values_list("code", flat=True))) == 40
