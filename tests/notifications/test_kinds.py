"""Nothing is told that stands in no group; a test reads the code for what is told."""

import ast
import re

from django.conf import settings

from gasstock.notifications.kinds import ACCOUNT, ADMIN, GROUP_OF, GROUPS, Way, group_of, groups_for
from gasstock.orders.models import EventKind

KIND = re.compile(r"[a-z]+\.[a-z_]+")
STEPS = {  # who hears of a step of an order: the thing, and which argument says the step
    "tell_buyer": ("order", 1),
    "tell_station": ("desk", 2),
    "tell_admins": ("approval", 1),
}


def kinds_in_the_code():
    """Every text that is handed over as a kind: by name, or to one of the helpers called tell."""
    for path in settings.BASE_DIR.glob("gasstock/*/services/**/*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call):
                yield from _kinds_of(call)


def _kinds_of(call):
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name == "_tell":
        yield from (arg.value for arg in call.args if _is_kind(arg))
    if name in ("notify", "tell"):
        kinds = (keyword.value for keyword in call.keywords if keyword.arg == "kind")
        yield from (kind.value for kind in kinds if _is_kind(kind))
    if name == "tell_other":
        yield f"transfer.{call.args[3].value}"
    if name in STEPS:
        thing, place = STEPS[name]
        yield f"{thing}.{EventKind[call.args[place].attr].value}"


def _is_kind(node):
    return isinstance(node, ast.Constant) and KIND.fullmatch(str(node.value))


def test_every_kind_is_in_a_group():
    told = set(kinds_in_the_code())

    assert len(told) > 30
    assert sorted(told - set(GROUP_OF)) == []


def test_every_kind_of_a_group_is_told_by_somebody():
    told = set(kinds_in_the_code()) | {"stock.low", "digest.day"}

    assert sorted(set(GROUP_OF) - told) == []


def test_a_kind_is_in_one_group():
    assert sum(len(group.kinds) for group in GROUPS) == len(GROUP_OF)


def test_what_nobody_registered_cannot_be_switched_off():
    assert group_of("made.up") is ACCOUNT
    assert ACCOUNT.is_locked


def test_a_group_comes_only_in_ways_it_offers():
    assert all(group.ways <= group.offers <= set(Way) for group in GROUPS)


def test_people_see_the_groups_that_concern_them():
    def seen(*roles):
        return [group.key for group in groups_for(roles)]

    assert seen() == ["orders", "arriving", "account"]
    assert seen("rider") == ["orders", "arriving", "runs", "account"]
    assert "digest" in seen("manager")
    assert "platform" in seen(ADMIN)
    assert "platform" not in seen("manager")
