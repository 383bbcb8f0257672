"""A table of opening stock and prices is taken, sent, looked at and confirmed."""

import csv
import io

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from gasstock.catalog.services import retire_variant
from gasstock.core.sheets import read_rows
from gasstock.inventory.models import ImportRun, Listing, Move
from gasstock.inventory.services import imports
from tests.factories import make_listing, make_member, make_station, make_variant
from tests.inventory.importing import HEAD, on_hand, start, table
from tests.queries import cost
from tests.uploads import upload, xlsx

pytestmark = pytest.mark.django_db

NASTY = [
    *(
        "1e5",
        "-1",
        "0",
        "0.5",
        "2147483648",
        "9" * 5000,
        "١٢",
        "NaN",
        "Infinity",
        "1,2,3",
        "12.000",
    ),
    *(
        "=1+1",
        "\u202e",
        "\U0001f468\u200d\U0001f469",
        "e\u0301",
        "{{7*7}}",
        "<svg onload=alert(1)>",
    ),
    *("'; DROP TABLE x; --", "../../etc/passwd", "2026-01-01", "x" * 100_000, '"two\nlines"'),
]


def path(name="imports", *args, slug="kimironko"):
    return reverse(f"stock:{name}", args=[slug, *args])


PAGES = ["imports", "import_template_csv", "import_template_xlsx"]


@pytest.mark.parametrize(
    ("who", "status"),
    [("manager", 200), ("clerk", 403), ("rider", 403), ("admin", 200), (None, 302)],
)
def test_who_may_import(client, request, station, manager, sp, who, status):
    run = start(manager, station, "SP-12,,20400,,,10,,,")
    if who:
        client.force_login(request.getfixturevalue(who))

    assert [client.get(path(name)).status_code for name in PAGES] == [status] * 3
    page = client.get(path("import", run.pk))
    assert page.status_code == (200 if who == "clerk" else status)
    assert (path("import_confirm", run.pk) in page.text) == (status == 200)
    if status != 200:
        acts = [path("import_confirm", run.pk), path("import_discard", run.pk), path("import_add")]
        assert [client.post(act).status_code for act in acts] == [status] * 3
        assert ImportRun.objects.get().confirmed_at is None


def test_the_imports_of_others_are_not_there(client, station, manager, sp):
    run = start(manager, station, "SP-12,CANARY,20400,,,10,,,")
    client.force_login(make_member(None, make_station("other")))

    for slug in ("kimironko", "other"):
        assert client.get(path("import", run.pk, slug=slug)).status_code == 404
        for act in ("import_confirm", "import_discard"):
            assert client.post(path(act, run.pk, slug=slug)).status_code == 404
    assert "stock.csv" not in client.get(path(slug="other")).text
    assert ImportRun.objects.filter(confirmed_at=None).exists()


def test_what_changes_something_is_a_post(client, station, manager, sp):
    run = start(manager, station, "SP-12,,20400,,,10,,,")
    client.force_login(manager)

    for url in (path("import_add"), path("import_confirm", run.pk), path("import_discard", run.pk)):
        assert client.get(url).status_code == 405


def test_a_table_is_sent_looked_at_and_confirmed(client, station, manager, sp):
    client.force_login(manager)
    make_listing(station, make_variant(sku="OLD"), full=10)

    sent = client.post(path("import_add"), {"file": table("SP-12,,20400,,,10,,,", "OLD,,1,,,9,,,")})
    page = client.get(sent.url).text

    assert "Import 2 rows" in page
    assert '<s class="gs-dim">20,000</s> <b>1</b>' in page
    assert "10 in the books, 9 in the file" in page
    assert Listing.objects.count() == 1
    done = client.post(path("import_confirm", ImportRun.objects.get().pk))
    assert done.url == sent.url
    page = client.get(done.url).text
    assert "Import 2 rows" not in page
    assert "Throw it away" not in page
    assert Listing.objects.count() == 2
    assert path("import", ImportRun.objects.get().pk) in client.get(path("moves")).text


def test_a_second_click_is_told_that_it_is_done(client, station, manager, sp):
    run = start(manager, station, "SP-12,,20400,,,10,,,")
    client.force_login(manager)
    client.post(path("import_confirm", run.pk))

    again = client.post(path("import_confirm", run.pk))

    told = [str(message) for message in get_messages(again.wsgi_request)]
    assert "This file is imported already." in told
    assert Move.objects.count() == 1


def test_what_changed_meanwhile_is_shown_before_it_is_done(client, station, manager, sp):
    run = start(manager, station, "SP-12,,20400,,,10,,,")
    make_listing(station, sp, full=3)
    client.force_login(manager)

    answer = client.post(path("import_confirm", run.pk), follow=True)

    assert "Look at it once more" in answer.text
    assert "3 in the books, 10 in the file" in answer.text
    assert client.post(path("import_confirm", run.pk), follow=True).status_code == 200
    assert Listing.objects.get().refill_price == 20_400
    assert on_hand(Listing.objects.get()) == {"full": 3}


def test_a_table_with_a_wrong_row_has_no_button(client, station, manager, sp):
    run = start(manager, station, "SP-12,,20400,,,10,,,", "XX,,1,,,,,,")
    client.force_login(manager)

    page = client.get(path("import", run.pk)).text
    assert "1 row is wrong" in page
    assert path("import_confirm", run.pk) not in page
    client.post(path("import_confirm", run.pk))
    assert not Listing.objects.exists()


