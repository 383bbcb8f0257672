from datetime import date

import pytest
from django.core import mail

from gasstock.notifications.models import Message
from gasstock.notifications.outbox import send_due
from gasstock.purchasing.errors import (
    NotBought,
    NothingToBuy,
    ReasonMissing,
    SupplierRetired,
    SupplierUnclear,
    TwiceOnOrder,
    WrongPurchaseStatus,
)
from gasstock.purchasing.models import PurchaseKind, PurchaseOrder, PurchaseStatus
from gasstock.purchasing.services.offers import offers_of
from gasstock.purchasing.services.orders import (
    cancel_order,
    change_order,
    close_short,
    draft_more,
    submit_order,
)
from gasstock.purchasing.services.suppliers import retire_supplier
from tests.factories import make_listing, make_station
from tests.purchasing.acts import books, came, drafted, ordered, receive, want

pytestmark = pytest.mark.django_db


def test_a_draft_has_no_number_and_its_sum_is_that_of_its_lines(depot, gas, hose, manager):
    order = drafted(
        depot,
        want(gas, 10, 14_000, empties=8),
        want(gas, 2, 14_500, "new", unit_shell_cost=28_000),
        want(hose, 5, 2_000),
        actor=manager,
    )

    assert (order.number, order.status) == (None, PurchaseStatus.DRAFT)
    assert sum(line.total for line in order.lines.all()) == 140_000 + 85_000 + 10_000
    assert [line.empties for line in order.lines.order_by("pk")] == [8, 0, 0]


@pytest.mark.parametrize(("name", "kind"), [("gas", "goods"), ("hose", "refill"), ("hose", "new")])
def test_a_thing_is_bought_only_as_what_it_is(request, depot, name, kind):
    with pytest.raises(NotBought):
        drafted(depot, want(request.getfixturevalue(name), kind=kind))


def test_a_thing_stands_once_on_an_order_in_each_way(depot, gas):
    with pytest.raises(TwiceOnOrder):
        drafted(depot, want(gas), want(gas, 3))


def test_suppliers_of_other_stations_take_no_orders(depot, gas):
    other = make_station()

    with pytest.raises(SupplierRetired):
        draft_more(None, station=other, wanted=want(gas), supplier=depot)


def test_only_a_draft_is_written_anew(depot, shop, gas, hose):
    order = drafted(depot, want(gas))

    change_order(None, order=order, supplier=shop, lines=[want(hose, 4)], note="Soon")

    order.refresh_from_db()
    assert (order.supplier, order.note) == (shop, "Soon")
    assert [line.variant for line in order.lines.all()] == [hose.variant]
    submit_order(None, order=order)
    with pytest.raises(WrongPurchaseStatus):
        change_order(None, order=order, supplier=shop, lines=[])


def test_numbers_run_by_station_and_without_gaps(depot, gas):
    first, second = ordered(depot, want(gas)), ordered(depot, want(gas))
    with pytest.raises(WrongPurchaseStatus):
        submit_order(None, order=first)
    third = ordered(depot, want(gas))

    year = first.submitted_at.year
    assert [order.number for order in (first, second, third)] == [
        f"KGP-PO-{year}-{n:05d}" for n in (1, 2, 3)
    ]
    assert books() == []


def test_an_order_of_nothing_is_not_sent(depot):
    order = drafted(depot)

    with pytest.raises(NothingToBuy):
        submit_order(None, order=order)

    order.refresh_from_db()
    assert (order.status, order.number) == (PurchaseStatus.DRAFT, None)


def test_an_order_to_a_retired_supplier_is_not_sent(depot, gas):
    order = drafted(depot, want(gas))
    retire_supplier(None, supplier=depot)

    with pytest.raises(SupplierRetired):
        submit_order(None, order=order)


