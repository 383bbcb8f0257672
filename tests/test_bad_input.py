"""Whatever is typed or forged at a station's doors, a page answers, and nothing is half-written."""

import re
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.db import transaction
from django.http import QueryDict

from gasstock.billing.models import Method
from gasstock.billing.services.payments import Tender
from gasstock.billing.services.shifts import pay_in
from gasstock.core.money import MAX_AMOUNT
from gasstock.inventory.models import Condition
from gasstock.inventory.services.listings import change_listing
from gasstock.orders.models import LineKind
from gasstock.orders.services.counter import SaleLine, sell
from tests.doors import World, doors
from tests.purchasing.acts import came, ordered, receive, want

NASTY = [
    *("", "0", "-1", "0.5", "1e5", "NaN", "Infinity", "١٢", "2147483648", "9" * 18, "9" * 5000),
    *("0001-01-01", "9999-12-31", "2026-02-30", "\x00", "a\r\nBcc: x@example.com"),
    *("\u202egnp.exe", "{{7*7}}", "<svg onload=alert(1)>", "=1+1", "x" * 300),
]
WORST = ["-1", "١٢", "2147483648", "9" * 18, "9999-12-31", "\x00", "x" * 300]
NUMBERS = [0, 2147483648, 2**63, 10**30]
TEXTS = ["\x00", "%", "..", "x" * 300, "\u202e"]
SPARE_PART = re.compile(r"(way|amount|given|reference)_[123]")  # the same again for more payments
DOORS = doors()
APPS = sorted({name.partition(":")[0] for name in DOORS})


@pytest.fixture
def world(db):
    return World()


@pytest.fixture
def asked(monkeypatch):
    """The names that pages look for in what is sent to them; cleared by who reads it."""
    names = set()
    for method in ("get", "getlist", "__getitem__", "__contains__"):
        monkeypatch.setattr(QueryDict, method, _noting(getattr(QueryDict, method), names))
    return names


def _noting(method, names):
    def noting(self, name, *args, **kwargs):
        names.add(name)
        return method(self, name, *args, **kwargs)

    return noting


class Visit:
    """Sends things to doors as somebody signed in; what was written is undone each time."""

    def __init__(self, client, asked):
        self.client, self.asked = client, asked
        self.failures = {}

    def send(self, method, path, data=None, **how):
        with self._noticed(method, path, data), transaction.atomic():
            answer = getattr(self.client, method)(path, data or {}, **how)
            if answer.status_code == 302 and method == "post":
                self.client.get(answer["Location"])
            transaction.set_rollback(True)
            return answer.status_code
        return 500

    @contextmanager
    def _noticed(self, method, path, data):
        try:
            yield
        except Exception as error:
            sent = {name: str(value)[:30] for name, value in (data or {}).items()}
            self.failures[f"{method} {path[:60]} {sent}"] = f"{type(error).__name__}: {error}"[:90]

    def names(self, method, path, data, **how):
        """What the page looks for, of which `data` is one good answer."""
        self.asked.clear()
        self.send(method, path, data, **how)
        return {name for name in self.asked if not SPARE_PART.fullmatch(name)} - {
            "csrfmiddlewaretoken"
        }


@pytest.fixture
def visit(client, world, asked):
    client.force_login(world.manager)
    return Visit(client, asked)


def paths(world, app):
    for name, door in DOORS.items():
        if name.startswith(f"{app}:"):
            yield name, path_of(world, door)


def path_of(world, door):
    return world.path(door, world.station) + QUERIES.get(door.name, lambda _world: "")(world)


@pytest.mark.parametrize("app", APPS)
def test_a_page_survives_any_question(visit, world, app):
    for _name, path in paths(world, app):
        names = visit.names("get", path, {}) | visit.names("get", path, {"any": "thing"})
        for name in names:
            for value in WORST:
                visit.send("get", path, {name: value})
        for value in NASTY if names else []:
            visit.send("get", path, dict.fromkeys(names, value))

    assert visit.failures == {}


@pytest.mark.parametrize("app", APPS)
def test_a_form_survives_any_answer(visit, world, app):
    for door, path in paths(world, app):
        good = FORMS.get(door, lambda _world: {})(world)
        names = visit.names("post", path, good)
        for name in good:
            for value in WORST:
                visit.send("post", path, good | {name: value})
            visit.send("post", path, good | {name: ["1", good[name]]})
            visit.send("post", path, {key: good[key] for key in good.keys() - {name}})
        for value in NASTY if names else []:
            visit.send("post", path, dict.fromkeys(names, value))

    assert visit.failures == {}


