"""Every door of a station: its addresses, and a station with one of everything behind them."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from gasstock.accounts.models import Station, User
from gasstock.accounts.permissions import Role
from gasstock.accounts.services import invite_member
from gasstock.billing.models import Method
from gasstock.billing.services import shifts
from gasstock.billing.services.payments import Tender
from gasstock.delivery.models import Photo
from gasstock.delivery.services import homecoming
from gasstock.delivery.services.assigning import assign
from gasstock.inventory.models import Condition
from gasstock.inventory.services import alerts, journeys, stocktakes, transfers
from gasstock.inventory.services.shelf import holdings_of
from gasstock.orders.models import Fulfilment, LineKind, Order
from gasstock.orders.services.counter import SaleLine, sell
from gasstock.orders.services.life import approve_order, dispatch_order
from gasstock.orders.services.ratings import rate_order
from gasstock.purchasing.services.suppliers import add_supplier
from gasstock.reports.models import SavedView
from tests.factories import (
    make_admin,
    make_listing,
    make_member,
    make_order,
    make_station,
    make_user,
    make_variant,
)
from tests.inventory.importing import start
from tests.orders.acts import delivered
from tests.purchasing.acts import came, drafted, ordered, receive, want

Arguments = dict[str, Any]
PEOPLE = ("buyer", "stranger", "rider", "clerk", "manager", "admin")


@dataclass(frozen=True)
class Door:
    """An address below a station; `access` is the permission that its view asks for."""

    name: str
    access: Any
    converters: frozenset[str]


def doors() -> dict[str, Door]:
    """All addresses with a station in them, by name."""
    return {door.name: door for door in _walk(get_resolver(), "", {})}


def _walk(resolver: URLResolver, space: str, above: dict[str, Any]) -> Iterator[Door]:
    for each in resolver.url_patterns:
        converters = above | each.pattern.converters
        if isinstance(each, URLResolver):
            name = f"{space}{each.namespace}:" if each.namespace else space
            yield from _walk(each, name, converters)
        elif isinstance(each, URLPattern) and "station" in converters:
            access = getattr(each.callback, "access", None)
            yield Door(f"{space}{each.name}", access, frozenset(converters) - {"station"})


class World:
    """A station where all that can happen has happened once, and who looks at it."""

    def __init__(self) -> None:
        self.admin = make_admin()
        self.station, self.manager, self.clerk, self.rider = _team("remera")
        self.elsewhere, self.stranger, _clerk, _rider = _team("nyamirambo")
        self.buyer = make_user("marie@example.com", name="Marie Uwase")
        self.gas = make_listing(self.station, make_variant("SP 12 kg"), full=60, empty=30)
        self._trade()
        self._come_home()
        self._buy()
        self._sell_here()
        self._look_after_stock()
        self.view = SavedView.objects.create(
            owner=self.manager, station=self.station, report="sales", name="Mine", query="days=7"
        )

    def person(self, who: str) -> User:
        person = getattr(self, who)
        assert isinstance(person, User)
        return person

    def _trade(self) -> None:
        self.placed = make_order(self.gas, buyer=self.buyer)
        self.riding = make_order(self.gas, buyer=self.buyer)
        approve_order(self.manager, order=self.riding)
        dispatch_order(self.manager, order=self.riding, rider=self.rider)
        self._photograph()
        self.coming = make_order(self.gas, buyer=self.buyer, fulfilment=Fulfilment.PICKUP)
        approve_order(self.manager, order=self.coming)
        self.waiting = make_order(self.gas, buyer=self.buyer)
        to_bring = make_order(self.gas, buyer=self.buyer)
        for order in (self.waiting, to_bring):
            approve_order(self.manager, order=order)
        [self.assigned] = assign(
            self.manager, station=self.station, orders=[to_bring], rider=self.rider
        )
        done = delivered(make_order({self.gas: 2}, buyer=self.buyer), self.manager)
        self.rating = rate_order(self.buyer, order=done, stars=4, comment="Fast")
        self.invoice = done.invoice
        self.invitation = invite_member(
            self.manager, station=self.station, email="new@example.com", role=Role.CLERK
        )
        self.membership = self.clerk.memberships.get()

    def _come_home(self) -> None:
        found = {(self.gas.variant_id, Condition.EMPTY.value): 1}
        self.homecoming = homecoming.count(
            self.clerk, station=self.station, rider=self.rider, counted=found, cash=500
        )

    def _photograph(self) -> None:
        taken = Photo.objects.create(
            delivery=self.riding.deliveries.get(), image=b"RIFF", rider=self.rider
        )
        self.photo = SimpleNamespace(pk=taken.pk, number=self.riding.number)

    def _buy(self) -> None:
        self.depot = add_supplier(
            None, station=self.station, name="SP Depot", email="d@example.com"
        )
        self.draft = drafted(self.depot, want(self.gas))
        self.sent = ordered(self.depot, want(self.gas, empties=4))
        self.part = ordered(self.depot, want(self.gas, empties=4))
        self.goods_receipt = receive(self.part, came(self.part, 3))

    def _sell_here(self) -> None:
        self.counted_shift = shifts.open_shift(self.clerk, station=self.station, float_amount=5_000)
        shifts.count_shift(self.clerk, shift=self.counted_shift, notes={}, wallets={})
        self.shift = shifts.open_shift(self.clerk, station=self.station, float_amount=5_000)
        self.own_shift = shifts.open_shift(self.manager, station=self.station, float_amount=90_000)
        self.sale = self._sale("paid-sale", 52_000)
        self.owed_sale = self._sale("owed-sale", 2_000)

    def _sale(self, key: str, paid: int) -> Order:
        return sell(
            self.clerk,
            station=self.station,
            lines=[SaleLine(self.gas, LineKind.NEW, 1)],
            tenders=[Tender(Method.CASH, paid)],
            key=key,
            buyer=self.buyer,
        )

    def _look_after_stock(self) -> None:
        self.count = stocktakes.start_count(self.clerk, station=self.station)
        self.low = make_listing(self.station, make_variant("SP 6 kg"), full=1, reorder_level=5)
        [self.alert] = alerts.check_levels(self.station)
        self.run = start(self.manager, self.station, f"{self.low.variant.sku},,21000,,,,,,")
        self.unlisted = make_variant("SP 50 kg")
        self.third = make_station("gikondo")
        self.asked = self._transfer()
        self.agreed = self._transfer()
        self.loaded = self._transfer()
        boss = make_member(make_user(), self.third)
        for each in (self.agreed, self.loaded):
            transfers.agree_transfer(boss, transfer=each, station=self.third)
        [line] = self.loaded.lines.all()
        journeys.send_transfer(
            self.manager,
            transfer=self.loaded,
            station=self.station,
            loaded={line.pk: 3},
            driver="Jean",
        )

        self.standing = holdings_of(self.station, self.gas.variant)

    def _transfer(self) -> Any:
        return transfers.ask_transfer(
            self.manager,
            station=self.station,
            other=self.third,
            sends=True,
            wishes=[transfers.Wish(self.gas.variant, Condition.FULL, 3)],
        )

    def path(self, door: Door, station: Station) -> str:
        """Where the door is, with what stands behind it here, at this or another station."""
        return reverse(door.name, kwargs={"station": station.slug, **self.arguments(door)})

    def arguments(self, door: Door) -> Arguments:
        thing = getattr(self, THING_OF.get(door.name, ""), None)
        names = door.converters & {"pk", "number"} if thing else ()
        return {name: getattr(thing, name) for name in names} | MORE.get(door.name, {})


def _team(slug: str) -> tuple[Station, User, User, User]:
    station = make_station(slug)
    manager, clerk, rider = (make_member(make_user(), station, role) for role in Role)
    return station, manager, clerk, rider


# Things of the world → the doors that lead to them, by `pk` or `number`.
BEHIND = {
    "membership": "people:member_role people:member_load people:member_remove",
    "invitation": "people:uninvite",
    "alert": "stock:alert_dismiss",
    "gas": """stock:listing_edit stock:listing_publish stock:listing_unpublish stock:listing_retire
        stock:listing_moves stock:listing_row stock:listing_cell stock:adjust
        purchasing:draft_for""",
    "count": """stock:count stock:count_save stock:count_finish stock:count_again
        stock:count_approve stock:count_cancel""",
    "buyer": "stock:holder counter:buyer customers:one_here",
    "asked": "stock:transfer stock:transfer_agree stock:transfer_reject stock:transfer_cancel",
    "agreed": "stock:transfer_send",
    "loaded": "stock:transfer_receive stock:transfer_write_off",
    "run": "stock:import stock:import_confirm stock:import_discard",
    "invoice": "billing:invoice",
    "shift": """billing:shift_report billing:shift_pay_in billing:shift_pay_out billing:shift_drop
        billing:shift_count""",
    "counted_shift": "billing:shift_explain billing:shift_accept",
    "goods_receipt": "purchasing:receipt",
    "draft": """purchasing:order_change purchasing:change_rows purchasing:order_send
        purchasing:order_discard""",
    "sent": """purchasing:order purchasing:order_cancel purchasing:order_pdf
        purchasing:order_print purchasing:order_receive""",
    "part": "purchasing:order_close",
    "depot": """purchasing:supplier purchasing:supplier_change purchasing:supplier_retire
        purchasing:supplier_bring_back""",
    "placed": """station:order station:order_approve station:order_reject delivery:order_send
        station:order_cancel station:order_invoice station:order_pay""",
    "assigned": "delivery:reassign delivery:unassign",
    "coming": "station:order_deliver",
    "riding": """delivery:run delivery:run_failed delivery:run_back delivery:run_again
        delivery:run_move""",
    "photo": "delivery:photo",
    "rider": "delivery:rider_count",
    "homecoming": "delivery:homecoming delivery:homecoming_post",
    "rating": "station:rating_reply",
    "sale": "counter:sale counter:sale_void counter:receipt",
    "owed_sale": "counter:sale_pay",
    "view": "reports:view reports:view_delete",
}
THING_OF = {door: thing for thing, names in BEHIND.items() for door in names.split()}
MORE: dict[str, Arguments] = {
    "stock:listing_cell": {"field": "refill_price"},
    "purchasing:order_row": {"row": 0},
    **{f"reports:{page}": {"name": "sales"} for page in ("report", "save", "csv", "xlsx")},
}
