from datetime import timedelta

import pytest

from gasstock.billing.errors import OwnInvoice, WrongInvoiceStatus
from gasstock.billing.models import InvoiceStatus, Method
from gasstock.billing.services.invoices import bills_of
from gasstock.core import clock
from gasstock.inventory.models import Balance, LocationKind, Reservation
from gasstock.inventory.services.verify import differences
from gasstock.orders import tasks
from gasstock.orders.errors import (
    AboveLimit,
    AlreadyRated,
    CodeMissing,
    NotDelivered,
    NothingDelivered,
    NotOfTheTeam,
    OwnOrder,
    QuantityOutOfRange,
    ReasonMissing,
    WrongCode,
    WrongStatus,
)
from gasstock.orders.models import Fulfilment, Order, OrderStatus
from gasstock.orders.services.handover import Handed, deliver_order
from gasstock.orders.services.life import (
    approve_order,
    call_off_order,
    cancel_order,
    dispatch_order,
    expire_order,
    reject_order,
)
from gasstock.orders.services.money import (
    approve_bill,
    mark_bill_paid,
    reject_bill,
    submit_bill,
    take_payment,
)
from gasstock.orders.services.ratings import rate_order, reply_to_rating
from tests.factories import (
    make_member,
    make_order,
    make_station,
    make_user,
)
from tests.orders.acts import delivered, everything, held, held_at, on_the_way


@pytest.fixture(autouse=True)
def _books_balance(db):
    yield
    assert list(differences()) == []


class TestApproving:
    def test_the_team_approves_up_to_the_stations_limit(self, gas, manager, admin):
        small, large = make_order({gas: 4}), make_order({gas: 5})

        approve_order(manager, order=small)
        with pytest.raises(AboveLimit):
            approve_order(manager, order=large)
        approve_order(admin, order=large)

        assert Order.objects.filter(status=OrderStatus.APPROVED).count() == 2

    def test_nobody_approves_their_own_purchase(self, gas, manager, admin):
        for person in (manager, admin):
            with pytest.raises(OwnOrder):
                approve_order(person, order=make_order(gas, buyer=person))

    def test_a_rejection_needs_a_reason_and_gives_the_stock_back(self, gas, admin):
        order = make_order({gas: 2})

        with pytest.raises(ReasonMissing):
            reject_order(admin, order=order, reason=" ")
        reject_order(admin, order=order, reason="No rider today")

        order.invoice.refresh_from_db()
        assert held(gas) == (10, 0)
        assert order.invoice.status == InvoiceStatus.VOID
        assert order.reason == "No rider today"

    @pytest.mark.parametrize("again", [approve_order, cancel_order])
    def test_a_rejected_order_stays_rejected(self, gas, admin, again):
        order = reject_order(admin, order=make_order(gas), reason="No")

        with pytest.raises(WrongStatus, match="already rejected"):
            again(admin, order=order)
        assert held(gas) == (10, 0)


class TestEnding:
    def test_the_buyer_may_cancel_until_it_is_on_the_way(self, gas, manager):
        early, late = make_order(gas), make_order(gas)
        on_the_way(late, manager)

        cancel_order(early.buyer, order=early)
        with pytest.raises(WrongStatus):
            cancel_order(late.buyer, order=late)

        assert held(gas) == (9, 0)

    def test_what_is_called_off_on_the_way_stays_with_its_rider(self, gas, manager):
        order = on_the_way(make_order({gas: 3}), manager)
        assert (held(gas), held_at(LocationKind.RIDER, gas)) == ((7, 0), 3)

        call_off_order(manager, order=order, reason="Flat tyre")

        assert order.status == OrderStatus.CANCELLED
        assert (held(gas), held_at(LocationKind.RIDER, gas)) == ((7, 0), 3)

    def test_cancelling_twice_gives_back_once(self, gas):
        order = make_order({gas: 2})
        cancel_order(order.buyer, order=order)

        with pytest.raises(WrongStatus):
            cancel_order(order.buyer, order=order)

        assert held(gas) == (10, 0)
        assert not Reservation.objects.exists()

    def test_what_nobody_answers_runs_out(self, gas, settings):
        late, fresh = make_order(gas), make_order(gas)
        hours = timedelta(hours=settings.ORDER_EXPIRY_HOURS)
        Order.objects.filter(pk=late.pk).update(expires_at=clock.now() - timedelta(seconds=1))
        assert fresh.expires_at > clock.now() + hours - timedelta(minutes=1)

        tasks.expire_orders.call_local()

        late.refresh_from_db()
        fresh.refresh_from_db()
        assert (late.status, fresh.status) == (OrderStatus.EXPIRED, OrderStatus.PLACED)
        assert held(gas) == (10, 1)

    def test_what_is_paid_does_not_run_out(self, gas, manager):
        order = make_order(gas)
        Order.objects.filter(pk=order.pk).update(expires_at=clock.now() - timedelta(days=1))
        take_payment(manager, invoice=order.invoice, method=Method.CASH, amount=1, key="k")

        tasks.expire_orders.call_local()

        order.refresh_from_db()
        assert order.status == OrderStatus.PLACED
        with pytest.raises(Exception, match="is paid"):
            expire_order(order=order)


