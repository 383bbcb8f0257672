"""The life of a station: applied for, approved or rejected, perhaps suspended."""

from collections.abc import Iterator, Mapping

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.module_loading import import_string
from django.utils.text import slugify
from django.utils.translation import gettext as _

from gasstock.accounts.errors import (
    ApplicationWaiting,
    OwnApplication,
    ReasonMissing,
    StationIsAlready,
)
from gasstock.accounts.models import Membership, Station, StationStatus, User
from gasstock.accounts.permissions import Role
from gasstock.audit.services import record
from gasstock.core import clock, platform
from gasstock.notifications.services import notify

APPLICATION_FIELDS = frozenset(
    {
        "name",
        "district",
        "address",
        "phone",
        "licence",
        "opens_at",
        "closes_at",
        "delivers",
    }
)
SETTINGS_FIELDS = (APPLICATION_FIELDS - {"licence"}) | {
    "delivery_fee",
    "takes_bank",
    "bank_account",
    "takes_foreign_empties",
    "cover_days",
}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@transaction.atomic
def apply_for_station(actor: User, *, details: Mapping[str, object]) -> Station:
    """File the application of `actor` to sell; its manager-to-be waits for an admin.

    A rejected application of theirs is filed again rather than written twice. Raises
    ApplicationWaiting.
    """
    _refuse_unknown(details, APPLICATION_FIELDS)
    User.objects.select_for_update().get(pk=actor.pk)  # a double click waits here
    mine = Station.objects.filter(applicant=actor)
    if mine.filter(status=StationStatus.APPLIED).exists():
        raise ApplicationWaiting
    rejected = mine.filter(status=StationStatus.REJECTED).order_by("-pk").first()
    station = rejected or Station(applicant=actor)
    for field, value in details.items():
        setattr(station, field, value)
    station.status, station.status_reason = StationStatus.APPLIED, ""
    station.applied_at, station.decided_at = clock.now(), None
    _save_under_free_name(station)
    record(actor, "station.applied", station, name=station.name)
    _tell_admins(actor, station)
    return station


@transaction.atomic
def approve_station(actor: User | None, *, station: Station) -> Station:
    """Let the station sell, and make its applicant the manager.

    Raises OwnApplication and StationIsAlready.
    """
    if actor and actor.pk == station.applicant_id:
        raise OwnApplication
    station = _move(station, StationStatus.APPLIED, StationStatus.APPROVED)
    _begin(station)
    Membership.objects.update_or_create(
        user=station.applicant, station=station, defaults={"role": Role.MANAGER}
    )
    record(actor, "station.approved", station, limit=station.approval_limit)
    notify(
        [station.applicant],
        kind="station.approved",
        text=_("%(station)s may sell on GasStock now.") % {"station": station},
        url=reverse("people:station_settings", args=[station.slug]),
        subject=_("%(station)s may sell on GasStock") % {"station": station},
        body=_(
            "We approved your application for %(station)s. Look over its settings, put your "
            "cylinders on the list, and invite the people who work with you."
        )
        % {"station": station},
    )
    return station


@transaction.atomic
def reject_station(actor: User | None, *, station: Station, reason: str) -> Station:
    """Turn the application down; the applicant reads why and may apply again.

    Raises ReasonMissing, OwnApplication and StationIsAlready.
    """
    if actor and actor.pk == station.applicant_id:
        raise OwnApplication
    station = _move(station, StationStatus.APPLIED, StationStatus.REJECTED, _worded(reason))
    record(actor, "station.rejected", station, reason=station.status_reason)
    notify(
        [station.applicant],
        kind="station.rejected",
        text=_("Your application for %(station)s was not accepted.") % {"station": station},
        url=reverse("people:sell"),
        subject=_("Your application for %(station)s") % {"station": station},
        body=_(
            "We could not accept your application: %(reason)s\n\n"
            "You can put it right and send it again."
        )
        % {"reason": station.status_reason},
    )
    return station


@transaction.atomic
def suspend_station(actor: User | None, *, station: Station, reason: str) -> Station:
    """Stop the station from selling. Raises ReasonMissing and StationIsAlready."""
    station = _move(station, StationStatus.APPROVED, StationStatus.SUSPENDED, _worded(reason))
    record(actor, "station.suspended", station, reason=station.status_reason)
    notify(
        managers_of(station),
        kind="station.suspended",
        text=_("%(station)s is suspended: %(reason)s")
        % {"station": station, "reason": station.status_reason},
        url=station.get_absolute_url(),
        subject=_("%(station)s is suspended") % {"station": station},
        body=_("%(station)s cannot take new orders. Why: %(reason)s")
        % {"station": station, "reason": station.status_reason},
    )
    return station


@transaction.atomic
def reinstate_station(actor: User | None, *, station: Station) -> Station:
    """Let a suspended station sell again. Raises StationIsAlready."""
    station = _move(station, StationStatus.SUSPENDED, StationStatus.APPROVED)
    record(actor, "station.reinstated", station)
    notify(
        managers_of(station),
        kind="station.reinstated",
        text=_("%(station)s may sell again.") % {"station": station},
        url=station.get_absolute_url(),
        subject=_("%(station)s may sell again") % {"station": station},
        body=_("%(station)s is open for orders again.") % {"station": station},
    )
    return station


