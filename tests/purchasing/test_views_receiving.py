import pytest
from django.urls import reverse

from gasstock.purchasing.models import Receipt
from tests.purchasing.acts import drafted, held, ordered, want

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(depot, gas, hose):
    return ordered(depot, want(gas, 10, empties=6), want(hose, 5))


@pytest.fixture
def page(order):
    return reverse("purchasing:order_receive", args=["kimironko", order.pk])


def typed(order, *rows, key="one", **values):
    """What the form sends: each row is (accepted, rejected, reason, empties)."""
    data = {"key": key, "delivery_note": "", "note": ""} | values
    names = ("accepted", "rejected", "reason", "empties")
    for line, row in zip(order.lines.order_by("pk"), rows, strict=False):
        data |= {f"{name}_{line.pk}": value for name, value in zip(names, row, strict=False)}
    return data


def test_the_page_proposes_that_all_came_and_all_agreed_empties_go(client, clerk, order, page):
    client.force_login(clerk)

    text = client.get(page).text

    gas, hose = order.lines.order_by("pk")
    assert f'name="accepted_{gas.pk}" value="10"' in text
    assert f'name="empties_{gas.pk}" value="6"' in text
    assert f'name="accepted_{hose.pk}" value="5"' in text
    assert f"empties_{hose.pk}" not in text
    assert "8 here" in text


def test_what_came_is_written_and_shown_on_the_order(client, clerk, order, page, gas):
    client.force_login(clerk)
    data = typed(order, ("8", "2", "Leaks", "6"), ("5",), delivery_note="DN-7")

    answer = client.post(page, data, follow=True)

    receipt = Receipt.objects.get()
    assert answer.request["PATH_INFO"] == order.get_absolute_url()
    for words in (receipt.number, "DN-7", "8 accepted", "2 rejected: Leaks", "6 empties out"):
        assert words in answer.text
    assert (held(gas), held(gas, condition="empty")) == (10, 2)
    link = reverse("purchasing:receipt", args=["kimironko", receipt.number])
    assert client.get(link).url == f"{order.get_absolute_url()}#{receipt.number}"


def test_sent_twice_is_received_once(client, clerk, order, page, gas):
    client.force_login(clerk)
    data = typed(order, ("4",), ("0",))

    answers = [client.post(page, data) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert (Receipt.objects.count(), held(gas)) == (1, 6)


def test_a_manager_confirms_that_more_came(client, manager, order, page, gas):
    client.force_login(manager)
    assert "Yes, more came" not in client.get(page).text
    data = typed(order, ("12",), ("0",))

    answer = client.post(page, data)
    assert answer.status_code == 422
    assert "SP 12 kg, refill: 2 more than was ordered." in answer.text
    assert "Yes, more came than was ordered" in answer.text
    assert 'value="one"' in answer.text, "the key stays"

    assert client.post(page, data | {"confirm_over": "on"}).status_code == 302
    assert held(gas) == 14


def test_a_clerk_asks_a_manager_to(client, clerk, order, page, gas):
    client.force_login(clerk)

    answer = client.post(page, typed(order, ("12",), ("0",), confirm_over="on"))

    assert answer.status_code == 422
    assert "Ask a manager to confirm." in answer.text
    assert "Yes, more came" not in answer.text
    assert held(gas) == 2


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("5", "5", ""), "Say why they were not accepted."),
        (("5", "0", "", "9"), "Only 8 empties of SP 12 kg are here."),
        (("-5",), "greater than or equal to 0"),
        (("9" * 30,), "less than or equal to"),
        (("many",), "Enter a whole number"),
        (("0", "0", "", "0"), "there is nothing to write down"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_moves(client, clerk, order, page, gas, row, words):
    client.force_login(clerk)

    answer = client.post(page, typed(order, row, ("0",)))

    assert answer.status_code == 422
    assert words in answer.text
    assert (Receipt.objects.count(), held(gas)) == (0, 2)


def test_htmx_gets_the_form_alone(client, clerk, order, page):
    client.force_login(clerk)

    answer = client.post(
        page, typed(order, ("x",)), headers={"HX-Request": "true", "HX-Target": "receive"}
    )

    assert answer.text.strip().startswith('<form class="gs-stack" id="receive"')


def test_a_draft_is_not_received(client, manager, depot, gas):
    draft = drafted(depot, want(gas))
    client.force_login(manager)

    page = reverse("purchasing:order_receive", args=["kimironko", draft.pk])
    assert client.get(page).status_code == 404


def test_an_order_that_came_in_full_has_nothing_to_receive(client, clerk, order, page):
    client.force_login(clerk)
    client.post(page, typed(order, ("10",), ("5",)))

    assert client.get(page).url == order.get_absolute_url()
    again = client.post(page, typed(order, ("1",), ("0",), key="two"))
    assert "is received" in again.text
