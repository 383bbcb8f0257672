"""The rider at the door: gas, empties, money, the code and a photo."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from gasstock.billing.models import Method
from gasstock.delivery.models import CollectedCash, Delivery, DeliveryStatus, Photo
from gasstock.delivery.services.assigning import unassign
from gasstock.orders.services.money import take_payment
from tests.delivery.acts import assigned, failed, out
from tests.delivery.riding import NBSP, RUNS, hand_over, photo_of, taken, text_of, typed, url_of


class TestHandingOver:
    def test_with_code_and_cash_it_is_delivered(self, eric, manager, rider, gas):
        delivery = out(manager, rider, gas)

        answer = hand_over(eric, delivery)

        assert answer.redirect_chain == [(RUNS, 302)]
        assert delivery.status == DeliveryStatus.DELIVERED
        assert taken(delivery) == 21_000
        assert (
            f"Order {delivery.order} is handed over. The bill is RWF{NBSP}21,000, "
            f"cash RWF{NBSP}21,000."
        ) in answer.text

    def test_pressed_again_after_the_network_was_lost_it_is_the_same_success(
        self, eric, manager, rider, gas
    ):
        delivery = out(manager, rider, gas)
        first = hand_over(eric, delivery)

        again = hand_over(eric, delivery)

        said = re.search(r"Order [\w-]+ is handed over\.[^<]+", first.text)
        assert said
        assert said[0] in again.text
        assert again.redirect_chain == first.redirect_chain
        assert taken(delivery) == 21_000

    def test_other_figures_the_second_time_change_nothing_and_the_first_are_shown(
        self, eric, manager, rider, gas
    ):
        delivery = out(manager, rider, gas)
        hand_over(eric, delivery)

        answer = eric.post(
            url_of(delivery),
            typed(delivery, cash="9,000"),
            headers={"Referer": f"http://testserver{url_of(delivery)}"},
            follow=True,
        )

        assert "was saved before, with other figures" in answer.text
        assert "Cash taken RWF 21,000" in text_of(answer.text)
        assert taken(delivery) == 21_000

    def test_who_comes_second_is_told_who_was_first(self, client, manager, rider, gas):
        delivery = out(manager, rider, gas)
        client.force_login(manager)
        hand_over(client, delivery)
        client.force_login(rider)

        answer = client.post(
            url_of(delivery),
            typed(delivery),
            headers={"Referer": f"http://testserver{url_of(delivery)}"},
            follow=True,
        )

        assert "Claire Niyonsaba handed order" in answer.text
        assert "Nothing was changed." in answer.text
        assert taken(delivery) == 21_000

    def test_staff_mark_it_in_the_name_of_the_rider_and_stay_with_the_order(
        self, client, manager, rider, gas
    ):
        delivery = out(manager, rider, gas)
        client.force_login(manager)

        page = client.get(url_of(delivery)).text
        answer = hand_over(client, delivery)

        assert "Cash Eric took" in page
        assert answer.redirect_chain == [(f"/at/kimironko/orders/{delivery.order}/", 302)]
        assert CollectedCash.objects.get().rider == rider

    def test_a_wrong_code_stands_beside_the_code_and_all_else_is_kept(
        self, eric, manager, rider, gas
    ):
        delivery = out(manager, rider, {gas: 2})
        wrong = "0000" if delivery.order.code != "0000" else "1111"

        bad = eric.post(
            url_of(delivery),
            typed(delivery, empties=1, code=wrong, cash="73,000"),
            headers={"HX-Request": "true", "HX-Target": "hand"},
        )

        assert bad.status_code == 422
        assert bad.text.strip().startswith('<div id="hand">')
        assert "4 more tries" in bad.text.split('id="hand_code_error"')[1]
        assert re.search(r'name="empties_\d+" value="1"', bad.text)
        assert 'name="cash" value="73,000"' in bad.text

    def test_without_the_code_a_reason_does(self, eric, manager, rider, gas):
        delivery = out(manager, rider, gas)

        refused = eric.post(url_of(delivery), typed(delivery, code=""))
        hand_over(eric, delivery, code="", no_code="Phone is off")

        assert refused.status_code == 422
        assert delivery.order.events.filter(note="Without the code: Phone is off").exists()

    def test_a_part_lowers_the_bill_and_the_rest_stays_on_the_bike(self, eric, manager, rider, gas):
        delivery = out(manager, rider, {gas: 2})

        html = hand_over(eric, delivery, given=1).text

        assert "1 full 1 empty 21,000 RWF in cash" in text_of(html)

    def test_afterwards_the_page_says_what_was_given_and_not_what_was_ordered(
        self, eric, manager, rider, gas
    ):
        delivery = out(manager, rider, {gas: 3})
        hand_over(eric, delivery, given=2, empties=1)

        html = eric.get(url_of(delivery)).text

        assert "2 handed over, 1 empty back" in text_of(html)

    @pytest.mark.parametrize(
        ("given", "empties", "words"),
        [
            (3, 2, "From 0 to 2."),
            (1, 2, "at most 1 come back"),
            ("two", 2, "Type a number."),
            (0, 0, "Nothing was handed over. Press “Not delivered”"),
        ],
    )
    def test_impossible_numbers_change_nothing(
        self, eric, manager, rider, gas, given, empties, words
    ):
        delivery = out(manager, rider, {gas: 2})

        bad = eric.post(url_of(delivery), typed(delivery, given, empties, cash="0"))
        delivery.refresh_from_db()

        assert bad.status_code == 422
        assert words in bad.text
        assert delivery.status == DeliveryStatus.ON_THE_WAY

    def test_one_that_failed_may_still_be_handed_over(self, eric, manager, rider, gas):
        delivery = failed(manager, rider, gas)

        page = eric.get(url_of(delivery)).text
        hand_over(eric, delivery)

        assert "Not delivered before." in page
        assert delivery.status == DeliveryStatus.DELIVERED

    def test_what_was_called_off_is_not_to_be_delivered(self, eric, manager, rider, gas):
        delivery = assigned(manager, rider, gas)
        unassign(manager, delivery=delivery)

        html = eric.get(url_of(delivery)).text

        assert "Do not deliver it." in html
        assert 'name="code"' not in html

    def test_notes_of_buyer_and_station_are_there(self, eric, manager, rider, gas, station):
        delivery = out(manager, rider, gas, note="Blue gate")
        Delivery.objects.filter(pk=delivery.pk).update(note="Ring twice")

        html = eric.get(url_of(delivery)).text

        assert "“Blue gate”" in html
        assert "Station: Ring twice" in html


class TestMoney:
    def cash_of(self, html):
        return re.search(r'name="cash" value="([^"]*)"', html)[1]

    def test_the_field_begins_with_what_is_due(self, eric, manager, rider, gas):
        delivery = out(manager, rider, {gas: 2})

        assert self.cash_of(eric.get(url_of(delivery)).text) == "41,000"

    def test_who_pays_by_bank_is_not_asked_for_cash(self, eric, manager, rider, gas):
        delivery = out(manager, rider, gas, payment_method=Method.BANK)

        html = eric.get(url_of(delivery)).text

        assert self.cash_of(html) == "0"
        assert "Collect nothing." in html

    def test_who_paid_is_not_asked_again(self, eric, manager, rider, gas, shift):
        delivery = out(manager, rider, gas)
        invoice = delivery.order.invoice
        take_payment(
            manager,
            invoice=invoice,
            method=Method.BANK,
            amount=21_000,
            key="k",
            reference="BK-1",
        )

        html = eric.get(url_of(delivery)).text

        assert self.cash_of(html) == "0"
        assert "Nothing to collect." in html

    def test_the_bill_follows_the_empties_before_anything_is_sent(self, eric, manager, rider, gas):
        delivery = out(manager, rider, {gas: 2})

        part = eric.get(
            url_of(delivery),
            typed(delivery, empties=1, cash="41,000", seen="41,000"),
            headers={"HX-Request": "true", "HX-Target": "bill"},
        ).text

        assert part.strip().startswith('<div class="gs-stack gs-stack--m" id="bill"')
        assert f"RWF{NBSP}32,000 more than ordered" in part
        assert 'name="seen" value="73,000"' in part
        assert "stays open" not in part

    def test_cash_below_the_bill_stays_open(self, eric, manager, rider, gas):
        delivery = out(manager, rider, gas)

        part = eric.get(
            url_of(delivery),
            typed(delivery, cash="20,000", seen="21,000"),
            headers={"HX-Request": "true", "HX-Target": "bill"},
        ).text
        hand_over(eric, delivery, cash="20,000")
        delivery.order.invoice.refresh_from_db()

        assert f"RWF{NBSP}1,000 stays open" in part
        assert 'id="change" hx-swap-oob="true"' in part
        assert delivery.order.invoice.due == 1000

    def test_cash_above_the_bill_wants_a_tick(self, eric, manager, rider, gas):
        delivery = out(manager, rider, gas)

        bad = eric.post(url_of(delivery), typed(delivery, cash="25,000"))
        hand_over(eric, delivery, cash="25,000", more="on")

        assert bad.status_code == 422
        assert f"Yes, RWF{NBSP}4,000 more than the bill." in bad.text
        assert taken(delivery) == 25_000

    def test_a_bill_that_changed_unseen_is_shown_before_the_cash_is_believed(
        self, eric, manager, rider, gas
    ):
        delivery = out(manager, rider, {gas: 2})
        sent = typed(delivery, empties=1, cash="41,000", seen="41,000")

        bad = eric.post(url_of(delivery), sent)
        good = eric.post(url_of(delivery), sent | {"cash": "73,000", "seen": "73,000"})

        assert bad.status_code == 422
        assert f"The bill is RWF{NBSP}73,000 now." in bad.text
        assert self.cash_of(bad.text) == "73,000"
        assert 'name="seen" value="73,000"' in bad.text
        assert good.status_code == 302

    @pytest.mark.parametrize("cash", ["", "-5", "abc", "99,999,999,999"])
    def test_no_cash_is_guessed(self, eric, manager, rider, gas, cash):
        delivery = out(manager, rider, gas)

        bad = eric.post(url_of(delivery), typed(delivery, cash=cash))

        assert bad.status_code == 422
        assert 'id="hand_cash_error"' in bad.text


class TestPhotos:
    def test_it_is_kept_small_and_the_rider_and_the_station_see_it(
        self, client, eric, manager, rider, gas
    ):
        delivery = out(manager, rider, gas)
        hand_over(eric, delivery, photo=photo_of((1600, 1200)))
        photo = Photo.objects.get()
        url = reverse("delivery:photo", args=["kimironko", delivery.order.number, photo.pk])

        mine = eric.get(url)
        client.force_login(manager)
        theirs = client.get(url)

        assert mine.content == theirs.content == bytes(photo.image)
        assert mine["Content-Type"] == "image/webp"
        assert len(mine.content) <= 30_000
        assert url in client.get(url_of(delivery)).text
        assert url_of(delivery) in client.get(f"/at/kimironko/orders/{delivery.order}/").text

    def test_what_is_no_photo_is_said_beside_it_and_nothing_is_delivered(
        self, eric, manager, rider, gas
    ):
        delivery = out(manager, rider, gas)

        bad = eric.post(
            url_of(delivery), typed(delivery, photo=SimpleUploadedFile("a.jpg", b"<html>"))
        )
        delivery.refresh_from_db()

        assert bad.status_code == 422
        assert "This is no photo" in bad.text.split('id="hand_photo_error"')[1]
        assert delivery.status == DeliveryStatus.ON_THE_WAY

    def test_sent_again_there_is_one(self, eric, manager, rider, gas):
        delivery = out(manager, rider, gas)
        for _ in range(2):
            hand_over(eric, delivery, photo=photo_of())

        assert Photo.objects.count() == 1