def test_the_supplier_gets_the_whole_order_as_text_and_as_a_pdf(
    depot, gas, manager, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        order = ordered(
            depot,
            want(gas, 10, 14_000, empties=8),
            want(gas, 2, 14_500, "new", unit_shell_cost=28_000),
            actor=manager,
            expected_on=date(2026, 11, 30),
            note="Before noon",
        )

    [letter] = mail.outbox
    assert letter.to == ["depot@example.com"]
    assert letter.reply_to == ["manager@example.com"]
    assert letter.subject == f"Order {order.number} from Kimironko Gas Point"
    for words in (
        "10 × SP 12 kg, refill: RWF\xa014,000 each",
        "we send 8 empties",
        "2 × SP 12 kg, with new cylinder: RWF\xa014,500 each",
        "and RWF\xa028,000 for each cylinder",
        "Total: RWF\xa0225,000",
        "Wanted by: 30 November 2026",
        "Note: Before noon",
        "Eric Mugisha\nKimironko Gas Point",
    ):
        assert words in letter.body
    [(name, content, kind)] = letter.attachments
    assert (name, kind) == (f"{order.number}.pdf", "application/pdf")
    assert content.startswith(b"%PDF-")


def test_the_letter_waits_in_the_outbox_and_leaves_once(depot, gas):
    ordered(depot, want(gas))
    message = Message.objects.get()

    assert (send_due(), send_due()) == (1, 0)
    assert message.attachment_name.endswith(".pdf")
    assert len(mail.outbox[0].attachments) == 1


def test_a_supplier_without_an_address_gets_no_letter(shop, hose):
    order = ordered(shop, want(hose))
    cancel_order(None, order=order, reason="Wrong hose")

    assert not Message.objects.exists()


def test_a_draft_is_discarded_without_a_word(depot, gas):
    order = cancel_order(None, order=drafted(depot, want(gas)))

    assert (order.status, order.number) == (PurchaseStatus.CANCELLED, None)
    assert not Message.objects.exists()
    with pytest.raises(WrongPurchaseStatus):
        submit_order(None, order=order)


def test_a_sent_order_is_cancelled_with_a_reason_the_supplier_reads(depot, gas, manager):
    order = ordered(depot, want(gas))

    with pytest.raises(ReasonMissing):
        cancel_order(manager, order=order)
    order = cancel_order(manager, order=order, reason="No money")

    assert order.status == PurchaseStatus.CANCELLED
    letter = Message.objects.latest("pk")
    assert letter.subject == f"Order {order.number} is cancelled"
    assert "Reason: No money" in letter.body
    assert books() == []


def test_an_order_of_which_something_came_is_closed_short_and_not_cancelled(depot, gas):
    order = ordered(depot, want(gas, 10))
    with pytest.raises(WrongPurchaseStatus):
        close_short(None, order=order, reason="Too early")
    receive(order, came(order, 4))

    with pytest.raises(WrongPurchaseStatus):
        cancel_order(None, order=order, reason="Late")
    with pytest.raises(ReasonMissing):
        close_short(None, order=order, reason="")
    order = close_short(None, order=order, reason="Depot is out of gas")

    assert (order.status, order.reason) == (PurchaseStatus.CLOSED_SHORT, "Depot is out of gas")
    assert order.ended_at
    assert "Send nothing more" in Message.objects.latest("pk").body
    assert books() == []


# --- What is proposed ---------------------------------------------------------------------------


def offer(station, listing, kind="refill", supplier=None):
    return offers_of(station, supplier)[f"{listing.variant_id}-{kind}"]


def test_a_line_is_proposed_at_what_the_supplier_asked_last(station, depot, shop, gas):
    assert offer(station, gas).unit_cost is None
    gas.average_cost = 13_500
    gas.save(update_fields=["average_cost"])
    assert offer(station, gas).unit_cost == 13_500

    ordered(depot, want(gas, cost=14_000))
    ordered(shop, want(gas, cost=15_000))
    ordered(shop, want(gas, 1, 15_500, "new", unit_shell_cost=30_000))
    drafted(depot, want(gas, cost=1))
    cancel_order(None, order=ordered(depot, want(gas, cost=2)), reason="No")

    assert offer(station, gas).unit_cost == 15_000
    assert offer(station, gas, supplier=depot).unit_cost == 14_000
    new = offer(station, gas, "new", depot)
    assert (new.unit_cost, new.unit_shell_cost) == (15_500, 30_000)


def test_as_many_empties_are_proposed_as_there_are(station, gas, hose):
    refill = offer(station, gas)

    assert [refill.empties_for(quantity) for quantity in (5, 8, 20)] == [5, 8, 8]
    assert offer(station, gas, "new").empties_for(5) == 0
    assert offer(station, hose, "goods").empties_for(5) == 0


def test_only_what_the_station_lists_is_proposed(station, gas, hose):
    make_listing(make_station())

    assert {(each.variant, each.kind) for each in offers_of(station).values()} == {
        (gas.variant, PurchaseKind.REFILL),
        (gas.variant, PurchaseKind.NEW),
        (hose.variant, PurchaseKind.GOODS),
    }


# --- In one click -------------------------------------------------------------------------------


def test_the_only_supplier_is_asked(station, depot, gas, manager):
    order = draft_more(manager, station=station, wanted=want(gas, 12, empties=8))

    assert (order.supplier, order.status) == (depot, PurchaseStatus.DRAFT)
    assert [(line.quantity, line.empties) for line in order.lines.all()] == [(12, 8)]


def test_of_several_the_one_who_was_asked_last(station, depot, shop, gas):
    with pytest.raises(SupplierUnclear):
        draft_more(None, station=station, wanted=want(gas))
    ordered(depot, want(gas))
    ordered(shop, want(gas))
    assert draft_more(None, station=station, wanted=want(gas)).supplier == shop

    retire_supplier(None, supplier=shop)

    assert draft_more(None, station=station, wanted=want(gas)).supplier == depot


def test_nobody_to_ask_is_unclear_too(station, gas):
    with pytest.raises(SupplierUnclear):
        draft_more(None, station=station, wanted=want(gas))


def test_the_open_draft_takes_one_line_more_and_twice_is_once(station, depot, gas, hose):
    draft = drafted(depot, want(hose))

    for quantity in (12, 12, 5):
        assert draft_more(None, station=station, wanted=want(gas, quantity)) == draft

    assert sorted(line.quantity for line in draft.lines.all()) == [10, 12]
    assert PurchaseOrder.objects.count() == 1


def test_a_sent_order_takes_nothing_more(station, depot, gas):
    sent = ordered(depot, want(gas))

    assert draft_more(None, station=station, wanted=want(gas)) != sent
