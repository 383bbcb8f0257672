"""The pages of counts: what the counter is not told, what is saved, who decides."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from gasstock.inventory.models import Condition, Stocktake
from gasstock.inventory.services import stocktakes
from tests.factories import make_brand, make_listing, make_member, make_station, make_variant
from tests.queries import cost

pytestmark = pytest.mark.django_db

FULL, EMPTY = Condition.FULL, Condition.EMPTY


def at(name, *args, slug="kimironko"):
    return reverse(f"stock:{name}", args=[slug, *args])


def said(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


@pytest.fixture
def sheet(clerk, gas):
    return stocktakes.start_count(clerk, station=gas.station)


def line_of(stocktake, condition=FULL):
    return stocktake.lines.get(condition=condition)


def figures(stocktake, **typed):
    """What the browser sends of the sheet; lines are named by their condition."""
    sent = {}
    for line in stocktake.lines.all():
        now = "" if line.counted is None else str(line.counted)
        sent[f"initial-n{line.pk}"] = now
        sent[f"n{line.pk}"] = typed.get(line.condition, now)
    return sent


def htmx(line):
    return {"HX-Request": "true", "HX-Target": f"mark-{line.pk}"}


@pytest.fixture
def counted(clerk, sheet):
    """9 of 10 full ones were found."""
    stocktakes.save_counts(clerk, stocktake=sheet, counts={line_of(sheet).pk: 9})
    return stocktakes.finish_count(clerk, stocktake=sheet)


@pytest.mark.parametrize(
    ("who", "counts", "decides"),
    [("manager", 200, 302), ("clerk", 200, 403), ("rider", 403, 403), ("admin", 200, 302)],
)
def test_who_may_count_and_who_may_decide(client, request, sheet, who, counts, decides):
    client.force_login(request.getfixturevalue(who))

    assert client.get(at("counts")).status_code == counts
    assert client.get(at("count", sheet.pk)).status_code == counts
    assert client.post(at("count_approve", sheet.pk)).status_code == decides
    assert client.post(at("count_again", sheet.pk)).status_code == decides
    if decides == 403:
        assert client.post(at("count_cancel", sheet.pk)).status_code == 403
    if counts == 403:
        for name in ("count_save", "count_finish"):
            assert client.post(at(name, sheet.pk)).status_code == 403
        assert client.post(at("count_start")).status_code == 403


def test_counts_of_others_are_not_there(client, sheet):
    client.force_login(make_member(None, make_station("other")))

    for name in ("count", "count_cancel"):
        assert client.get(at(name, sheet.pk)).status_code == 404
        assert client.get(at(name, sheet.pk, slug="other")).status_code == 404
    for name in ("count_save", "count_finish", "count_again", "count_approve", "count_cancel"):
        assert client.post(at(name, sheet.pk, slug="other")).status_code == 404
    assert Stocktake.objects.get().status == "open"


def test_a_second_start_leads_to_the_running_count(client, manager, sheet):
    client.force_login(manager)

    answer = client.post(at("count_start"))

    assert answer.url == at("count", sheet.pk)
    assert f"Go on with {sheet}" in client.get(at("counts")).text


def test_a_count_that_was_handed_in_is_looked_at(client, manager, counted):
    client.force_login(manager)

    assert f"Look at {counted}" in client.get(at("counts")).text


def test_the_sheet_says_nothing_of_the_books(client, admin, manager, clerk, station):
    """10 and 4 are in the books; the numbers below occur nowhere else on the page."""
    make_listing(station, make_variant("SP 12 kg", sku="SP"), full=7391, empty=8264)
    sheet = stocktakes.start_count(clerk, station=station)
    line = line_of(sheet)
    stocktakes.save_counts(clerk, stocktake=sheet, counts={line.pk: 6150})

    for person in (clerk, manager, admin):
        client.force_login(person)
        page = client.get(at("count", sheet.pk)).text
        assert 'value="6150"' in page
        for told in ("7391", "7,391", "8264", "8,264", "1241", "1,241"):
            assert told not in page
        mark = client.post(at("count_save", sheet.pk), figures(sheet), headers=htmx(line)).text
        assert "7391" not in mark


def test_a_line_is_saved_as_it_is_typed(client, clerk, sheet):
    line = line_of(sheet)
    client.force_login(clerk)

    answer = client.post(
        at("count_save", sheet.pk),
        {f"n{line.pk}": "9", f"initial-n{line.pk}": ""},
        headers=htmx(line),
    )

    line.refresh_from_db()
    assert (line.counted, line.expected, line.counted_by) == (9, 10, clerk)
    assert "Saved" in answer.text
    assert f'name="initial-n{line.pk}" value="9"' in answer.text
    assert "1 of 3 counted" in answer.text


def test_a_figure_that_is_none_stands_beside_its_field(client, clerk, sheet):
    line = line_of(sheet)
    client.force_login(clerk)

    for typed, says in (("nine", "A whole number."), ("-1", "0 or more."), ("1000000", "At most")):
        answer = client.post(
            at("count_save", sheet.pk),
            {f"n{line.pk}": typed, f"initial-n{line.pk}": ""},
            headers=htmx(line),
        )
        assert answer.status_code == 422
        assert says in answer.text
    line.refresh_from_db()
    assert line.counted is None


def test_without_scripts_one_button_saves_what_can_be_read(client, clerk, sheet):
    client.force_login(clerk)

    answer = client.post(at("count_save", sheet.pk), figures(sheet, full="9", empty="four"))

    assert answer.status_code == 422
    assert 'value="four"' in answer.text
    assert line_of(sheet).counted == 9
    answer = client.post(at("count_save", sheet.pk), figures(sheet, empty="4"))
    assert answer.url == at("count", sheet.pk)
    assert line_of(sheet, EMPTY).counted == 4


def test_a_mistake_on_a_part_of_the_sheet_shows_that_part_again(client, clerk, station):
    meru, sp = (make_listing(station, make_variant(name)) for name in ("Meru 6 kg", "SP 12 kg"))
    sheet = stocktakes.start_count(clerk, station=station)
    lines = {line.variant_id: line for line in sheet.lines.filter(condition=FULL)}
    stocktakes.save_counts(clerk, stocktake=sheet, counts={lines[sp.variant_id].pk: 9})
    wrong = lines[meru.variant_id].pk
    client.force_login(clerk)

    answer = client.post(at("count_save", sheet.pk), {f"n{wrong}": "x", f"initial-n{wrong}": ""})

    assert "<b>Meru 6 kg</b>" in answer.text
    assert "<b>SP 12 kg</b>" not in answer.text
    assert "1 of 6 counted" in answer.text


def test_a_form_opened_earlier_does_not_wipe_out_what_others_counted(client, clerk, manager, sheet):
    opened_earlier = figures(sheet, empty="4")
    stocktakes.save_counts(manager, stocktake=sheet, counts={line_of(sheet).pk: 9})
    client.force_login(clerk)

    client.post(at("count_save", sheet.pk), opened_earlier)

    assert (line_of(sheet).counted, line_of(sheet, EMPTY).counted) == (9, 4)


def test_finishing_saves_the_sheet_first(client, clerk, sheet):
    client.force_login(clerk)

    answer = client.post(at("count_finish", sheet.pk), figures(sheet, full="9"))

    assert answer.url == at("count", sheet.pk)
    sheet.refresh_from_db()
    assert (sheet.status, line_of(sheet).counted) == ("counted", 9)


def test_an_empty_sheet_is_not_handed_in(client, clerk, sheet):
    client.force_login(clerk)

    answer = client.post(at("count_finish", sheet.pk), figures(sheet))

    assert said(answer) == ["Nothing is counted yet."]


def test_a_line_typed_after_the_end_loads_the_page_anew(client, clerk, counted):
    line = line_of(counted)
    client.force_login(clerk)
    headers = htmx(line) | {
        "Referer": f"http://testserver{at('count', counted.pk)}",
        "HX-Current-URL": f"http://testserver{at('count', counted.pk)}",
    }

    answer = client.post(
        at("count_save", counted.pk),
        {f"n{line.pk}": "7", f"initial-n{line.pk}": "9"},
        headers=headers,
        follow=True,
    )

    assert answer.status_code == 204
    assert answer["HX-Redirect"] == at("count", counted.pk)
    assert line_of(counted).counted == 9


def test_the_sheet_is_searched_and_narrowed(client, clerk, station):
    sp = make_listing(station, make_variant("SP 12 kg", brand=make_brand("SP")))
    make_listing(station, make_variant("Meru 6 kg", brand=make_brand("Meru")))
    sheet = stocktakes.start_count(clerk, station=station)
    done = {line.pk: 1 for line in sheet.lines.filter(variant=sp.variant)}
    stocktakes.save_counts(clerk, stocktake=sheet, counts=done)
    client.force_login(clerk)

    def shown(query):
        page = client.get(at("count", sheet.pk) + query).text
        return [name for name in ("SP 12 kg", "Meru 6 kg") if f"<b>{name}</b>" in page]

    assert shown("?q=meru") == ["Meru 6 kg"]
    assert shown("?q=12+sp") == ["SP 12 kg"]
    assert shown("?show=left") == ["Meru 6 kg"]
    assert shown("?q=nothing") == []


def test_who_counted_stays_blind_until_it_is_decided(client, clerk, manager, station):
    brand = make_brand("SP")
    listing = make_listing(station, make_variant("SP 12 kg", brand=brand), full=7391)
    other = make_listing(station, make_variant("SP 6 kg", brand=brand, size_g=6000), full=5)
    counting_manager = make_member(None, station)
    sheet = stocktakes.start_count(clerk, station=station)
    lines = {x.variant_id: x.pk for x in sheet.lines.filter(condition=FULL)}
    figures = {lines[listing.variant_id]: 7390, lines[other.variant_id]: 5}
    stocktakes.save_counts(counting_manager, stocktake=sheet, counts=figures)
    stocktakes.finish_count(clerk, stocktake=sheet)

    for person, says in ((clerk, "You counted here"), (counting_manager, "You counted here")):
        client.force_login(person)
        page = client.get(at("count", sheet.pk)).text
        assert says in page
        assert "7390" in page
        assert "7391" not in page
        assert "Approve" not in page
        assert page.index("SP 6 kg") < page.index("SP 12 kg")

    client.force_login(manager)
    page = client.get(at("count", sheet.pk)).text
    assert "7391" in page
    assert "Approve" in page


def test_the_review_says_what_differs_and_what_that_is_worth(client, clerk, manager, station):
    gas = make_listing(station, full=10, empty=4, refill_price=20_000)
    bought = make_listing(station, full=10)
    type(gas).objects.filter(pk=bought.pk).update(average_cost=15_000)
    sheet = stocktakes.start_count(clerk, station=station)
    by = {(line.variant_id, line.condition): line.pk for line in sheet.lines.all()}
    figures = {
        by[gas.variant_id, "full"]: 8,
        by[gas.variant_id, "empty"]: 5,
        by[bought.variant_id, "full"]: 9,
        by[bought.variant_id, "empty"]: 0,
    }
    stocktakes.save_counts(clerk, stocktake=sheet, counts=figures)
    stocktakes.finish_count(clerk, stocktake=sheet)
    client.force_login(manager)

    page = client.get(at("count", sheet.pk)).text.replace("\xa0", " ")

    assert "3 differ" in page
    assert "1 as the books say" in page
    assert "2 were not counted" in page
    for value in ("−RWF 40,000", "RWF 30,000", "−RWF 15,000"):
        assert value in page
    for basis in ("at the price", "at cost", "at the deposit"):
        assert basis in page
    assert "RWF 55,000 short, RWF 30,000 over" in page
    assert '<dd class="is-sum">−RWF 25,000</dd>' in page


def test_a_clerk_sees_what_was_decided_but_not_what_it_costs(client, clerk, manager, counted):
    stocktakes.approve_count(manager, stocktake=counted)
    client.force_login(clerk)

    page = client.get(at("count", counted.pk)).text

    assert "9 counted, 10 in the books" in page
    assert "each" not in page


def test_approving_twice_posts_once_and_says_so(client, manager, counted, gas):
    client.force_login(manager)

    assert client.post(at("count_approve", counted.pk)).url == at("count", counted.pk)
    answer = client.post(at("count_approve", counted.pk))

    assert said(answer)[-1] == f"{counted} is already approved."
    gas.full.refresh_from_db()
    assert gas.full.on_hand == 9


def test_ticked_lines_go_back(client, manager, counted):
    client.force_login(manager)
    assert said(client.post(at("count_again", counted.pk), {"line": ["x", "9" * 30]})) == [
        "Nothing is counted yet."
    ]

    client.post(at("count_again", counted.pk), {"line": [line_of(counted).pk]})

    counted.refresh_from_db()
    assert (counted.status, line_of(counted).counted) == ("open", None)


def test_cancelling_needs_a_reason(client, manager, counted):
    client.force_login(manager)
    assert client.get(at("count_cancel", counted.pk)).status_code == 200

    answer = client.post(at("count_cancel", counted.pk), {"reason": " "})
    assert answer.status_code == 422
    assert "Say why" in answer.text
    client.post(at("count_cancel", counted.pk), {"reason": "Wrong yard"})

    counted.refresh_from_db()
    assert counted.status == "cancelled"
    assert "Wrong yard" in client.get(at("count", counted.pk)).text


def test_pages_of_counts_ask_as_often_for_30_as_for_1(client, manager, clerk, gas):
    client.force_login(manager)
    sheet = stocktakes.start_count(clerk, station=gas.station)
    first = cost(client, at("counts")), cost(client, at("count", sheet.pk))
    stocktakes.cancel_count(manager, stocktake=sheet, reason="x")
    for _ in range(30):
        make_listing(gas.station)
    for _ in range(29):
        stocktakes.cancel_count(
            manager, stocktake=stocktakes.start_count(clerk, station=gas.station), reason="x"
        )
    sheet = stocktakes.start_count(clerk, station=gas.station)

    assert (cost(client, at("counts")), cost(client, at("count", sheet.pk))) == first
    assert max(first) <= 8
    stocktakes.save_counts(
        clerk, stocktake=sheet, counts={line.pk: 1 for line in sheet.lines.all()}
    )
    stocktakes.finish_count(clerk, stocktake=sheet)
    assert cost(client, at("count", sheet.pk)) <= 8