class TestHandingOver:
    def test_moves_full_ones_out_and_empties_back(self, gas, manager):
        order = delivered(make_order({gas: 3}), manager)

        assert order.status == OrderStatus.DELIVERED
        assert held_at(LocationKind.BUYER, gas) == 3
        assert held_at(LocationKind.BUYER, gas, "empty") == -3
        assert held_at(LocationKind.RIDER, gas, "empty") == 3
        assert held_at(LocationKind.RIDER, gas) == 0
        assert held(gas) == (7, 0)

    def test_a_pick_up_goes_over_the_counter(self, gas, manager):
        order = make_order({gas: 2}, fulfilment=Fulfilment.PICKUP)
        approve_order(manager, order=order)
        with pytest.raises(WrongStatus):
            dispatch_order(manager, order=order)

        deliver_order(manager, order=order, handed=everything(order), code=order.code)

        assert held(gas) == (8, 0)
        assert held_at(LocationKind.STATION, gas, "empty") == 2

    def test_a_missing_empty_is_billed_as_a_new_cylinder(self, gas, manager):
        order = on_the_way(make_order({gas: 3}), manager)
        line = order.lines.get()

        deliver_order(manager, order=order, handed={line.pk: Handed(3, 2)}, code=order.code)

        order.invoice.refresh_from_db()
        line.refresh_from_db()
        assert line.missing == 1
        assert order.invoice.total == 2 * 20_000 + 22_000 + 30_000 + 1000
        assert sum(n * b.unit_price for b, n in bills_of(order.invoice).items()) == (
            order.invoice.total
        )

    def test_a_part_bills_what_was_handed_over_and_leaves_the_rest_with_the_rider(
        self, gas, manager
    ):
        order = on_the_way(make_order({gas: 3}), manager)
        line = order.lines.get()

        deliver_order(manager, order=order, handed={line.pk: Handed(1, 1)}, code=order.code)

        order.invoice.refresh_from_db()
        assert order.invoice.total == 21_000
        assert held_at(LocationKind.RIDER, gas) == 2

    def test_a_part_picked_up_frees_the_rest(self, gas, manager):
        order = make_order({gas: 3}, fulfilment=Fulfilment.PICKUP)
        approve_order(manager, order=order)

        handed = {order.lines.get().pk: Handed(1, 1)}
        deliver_order(manager, order=order, handed=handed, code=order.code)

        assert held(gas) == (9, 0)

    def test_needs_the_code_or_a_reason(self, gas, manager):
        order = on_the_way(make_order(gas), manager)
        wrong = "0000" if order.code != "0000" else "1111"

        with pytest.raises(CodeMissing):
            deliver_order(manager, order=order, handed=everything(order))
        with pytest.raises(WrongCode, match="4 more tries"):
            deliver_order(manager, order=order, handed=everything(order), code=wrong)
        for _ in range(4):
            with pytest.raises(WrongCode):
                deliver_order(manager, order=order, handed=everything(order), code=wrong)
        with pytest.raises(WrongCode):  # too many tries: even the right one is not taken
            deliver_order(manager, order=order, handed=everything(order), code=order.code)
        deliver_order(
            manager, order=order, handed=everything(order), override_reason="Phone is dead"
        )

        assert order.events.get(kind="delivered").note == "Without the code: Phone is dead"

    @pytest.mark.parametrize(
        ("handed", "refusal"),
        [
            (Handed(0, 0), NothingDelivered),
            (Handed(4, 0), QuantityOutOfRange),
            (Handed(-1, 0), QuantityOutOfRange),
            (Handed(1, 2), QuantityOutOfRange),
        ],
    )
    def test_impossible_figures_change_nothing(self, gas, manager, handed, refusal):
        order = on_the_way(make_order({gas: 3}), manager)

        with pytest.raises(refusal):
            deliver_order(
                manager, order=order, handed={order.lines.get().pk: handed}, code=order.code
            )

        order.refresh_from_db()
        assert order.status == OrderStatus.DISPATCHED
        assert held_at(LocationKind.RIDER, gas) == 3

    def test_a_stranger_cannot_be_sent_off_with_it(self, gas, manager):
        order = make_order(gas)
        approve_order(manager, order=order)

        with pytest.raises(NotOfTheTeam):
            dispatch_order(manager, order=order, rider=make_user())

    def test_the_named_rider_carries_it(self, gas, manager, rider):
        order = make_order(gas)
        approve_order(manager, order=order)

        dispatch_order(manager, order=order, rider=rider)

        balance = Balance.objects.get(location__kind=LocationKind.RIDER, condition="full")
        assert (balance.location.person, balance.on_hand) == (rider, 1)


