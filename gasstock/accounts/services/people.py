"""A person's own data, and what admins do with accounts."""

from collections.abc import Mapping, Sequence
from typing import Any

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _

from gasstock.accounts.errors import AccountClosed, LastAdmin, NotOnYourself, TooManyAddresses
from gasstock.accounts.models import Address, Station, User
from gasstock.accounts.permissions import Role
from gasstock.accounts.services.team import set_work
from gasstock.audit.services import record
from gasstock.notifications.services import notify

MAX_ADDRESSES = 20


@transaction.atomic
def save_profile(actor: User, *, name: str, phone: str, language: str) -> User:
    """Change how `actor` is called, how they are reached, and which language they read."""
    actor.name, actor.phone, actor.language = name, phone, language
    actor.save(update_fields=["name", "phone", "language"])
    record(actor, "user.profile", actor)
    return actor


@transaction.atomic
def add_address(actor: User, *, label: str, district: str, line: str) -> Address:
    """Note another place to bring gas to. Raises TooManyAddresses."""
    User.objects.select_for_update().get(pk=actor.pk)
    if actor.addresses.count() >= MAX_ADDRESSES:
        raise TooManyAddresses
    last = actor.addresses.aggregate(last=Max("position", default=0))["last"]
    record(actor, "user.address_added", actor)  # the log lives on: it names no places
    return Address.objects.create(
        user=actor, label=label, district=district, line=line, position=last + 1
    )


@transaction.atomic
def update_address(
    actor: User, *, address: Address, label: str, district: str, line: str
) -> Address:
    """Correct a place; orders keep the words they were placed with."""
    address.label, address.district, address.line = label, district, line
    address.save(update_fields=["label", "district", "line"])
    record(actor, "user.address_changed", actor)
    return address


@transaction.atomic
def delete_address(actor: User, *, address: Address) -> None:
    """Forget a place of the actor's."""
    actor.addresses.filter(pk=address.pk).delete()
    record(actor, "user.address_deleted", actor)


@transaction.atomic
def update_self(
    actor: User, *, profile: Mapping[str, Any], places: Sequence[Mapping[str, str]] | None
) -> User:
    """Save the profile, and `places` instead of all addresses there were; None leaves them.

    Raises TooManyAddresses.
    """
    save_profile(actor, **profile)
    if places is None:
        return actor
    if len(places) > MAX_ADDRESSES:
        raise TooManyAddresses
    User.objects.select_for_update().get(pk=actor.pk)
    actor.addresses.all().delete()
    Address.objects.bulk_create(
        Address(user=actor, position=position, **place) for position, place in enumerate(places, 1)
    )
    record(actor, "user.addresses_replaced", actor)
    return actor


@transaction.atomic
def set_admin(actor: User | None, *, user: User, is_admin: bool) -> User:
    """Let somebody run the platform, or stop them; `None` is the command line.

    Raises NotOnYourself, LastAdmin and AccountClosed.
    """
    if actor == user:
        raise NotOnYourself
    admins = _lock_admins()
    user = User.objects.select_for_update().get(pk=user.pk)
    if is_admin == user.is_admin:
        return user
    if is_admin and not user.is_active:
        raise AccountClosed(user)
    if user.is_admin and admins == {user.pk}:
        raise LastAdmin
    if is_admin:
        User.objects.filter(pk=user.pk).update(is_admin=True)
    else:
        User.objects.filter(pk=user.pk).update(is_admin=False, is_staff=False, is_superuser=False)
    user.refresh_from_db()
    record(actor, "user.admin", user, is_admin=is_admin)
    text = _("You are an admin of GasStock now.") if is_admin else _("You are no admin any more.")
    notify(
        [user], kind="user.admin", text=text, subject=text, body=text, url=reverse("people:home")
    )
    return user


@transaction.atomic
def deactivate_user(actor: User, *, user: User, reason: str = "") -> User:
    """Close an account and end all its sessions at once; nothing of it is deleted.

    Raises NotOnYourself and LastAdmin.
    """
    if actor == user:
        raise NotOnYourself
    admins = _lock_admins()
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.is_active:
        return user
    if user.is_admin and admins == {user.pk}:
        raise LastAdmin
    User.objects.filter(pk=user.pk).update(is_active=False)
    _end_sessions(user)
    user.refresh_from_db()
    record(actor, "user.deactivated", user, reason=reason)
    return user


@transaction.atomic
def reactivate_user(actor: User, *, user: User) -> User:
    """Open a closed account again; the person signs in anew."""
    if User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        record(actor, "user.reactivated", user)
    user.refresh_from_db()
    return user


@transaction.atomic
def change_user(
    actor: User,
    *,
    user: User,
    is_active: bool | None = None,
    is_admin: bool | None = None,
    roles: Mapping[Station, Role] | None = None,
) -> User:
    """Do all of it to an account or, where something is refused, nothing; None leaves it.

    `roles` are where the person works from now on. Raises what each step does.
    """
    _lock_admins()
    if is_active is False:
        deactivate_user(actor, user=user)
    elif is_active:
        reactivate_user(actor, user=user)
    if is_admin is not None:
        set_admin(actor, user=user, is_admin=is_admin)
    if roles is not None:
        set_work(actor, user=user, roles=roles)
    user.refresh_from_db()
    return user


@transaction.atomic
def sign_out_everywhere(actor: User, *, user: User) -> None:
    """End every session of somebody, say because a phone was stolen."""
    _end_sessions(user)
    record(actor, "user.signed_out", user)


def _end_sessions(user: User) -> None:
    for session in UserSession.objects.filter(user=user):
        session.end()


def _lock_admins() -> set[int]:
    """Lock all who run the platform, in key order and before any other account."""
    admins = User.objects.select_for_update().filter(is_admin=True, is_active=True)
    return {admin.pk for admin in admins.order_by("pk")}