@pytest.mark.parametrize("app", APPS)
def test_an_address_survives_any_ending(visit, world, app):
    for name, door in DOORS.items():
        if not name.startswith(f"{app}:"):
            continue
        path = world.path(door, world.station)
        for argument, good in world.arguments(door).items():
            for value in TEXTS if argument == "number" else NUMBERS:
                bad = path.replace(f"/{good}/", f"/{quote(str(value), safe='')}/", 1)
                visit.send("get", bad)
                visit.send("post", bad)

    assert visit.failures == {}


@pytest.mark.parametrize("app", APPS)
def test_a_good_answer_is_taken(visit, world, app):
    taken = {
        name: visit.send("post", path, FORMS[name](world), headers={"HX-Request": "true"})
        for name, path in paths(world, app)
        if name in FORMS
    }

    assert visit.failures == {}
    assert {name: status for name, status in taken.items() if status not in (200, 302)} == {}


def test_the_most_of_everything_is_still_shown(visit, world):
    """Figures at the limits of the forms, together: no sum of them leaves its column."""
    world.gas.variant.deposit = MAX_AMOUNT
    world.gas.variant.save()
    change_listing(None, listing=world.gas, refill_price=MAX_AMOUNT, new_price=MAX_AMOUNT)
    order = ordered(world.depot, want(world.gas, 100_000, 1_000_000_000))
    receive(order, came(order, 100_000), key="many")
    lines = [SaleLine(world.gas, LineKind.NEW, 99), SaleLine(world.gas, LineKind.EXCHANGE, 99, 0)]
    for key, line in zip("ab", lines, strict=True):
        counter_sale(world, f"most-{key}", line, 4 * 99 * MAX_AMOUNT // 2)
    counter_sale(world, "most-c", SaleLine(world.gas, LineKind.RETURN, 99), -99 * MAX_AMOUNT)
    pay_in(world.manager, shift=world.own_shift, amount=MAX_AMOUNT, note="A lot")

    for door in DOORS.values():
        visit.send("get", path_of(world, door))

    assert visit.failures == {}
    call_command("verify_ledger")


def counter_sale(world, key, line, paid):
    sell(
        world.manager,
        station=world.station,
        lines=[line],
        tenders=[Tender(Method.CASH, paid)],
        key=key,
    )


QUERIES = {
    "stock:listing_add": lambda world: f"?variant={world.unlisted.pk}",
    "stock:transfer_add": lambda world: f"?way=send&other={world.third.slug}",
}
FORMS = {
    "people:member_load": lambda world: {"load_limit": "12"},
    "station:delivery_settings": lambda world: {
        "minutes": "60",
        "fee_gasabo": "1,500",
        "windows-TOTAL_FORMS": "2",
        "windows-INITIAL_FORMS": "0",
        "windows-0-starts_at": "08:00",
        "windows-0-ends_at": "11:00",
    },
    "stock:listing_add": lambda world: {
        "refill_price": "100",
        "reorder_level": "1",
        "full": "1",
        "empty": "1",
    },
    "stock:listing_edit": lambda world: {
        "refill_price": "100",
        "new_price": "",
        "reorder_level": "3",
    },
    "stock:listing_cell": lambda world: {"refill_price": "100"},
    "stock:adjust": lambda world: {
        "condition": "full",
        "quantity": "+2",
        "reason": "Found",
        **{f"seen_{each}": world.standing[each] for each in Condition},
    },
    "stock:count_save": lambda world: {f"n{line.pk}": "4" for line in world.count.lines.all()},
    "stock:count_finish": lambda world: {f"n{line.pk}": "4" for line in world.count.lines.all()},
    "stock:count_cancel": lambda world: {"reason": "Rain"},
    "stock:transfer_add": lambda world: {
        f"n{world.gas.variant_id}-full": "3",
        "key": "0e3b5a0e-7f0b-4c86-a5a5-6c1b5f5c9d11",
    },
    "stock:transfer_send": lambda world: {
        f"n{world.agreed.lines.get().pk}": "2",
        "driver": "Jean",
    },
    "stock:transfer_receive": lambda world: {f"n{world.loaded.lines.get().pk}": "2", "seen": "0"},
    "stock:transfer_write_off": lambda world: {"lost_by": "Jean", "reason": "Fell", "seen": "0"},
    "stock:transfer_cancel": lambda world: {"reason": "No truck"},
    "billing:shift_pay_in": lambda world: {"amount": "100", "note": "Change"},
    "billing:shift_pay_out": lambda world: {"amount": "100", "note": "Tea"},
    "billing:shift_drop": lambda world: {"amount": "100", "note": "Safe"},
    "billing:shift_count": lambda world: {"note_1000": "5", "wallet_bank": "7"},
    "billing:shift_explain": lambda world: {"explanation": "Tea"},
    "purchasing:order_new": lambda world: _order(world),
    "purchasing:new_rows": lambda world: _order(world),
    "purchasing:order_change": lambda world: _order(world),
    "purchasing:change_rows": lambda world: _order(world),
    "purchasing:draft_for": lambda world: {"quantity": "3"},
    "purchasing:order_cancel": lambda world: {"reason": "Too dear"},
    "purchasing:order_close": lambda world: {"reason": "Too late"},
    "purchasing:order_receive": lambda world: {
        "key": "truck-1",
        "confirm_over": "on",
        **{
            f"{name}_{world.sent.lines.get().pk}": value
            for name, value in (
                ("accepted", 3),
                ("rejected", 1),
                ("reason", "Leak"),
                ("empties", 1),
            )
        },
    },
    "purchasing:supplier_add": lambda world: {"name": "Depot 2", "phone": "", "email": ""},
    "purchasing:supplier_change": lambda world: {"name": "Depot 3", "phone": "", "email": ""},
    "station:order_reject": lambda world: {"words": "No gas"},
    "station:order_cancel": lambda world: {"words": "No gas"},
    "delivery:assign": lambda world: {
        "order": world.waiting.pk,
        "rider": world.rider.pk,
        "arrives": "23:59",
        "note": "Gate",
    },
    "delivery:send": lambda world: {"rider": world.rider.pk, "delivery": world.assigned.pk},
    "delivery:rider_count": lambda world: {
        **{f"n{world.gas.variant_id}-{each}": "1" for each in Condition},
        "cash": "500",
    },
    "delivery:homecoming_post": lambda world: {
        "seen": world.homecoming.counted_at.isoformat(),
        "answers": "Eric",
        "reason": "A buyer gave one more",
    },
    "delivery:reassign": lambda world: {"rider": world.clerk.pk, "with": world.rider.pk},
    "delivery:unassign": lambda world: {"with": world.rider.pk},
    "station:order_pay": lambda world: _payment(world.placed),
    "station:order_deliver": lambda world: _handed(world.coming),
    "delivery:run": lambda world: {**_handed(world.riding), "cash": "21,000", "seen": "21,000"},
    "delivery:run_failed": lambda world: {"failure": "absent", "then": "back", "note": "Dark"},
    "delivery:run_move": lambda world: {"way": "up"},
    "station:rating_reply": lambda world: {"reply": "Thanks"},
    "counter:sell": lambda world: _ticket(world),
    "counter:sum": lambda world: _ticket(world),
    "counter:sale_void": lambda world: {"words": "Typed wrong"},
    "counter:sale_pay": lambda world: _payment(world.owed_sale),
}


def _order(world):
    return {
        "supplier": world.depot.pk,
        "expected_on": "2100-01-01",
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        "lines-0-what": f"{world.gas.variant_id}-refill",
        "lines-0-quantity": "4",
        "lines-0-unit_cost": "12,000",
        "lines-0-empties": "2",
    }


def _handed(order):
    line = order.lines.get()
    return {"code": order.code, f"delivered_{line.pk}": "1", f"empties_{line.pk}": "1"}


def _payment(order):
    return {"invoice": order.invoice_id, "method": "cash", "amount": "100", "key": "pay1"}


def _ticket(world):
    gas = world.gas.pk
    return {
        "key": "ticket-1234",
        f"refill_{gas}": "2",
        f"empties_{gas}": "1",
        f"new_{gas}": "1",
        f"back_{gas}": "1",
        "buyer_phone": str(world.buyer.phone),
        "way_0": "cash",
        "given_0": "200,000",
    }
