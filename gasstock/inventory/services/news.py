"""Telling the people of a station what happened to its stock."""

from collections.abc import Collection

from gasstock.accounts.models import Membership, Station, User
from gasstock.accounts.permissions import GRANTS, Permission
from gasstock.notifications.services import notify


def tell(
    station: Station,
    permission: Permission,
    *,
    kind: str,
    text: str,
    url: str,
    but: Collection[User | None] = (),
) -> None:
    """Tell those who hold `permission` at the station, in the app and by e-mail.

    Those of `but` know it already.
    """
    roles = [role for role, granted in GRANTS.items() if permission in granted]
    members = Membership.objects.filter(station=station, role__in=roles).select_related("user")
    knowing = {user.pk for user in but if user}
    people = [member.user for member in members if member.user_id not in knowing]
    notify(people, kind=kind, text=text, url=url, subject=text, body=text)