@transaction.atomic
def set_approval_limit(actor: User | None, *, station: Station, limit: int) -> Station:
    """Let the station's team approve orders up to `limit` (minor units) by themselves."""
    before = Station.objects.select_for_update().values_list("approval_limit").get(pk=station.pk)[0]
    Station.objects.filter(pk=station.pk).update(approval_limit=limit)
    record(actor, "station.limit", station, before=before, after=limit)
    station.approval_limit = limit
    return station


@transaction.atomic
def update_station(actor: User, *, station: Station, changes: Mapping[str, object]) -> Station:
    """Change how the station presents itself; a new bank account is told to all its managers.

    A licence that was approved stays as it is; one that is missing may be added.
    """
    _refuse_unknown(changes, SETTINGS_FIELDS if station.licence else SETTINGS_FIELDS | {"licence"})
    current = Station.objects.select_for_update().get(pk=station.pk)
    old = {field: getattr(current, field) for field in changes}
    changed = sorted(field for field, value in changes.items() if old[field] != value)
    if not changed:
        return current
    for field in changed:
        setattr(current, field, changes[field])
    current.save(update_fields=changed)
    record(
        actor,
        "station.changed",
        current,
        **{field: [str(old[field]), str(changes[field])] for field in changed},
    )
    if "bank_account" in changed:
        _tell_new_bank_account(actor, current)
    return current


def managers_of(station: Station) -> list[User]:
    """Return the people who run the station."""
    return list(User.objects.filter(memberships__station=station, memberships__role=Role.MANAGER))


def free_slug(name: str) -> str:
    """Return the station's name as an address no other station has."""
    stem = slugify(name)[:50].strip("-") or "station"
    taken = set(Station.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    tries = (stem if n == 1 else f"{stem}-{n}" for n in range(1, len(taken) + 2))
    return next(slug for slug in tries if slug not in taken)


def free_code(name: str) -> str:
    """Return three or four capitals that remind of the name and no other station has."""
    tries = list(_codes(name))
    taken = set(Station.objects.filter(code__in=tries).values_list("code", flat=True))
    for code in tries:
        if code not in taken:
            return code
    while Station.objects.filter(code=(code := get_random_string(4, LETTERS))).exists():
        pass
    return code


def _codes(name: str) -> Iterator[str]:
    words = [word.upper() for word in slugify(name).split("-") if word.isalpha()]
    letters = "".join(words)
    initials = "".join(word[0] for word in words)
    for code in (initials[:4], initials[:3], letters[:3], letters[:4]):
        if len(code) >= 3:
            yield code
    if len(letters) >= 2:
        yield from (f"{letters[:2]}{letter}" for letter in LETTERS)
        yield from (f"{letters[:2]}X{letter}" for letter in LETTERS)


def _save_under_free_name(station: Station) -> None:
    """Save the station; whoever loses the race for a name gets one drawn by lot."""
    station.slug, station.code = free_slug(station.name), free_code(station.name)
    try:
        with transaction.atomic():
            station.save()
    except IntegrityError:
        station.slug = free_slug(f"{station.name} {get_random_string(5, LETTERS)}")
        station.code = get_random_string(4, LETTERS)
        station.save()


def _move(
    station: Station, source: StationStatus, target: StationStatus, reason: str = ""
) -> Station:
    """Bring the station from one state to another, provided that it is still in the first."""
    moved = Station.objects.filter(pk=station.pk, status=source).update(
        status=target, status_reason=reason, decided_at=clock.now()
    )
    current = Station.objects.select_related("applicant").get(pk=station.pk)
    if not moved:
        raise StationIsAlready(current)
    return current


def _worded(reason: str) -> str:
    reason = reason.strip()[:240]
    if not reason:
        raise ReasonMissing
    return reason


def _begin(station: Station) -> None:
    """Let a new station start as the platform's settings say."""
    begun = platform.current()
    station.approval_limit, station.cover_days = begun.approval_limit, begun.cover_days
    station.delivery_minutes = begun.delivery_minutes
    station.save(update_fields=["approval_limit", "cover_days", "delivery_minutes"])
    for path in settings.STATION_FOLLOWERS:
        import_string(path)(station)


def _refuse_unknown(details: Mapping[str, object], allowed: frozenset[str]) -> None:
    if unknown := details.keys() - allowed:
        raise ValueError(f"A station's form may not set {', '.join(sorted(unknown))}.")


def _tell_admins(actor: User, station: Station) -> None:
    notify(
        User.objects.filter(is_admin=True, is_active=True).exclude(pk=actor.pk),
        kind="station.applied",
        text=_("%(station)s in %(district)s asks to sell on GasStock.")
        % {"station": station, "district": station.district},
        url=reverse("approvals:queue"),
        subject=_("New station: %(station)s") % {"station": station},
        body=_("%(person)s filed an application for %(station)s in %(district)s.")
        % {"person": actor, "station": station, "district": station.district},
    )


def _tell_new_bank_account(actor: User, station: Station) -> None:
    notify(
        managers_of(station),
        kind="station.bank_account",
        text=_("%(person)s changed the bank account of %(station)s.")
        % {"person": actor, "station": station},
        url=reverse("people:station_settings", args=[station.slug]),
        subject=_("The bank account of %(station)s was changed") % {"station": station},
        body=_(
            "%(person)s changed the account that buyers of %(station)s pay to. If you do not know "
            "about this, put it back and talk to them."
        )
        % {"person": actor, "station": station},
    )
