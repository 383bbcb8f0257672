import re
from pathlib import Path

from django.conf import settings

from gasstock.accounts.permissions import GRANTS, Permission, Role

PAGE = Path(settings.BASE_DIR, "docs/permissions.md")


def test_the_page_of_permissions_says_what_the_code_does():
    rows = re.findall(r"^\| `([a-z.]+)` \|(.*?)\|(.*?)\|(.*?)\|", PAGE.read_text(), re.MULTILINE)
    written = {
        name: {role for role, cell in zip(Role, cells, strict=True) if cell.strip() == "yes"}
        for name, *cells in rows
    }

    assert written == {
        permission.value: {role for role in Role if permission in GRANTS[role]}
        for permission in Permission
    }


def test_a_manager_may_do_everything_at_the_station():
    assert GRANTS[Role.MANAGER] == frozenset(Permission)


def test_a_rider_sees_neither_money_nor_team():
    assert GRANTS[Role.RIDER] == {Permission.STATION_SEE, Permission.ORDER_DELIVER}