class TestPaying:
    def test_delivered_billed_approved_and_paid_is_closed(self, gas, manager, admin):
        order = delivered(make_order(gas), manager)

        (invoice,) = submit_bill(manager, order=order)
        assert invoice.number.startswith("KGP-INV-")
        approve_bill(admin, invoice=invoice)
        order.refresh_from_db()
        assert order.status == OrderStatus.DELIVERED
        mark_bill_paid(admin, invoice=invoice, method=Method.CASH)

        order.refresh_from_db()
        invoice.refresh_from_db()
        assert (order.status, invoice.status) == (OrderStatus.CLOSED, InvoiceStatus.PAID)
        assert [event.kind for event in order.events.order_by("pk")] == [
            "placed",
            "approved",
            "dispatched",
            "delivered",
            "inv_submitted",
            "inv_approved",
            "payment",
            "closed",
        ]

    def test_paid_in_advance_is_closed_at_the_door(self, gas, manager, admin):
        order = make_order(gas)
        approve_order(manager, order=order)
        (invoice,) = submit_bill(manager, order=order)
        approve_bill(admin, invoice=invoice)
        take_payment(manager, invoice=invoice, method=Method.CASH, amount=21_000, key="k")
        dispatch_order(manager, order=order)

        deliver_order(manager, order=order, handed=everything(order), code=order.code)

        assert order.status == OrderStatus.CLOSED

    def test_a_missing_empty_after_approval_makes_a_further_invoice(self, gas, manager, admin):
        order = make_order(gas)
        approve_order(manager, order=order)
        (invoice,) = submit_bill(manager, order=order)
        approve_bill(admin, invoice=invoice)
        take_payment(manager, invoice=invoice, method=Method.CASH, amount=21_000, key="k")
        dispatch_order(manager, order=order)

        handed = {order.lines.get().pk: Handed(1, 0)}
        deliver_order(manager, order=order, handed=handed, code=order.code)

        invoice.refresh_from_db()
        further = invoice.corrections.get()
        assert (invoice.total, invoice.credited, invoice.credit) == (21_000, 20_000, 20_000)
        assert further.total == 52_000
        assert order.status == OrderStatus.DELIVERED
        assert submit_bill(manager, order=order) == [further]

    def test_cancelling_what_was_paid_shows_the_buyers_credit(self, gas, manager):
        order = make_order(gas)
        take_payment(manager, invoice=order.invoice, method=Method.CASH, amount=21_000, key="k")

        cancel_order(order.buyer, order=order)

        order.invoice.refresh_from_db()
        assert (order.invoice.due, order.invoice.credit) == (0, 21_000)

    def test_whoever_submits_does_not_approve(self, gas, manager, admin):
        order = delivered(make_order(gas), manager)
        (invoice,) = submit_bill(admin, order=order)

        with pytest.raises(OwnInvoice):
            approve_bill(admin, invoice=invoice)

    def test_a_rejected_invoice_is_sent_again_with_its_number(self, gas, manager, admin):
        order = delivered(make_order(gas), manager)
        (invoice,) = submit_bill(manager, order=order)

        reject_bill(admin, invoice=invoice, reason="Wrong name")
        (again,) = submit_bill(manager, order=order)

        assert again.number == invoice.number
        with pytest.raises(WrongInvoiceStatus):
            submit_bill(manager, order=order)


class TestRating:
    def test_counts_once_into_the_stations_average(self, gas, manager, station):
        for stars in (5, 4):
            order = delivered(make_order(gas), manager)
            rating = rate_order(order.buyer, order=order, stars=stars, comment="Quick")
            with pytest.raises(AlreadyRated):
                rate_order(order.buyer, order=order, stars=1)

        station.refresh_from_db()
        assert (station.rating, station.rating_count, station.rating_average) == (4.5, 2, 45)
        reply_to_rating(manager, rating=rating, reply="Thank you")
        assert rating.reply == "Thank you"

    def test_only_what_was_delivered_is_rated(self, gas):
        order = make_order(gas)

        with pytest.raises(NotDelivered):
            rate_order(order.buyer, order=order, stars=5)


def test_a_member_may_hand_over_at_their_own_station_only(gas, manager):
    other = make_member(None, make_station(), "rider")
    order = make_order(gas)
    approve_order(manager, order=order)

    with pytest.raises(NotOfTheTeam):
        dispatch_order(manager, order=order, rider=other)
