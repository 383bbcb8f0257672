"""One order after another, each told through the services by those who would do it.

What becomes of an order is drawn when it is placed. A step plans the one that follows it, so
an order whose next step falls after the end of the story is one that waits for somebody today.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from gasstock.accounts.models import Station, User
from gasstock.billing.models import InvoiceStatus, Method
from gasstock.demo import people
from gasstock.demo.agenda import Agenda
from gasstock.demo.cast import Customer, Outlet
from gasstock.demo.road import Deal, Road
from gasstock.demo.setting import demand_of
from gasstock.inventory.models import Balance, Listing
from gasstock.orders.models import Fulfilment, LineKind, Order, Rating
from gasstock.orders.services.handover import Handed
from gasstock.orders.services.life import (
    approve_order,
    call_off_order,
    cancel_order,
    expire_order,
    reject_order,
)
from gasstock.orders.services.money import (
    approve_bill,
    invoices_of,
    reject_bill,
    submit_bill,
    take_payment,
)
from gasstock.orders.services.placing import Terms, Wanted, place_order
from gasstock.orders.services.promises import Slot, coming
from gasstock.orders.services.ratings import rate_order, reply_to_rating

UNSENT = (InvoiceStatus.DRAFT, InvoiceStatus.REJECTED)


class Trade:
    def __init__(self, agenda: Agenda, admin: User) -> None:
        self.agenda, self.dice, self.admin = agenda, agenda.dice, admin
        self.road = Road(agenda)

    # --- Placing ------------------------------------------------------------------------------

    def visit(self, customer: Customer, outlet: Outlet) -> None:
        """Somebody comes to buy; they leave if there is nothing they want."""
        if wanted := self._wishes(customer, outlet):
            terms = self.terms(customer, outlet)
            deal = self.place(customer, outlet, wanted, terms)
            self._go_on(deal)

    def place(self, customer: Customer, outlet: Outlet, wanted: list[Wanted], terms: Terms) -> Deal:
        order = place_order(customer.user, station=outlet.station, wanted=wanted, terms=terms)
        return Deal(order, customer, outlet)

    def terms(self, customer: Customer, outlet: Outlet) -> Terms:
        dice, station = self.dice, outlet.station
        brought = station.delivers and (customer.is_kitchen or dice.random() < 0.75)
        by_bank = station.takes_bank and dice.random() < (0.7 if customer.is_kitchen else 0.2)
        return Terms(
            fulfilment=Fulfilment.DELIVERY if brought else Fulfilment.PICKUP,
            payment_method=Method.BANK if by_bank else Method.CASH,
            phone=str(customer.user.phone),
            district=customer.district if brought else "",
            address=customer.line if brought else "",
            note=dice.choice(people.NOTES) if brought and dice.random() < 0.2 else "",
            slots=self._hours(station) if brought and dice.random() < 0.2 else (),
        )

    def _hours(self, station: Station) -> list[Slot]:
        """When the buyer wants it, of the station's hours of the next day or so."""
        slots = coming(station)
        return [self.dice.choice(slots)] if slots else []

    def _wishes(self, customer: Customer, outlet: Outlet) -> list[Wanted]:
        dice, many = self.dice, customer.is_kitchen
        free = free_of(outlet)
        wishes: dict[tuple[Listing, LineKind], int] = {}
        for _ in range(dice.choices((1, 2, 3), (70, 25, 5))[0]):
            most = dice.randint(2, 4) if many else dice.choices((1, 2), (85, 15))[0]
            listing = self._pick(outlet, free)
            if listing is None:
                break
            quantity = min(most, free[listing.full_id])
            free[listing.full_id] -= quantity
            key = listing, self._kind(listing)
            wishes[key] = wishes.get(key, 0) + quantity
        return [Wanted(listing, kind, quantity) for (listing, kind), quantity in wishes.items()]

    def _pick(self, outlet: Outlet, free: dict[int, int]) -> Listing | None:
        there = [x for x in outlet.listings if x.is_published and free[x.full_id] > 0]
        if not there:
            return None
        return self.dice.choices(there, [demand_of(x.variant) for x in there])[0]

    def _kind(self, listing: Listing) -> LineKind:
        if not listing.variant.is_cylinder:
            return LineKind.ACCESSORY
        is_new = listing.new_price is not None and self.dice.random() < 0.15
        return LineKind.NEW if is_new else LineKind.EXCHANGE

    # --- What becomes of it -------------------------------------------------------------------

    def _go_on(self, deal: Deal) -> None:
        fates: dict[Callable[[Deal], None], int] = {
            self._fulfil: 84,
            self._lose_buyer: 5,
            self._refuse: 4,
            self._forget: 4,
            self._fail: 3,
        }
        self.dice.choices(list(fates), list(fates.values()))[0](deal)

    def _fulfil(self, deal: Deal) -> None:
        self.agenda.soon(2, 35, partial(self._approve, deal, self._move_on))

    def _lose_buyer(self, deal: Deal) -> None:
        why = self.dice.choice(people.CHANGES_OF_MIND)
        act = partial(cancel_order, deal.customer.user, order=deal.order, reason=why)
        self.agenda.soon(2, 25, act)

    def _refuse(self, deal: Deal) -> None:
        why = self.dice.choice(people.REJECTIONS)
        self.agenda.soon(
            5, 50, partial(reject_order, self.approver(deal), order=deal.order, reason=why)
        )

    def _forget(self, deal: Deal) -> None:
        moment = deal.order.expires_at + timedelta(minutes=1)
        self.agenda.at(moment, partial(expire_order, order=deal.order))

    def _fail(self, deal: Deal) -> None:
        why = self.dice.choice(people.FAILURES)
        give_up = partial(self._call_off, deal, why)
        self.agenda.soon(2, 35, partial(self._approve, deal, partial(self._move_on, end=give_up)))

    def _call_off(self, deal: Deal, why: str) -> None:
        call_off_order(self.someone(deal), order=deal.order, reason=why)

    def _approve(self, deal: Deal, then: Callable[[Deal], None]) -> None:
        self.approve(deal)
        if deal.order.payment_method == Method.BANK and self.dice.random() < 0.3:
            self.pay(deal)
        if self.dice.random() < 0.1:
            self.bill(deal)
            self.agenda.soon(15, 400, partial(self.check_bill, deal))
        then(deal)

    def _move_on(self, deal: Deal, end: Callable[[], None] | None = None) -> None:
        end = end or partial(self._deliver, deal)
        if deal.order.is_delivery:
            self.road.bring(deal, end)
        else:
            self.agenda.soon(15, 180, end)

    def _deliver(self, deal: Deal) -> None:
        in_cash, brought = deal.order.payment_method == Method.CASH, deal.order.is_delivery
        at_the_door = in_cash and brought and self.dice.random() < 0.9
        self.deliver(deal, self._handed(deal.order), pays=at_the_door)
        if in_cash and not brought:
            self.pay(deal)
        elif in_cash and not at_the_door:
            self.agenda.soon(60, 24 * 60, partial(self.pay, deal))
        elif not in_cash and self.dice.random() < 0.85:
            self.agenda.soon(60, 9 * 24 * 60, partial(self.pay, deal))
        self.agenda.soon(10, 300, partial(self._send_bill, deal))
        if self.dice.random() < 0.55:
            self.agenda.soon(40, 48 * 60, partial(self._rate, deal))

    def _handed(self, order: Order) -> dict[int, Handed]:
        """Mostly all of it; sometimes one full one short, sometimes an empty missing."""
        handed = {}
        for line in order.lines.order_by("pk"):
            full = line.quantity - (line.quantity > 1 and self.dice.random() < 0.05)
            is_exchange = line.kind == LineKind.EXCHANGE
            empties = full - (self.dice.random() < 0.07) if is_exchange else 0
            handed[line.pk] = Handed(full, max(0, empties))
        return handed

    # --- The bill, the money and the stars ----------------------------------------------------

    def _send_bill(self, deal: Deal) -> None:
        if any(invoice.status in UNSENT for invoice in invoices_of(deal.order)):
            self.bill(deal)
            self.agenda.soon(30, 600, partial(self.check_bill, deal))

    def check_bill(self, deal: Deal, *, may_reject: bool = True) -> None:
        """The admin looks at what was submitted; a few bills go back for a better one."""
        if may_reject and self.dice.random() < 0.06:
            self.reject_bill(deal, self.dice.choice(people.SENT_BACK))
            self.agenda.soon(60, 600, partial(self._bill_again, deal))
            return
        for invoice in invoices_of(deal.order):
            if invoice.status == InvoiceStatus.SUBMITTED:
                approve_bill(self.admin, invoice=invoice)

    def _bill_again(self, deal: Deal) -> None:
        if any(invoice.status in UNSENT for invoice in invoices_of(deal.order)):
            self.bill(deal)
            self.agenda.soon(30, 300, partial(self.check_bill, deal, may_reject=False))

    def reject_bill(self, deal: Deal, why: str) -> None:
        for invoice in invoices_of(deal.order):
            if invoice.status == InvoiceStatus.SUBMITTED:
                reject_bill(self.admin, invoice=invoice, reason=why)

    def _rate(self, deal: Deal) -> None:
        stars = self.dice.choices((5, 4, 3, 2, 1), (60, 25, 9, 4, 2))[0]
        rating = self.rate(deal, stars, self.dice.choice(people.WORDS[stars]))
        if rating.comment and self.dice.random() < (0.2 if stars == 5 else 0.7):
            answer = self.dice.choice(people.ANSWERS[stars])
            act = partial(reply_to_rating, deal.outlet.manager, rating=rating, reply=answer)
            self.agenda.soon(30, 24 * 60, act)

    # --- Single steps, which the scenes of today use too --------------------------------------

    def someone(self, deal: Deal) -> User:
        return self.dice.choice([deal.outlet.manager, *deal.outlet.clerks])

    def approver(self, deal: Deal) -> User:
        above = deal.order.total > deal.outlet.station.approval_limit
        return self.admin if above else self.someone(deal)

    def approve(self, deal: Deal) -> None:
        approve_order(self.approver(deal), order=deal.order)

    def deliver(
        self,
        deal: Deal,
        handed: dict[int, Handed],
        *,
        pays: bool = False,
        photo: bytes | None = None,
    ) -> None:
        """The rider hands it over, or somebody at the counter; who `pays` the rider does so now."""
        self.road.hand_over(deal, handed, actor=self.someone(deal), pays=pays, photo=photo)

    def pay(self, deal: Deal) -> None:
        """The buyer pays what is still due on each of the order's invoices."""
        method = Method(deal.order.payment_method)
        for invoice in invoices_of(deal.order):
            if invoice.due:
                take_payment(
                    self.someone(deal),
                    invoice=invoice,
                    method=method,
                    amount=invoice.due,
                    key=f"{deal.order.number}-{invoice.pk}-{invoice.paid}",
                    reference=self._reference() if method == Method.BANK else "",
                )

    def _reference(self) -> str:
        return f"FT{self.dice.randrange(10**10):010d}"

    def bill(self, deal: Deal) -> None:
        submit_bill(self.someone(deal), order=deal.order)

    def rate(self, deal: Deal, stars: int, comment: str) -> Rating:
        return rate_order(deal.customer.user, order=deal.order, stars=stars, comment=comment)


def free_of(outlet: Outlet) -> dict[int, int]:
    """How many of each listing are free to be promised, by balance, beside what is kept back."""
    rows = Balance.objects.filter(pk__in=[listing.full_id for listing in outlet.listings])
    free = {balance.pk: balance.available for balance in rows}
    for sku, count in outlet.kept.items():
        free[outlet.listing(sku).full_id] -= count
    return free
