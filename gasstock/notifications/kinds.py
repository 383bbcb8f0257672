"""What people are told about: every kind of notice, its group, and how a group reaches people."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class Way(models.TextChoices):
    """How something reaches a person."""

    APP = "app", _("On the site")
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")


LETTER = frozenset({Way.APP, Way.EMAIL})
EVERY_WAY = frozenset(Way)
ALL, ADMIN = "all", "admin"  # whom a group is for, besides the roles at a station


@dataclass(frozen=True)
class Group:
    """Kinds that a person switches on and off together; a locked one always comes as a letter."""

    key: str
    title: "StrPromise"
    text: "StrPromise"
    kinds: frozenset[str]
    readers: frozenset[str] = frozenset({ALL})
    ways: frozenset[Way] = LETTER  # until the person says otherwise
    offers: frozenset[Way] = EVERY_WAY
    is_locked: bool = False
    is_urgent: bool = False  # comes in quiet hours, too


def _kinds(thing: str, *facts: str) -> frozenset[str]:
    return frozenset(f"{thing}.{fact}" for fact in facts)


TEAM = frozenset({"manager", "clerk"})
ACCOUNT = Group(
    "account",
    _("Your account"),
    _("Where you work, what you may do, and money details. These always come."),
    _kinds("user", "admin") | _kinds("member", "role", "added", "removed")
    | _kinds("station", "bank_account"),
    is_locked=True,
    is_urgent=True,
)  # fmt: skip
GROUPS = (
    Group(
        "orders",
        _("Your orders"),
        _("What becomes of what you ordered, bought or have to pay."),
        _kinds(
            *("order", "placed", "approved", "rejected", "brought_back", "delivered", "cancelled"),
            *("expired", "inv_approved", "payment", "rated", "sold", "voided"),
        ),
    ),
    Group(
        "arriving",
        _("Gas on its way"),
        _("When the rider leaves, with the code you need at the door, or could not reach you."),
        _kinds("order", "dispatched", "failed", "tried_again"),
        ways=EVERY_WAY,
        is_urgent=True,
    ),
    Group(
        "desk",
        _("Orders at your station"),
        _("New orders, cancelled ones, payments, invoices sent back, ratings."),
        _kinds(
            *("desk", "placed", "approved", "rejected", "failed", "cancelled", "expired"),
            *("inv_approved", "inv_rejected", "payment", "rated"),
        ),
        readers=TEAM,
    ),
    Group(
        "runs",
        _("Runs"),
        _("What you bring, and what changed on the way."),
        _kinds("run", "given", "assigned", "moved", "ended", "answered"),
        readers=frozenset({"rider", "manager"}),
        ways=EVERY_WAY,
        is_urgent=True,
    ),
    Group(
        "stock",
        _("Stock"),
        _("What runs low, counts, transfers, what a supplier brought."),
        _kinds("stock", "low")
        | _kinds("count", "finished", "sent_back")
        | _kinds(
            *("transfer", "asked", "agreed", "rejected", "cancelled", "sent", "received"),
            "written_off",
        )
        | _kinds("goods", "received"),
        readers=TEAM,
    ),
    Group(
        "station",
        _("Your station"),
        _("Its approval, its team."),
        _kinds("station", "approved", "rejected", "suspended", "reinstated")
        | _kinds("member", "joined"),
        readers=frozenset({"manager"}),
    ),
    Group(
        "platform",
        _("The platform"),
        _("Stations that apply, and invoices that wait for you."),
        _kinds("station", "applied") | _kinds("approval", "inv_submitted"),
        readers=frozenset({ADMIN}),
    ),
    Group(
        "digest",
        _("The morning letter"),
        _("Yesterday's figures, what runs low, what waits. Its hour is below."),
        _kinds("digest", "day"),
        readers=frozenset({"manager"}),
        offers=LETTER,
        is_urgent=True,  # it comes at an hour that the person chose
    ),
    ACCOUNT,
)
BY_KEY = {group.key: group for group in GROUPS}
GROUP_OF = {kind: group for group in GROUPS for kind in group.kinds}


def group_of(kind: str) -> Group:
    """Return the group of `kind`; what nobody put into one cannot be switched off."""
    return GROUP_OF.get(kind, ACCOUNT)


def groups_for(roles: Iterable[str]) -> list[Group]:
    """The groups that concern somebody with these roles (and ADMIN for an admin)."""
    seen = {ALL, *roles}
    return [group for group in GROUPS if group.readers & seen]