def test_a_table_is_thrown_away_unless_it_is_done(client, station, manager, sp):
    done = imports.confirm_import(manager, run=start(manager, station, "SP-12,,20400,,,10,,,"))
    run = start(manager, station, "SP-12,,20400,,,10,,,")
    client.force_login(manager)

    for each in (run, done):
        client.post(path("import_discard", each.pk))

    assert ImportRun.objects.get() == done


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n\x00", "no table"),
        (b"Name,Full\nSP,1", "no column “Code”"),
        (b"Code,Full\nSP-12,1", "no column “Refill price”"),
        (b"Code,Price,Refill price\nSP-12,1,1", "Two columns have the same title"),
        (HEAD.encode(), "has titles, but no rows"),
        (b"x" * 5_300_000, "larger than 5 MB"),
        ((HEAD + "\nA" * 20_001).encode(), "more than 20,000 rows"),
        (xlsx("<row/>", parts={"xl/media/a.png": b" " * 40_000_000}), "unpacks to more"),
    ],
)
def test_nonsense_is_refused_beside_the_field(client, station, manager, content, why):
    client.force_login(manager)

    answer = client.post(path("import_add"), {"file": upload("a.xlsx", content)})

    assert answer.status_code == 422
    assert why in answer.text
    assert 'id="id_file_error"' in answer.text or "invalid-feedback" in answer.text
    assert not ImportRun.objects.exists()


def test_no_file_is_said_beside_the_field(client, station, manager):
    client.force_login(manager)

    answer = client.post(path("import_add"), {"file": "not a file"})

    assert answer.status_code == 422
    assert "This field is required" in answer.text


@pytest.mark.parametrize("column", range(9))
def test_the_pages_survive_anything_in_a_cell(client, station, manager, sp, column):
    client.force_login(manager)

    for value in NASTY:
        row = ["SP-12", "", "20000", *[""] * 6]
        row[column] = value
        content = io.StringIO()
        csv.writer(content).writerows([HEAD.split(","), row])
        sent = client.post(path("import_add"), {"file": upload("a.csv", content.getvalue())})
        assert sent.status_code == 302, value[:40]
        page = client.get(sent.url)
        assert page.status_code == 200
        assert "<svg onload" not in page.text
    assert client.get(path()).status_code == 200
    assert not Listing.objects.exists()


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "\u202egnp.csv", "x" * 300 + ".csv", "<svg onload=alert(1)>.csv"]
)
def test_a_file_may_have_any_name(client, station, manager, sp, name):
    client.force_login(manager)
    file = table("SP-12,,1,,,,,,")
    file._name = name

    sent = client.post(path("import_add"), {"file": file})

    kept = ImportRun.objects.get().file_name
    assert 0 < len(kept) <= 120
    assert kept.isprintable()
    assert "<svg onload" not in client.get(sent.url).text + client.get(path()).text


@pytest.mark.parametrize("name", ["show", "cursor"])
def test_the_preview_survives_anything(client, station, manager, sp, name):
    run = start(manager, station, "SP-12,,20400,,,10,,,")
    client.force_login(manager)

    for value in NASTY:
        query = {name: value[:3000]}
        assert client.get(path("import", run.pk), query).status_code == 200, value[:40]
        assert client.get(path(), query).status_code == 200


def test_a_long_preview_comes_in_pages_and_by_kind(client, station, manager, sp):
    run = start(
        manager, station, *(f"XX-{number},,1,,,,,," for number in range(250)), "SP-12,,1,,,,,,"
    )
    client.force_login(manager)

    pages = [
        client.get(path("import", run.pk), {"cursor": cursor}).text for cursor in ("", 100, 200)
    ]

    assert [page.count("Nothing in the catalogue") for page in pages] == [100, 100, 50]
    assert ["cursor=100" in pages[0], "cursor=300" in pages[2]] == [True, False]
    new = client.get(path("import", run.pk), {"show": "new"}).text
    assert ("SP 12 kg" in new, "Nothing in the catalogue" in new) == (True, False)


def test_the_pages_ask_as_often_for_30_as_for_1(client, station, manager, sp):
    run = start(manager, station, "SP-12,,20400,,,10,,,")
    client.force_login(manager)
    first = [cost(client, path()), cost(client, path("import", run.pk))]
    for _ in range(29):
        run = start(manager, station, *(f"XX-{number},,1,,,,,," for number in range(30)))

    assert [cost(client, path()), cost(client, path("import", run.pk))] == first
    assert max(first) <= 8


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_empty_table_holds_the_catalogue_and_can_be_sent_back(
    client, station, manager, sp, hose, kind
):
    make_listing(station, sp, full=10, refill_price=20_400, reorder_level=5)
    retire_variant(None, variant=make_variant("Gone", sku="GONE"))
    client.force_login(manager)

    file = client.get(path(f"import_template_{kind}")).getvalue()
    rows = [cells for _, cells in read_rows(upload("a", file))]

    assert rows[0] == HEAD.split(",")
    assert sorted(rows[1:]) == [
        ["HOSE", "Hose"],
        ["SP-12", "SP 12 kg", "20400", "22000", "5", "", "", "", "yes"],
    ]
    sent = client.post(path("import_add"), {"file": upload("a", file)}, follow=True)
    assert "there is nothing to import" in sent.text
