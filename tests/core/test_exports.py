"""What people take away opens in a spreadsheet as what it is: text, number or moment."""

import csv
import io
import re
import tracemalloc
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from gasstock.core import exports
from gasstock.core.exports import TooManyRows, csv_response, xlsx_response
from gasstock.core.sheets import read_rows
from tests.uploads import upload

NOON = datetime(2026, 11, 18, 10, 5, 30, tzinfo=UTC)  # 12:05:30 in Kigali
FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    '=HYPERLINK("http://x.example")',
    "=cmd|' /C calc'!A0",
    "＝1+1",
]


def csv_of(*rows, head=("A",)) -> str:
    return b"".join(csv_response("a.csv", head, rows)).decode()


def cells_of(*rows, head=("A",)) -> list[list[str]]:
    return list(csv.reader(io.StringIO(csv_of(*rows, head=head).removeprefix(exports.BOM))))[1:]


def sheet_of(*rows, head=("A",)) -> tuple[str, bytes]:
    """The XML of the only sheet, and the whole file."""
    file = b"".join(xlsx_response("a.xlsx", head, rows))
    with zipfile.ZipFile(io.BytesIO(file)) as book:
        return book.read("xl/worksheets/sheet1.xml").decode(), file


def test_a_csv_begins_with_a_mark_so_that_excel_reads_the_letters():
    assert csv_of(["Café"], head=("Où",)) == "\ufeffOù\r\nCafé\r\n"


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_never_becomes_a_formula_in_a_csv(text):
    assert cells_of([text]) == [[f"'{text}"]]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_never_becomes_a_formula_in_an_xlsx(text):
    xml, _ = sheet_of([text])

    assert "<f>" not in xml
    assert 't="inlineStr"' in xml


def test_numbers_stay_numbers_and_nothing_stays_empty():
    row = [-7, Decimal("1350.50"), None, "ordinary"]

    assert cells_of(row) == [["-7", "1350.50", "", "ordinary"]]
    xml, file = sheet_of(row)
    assert "<v>-7</v>" in xml
    assert "<v>1350.5</v>" in xml
    assert list(read_rows(upload("a.xlsx", file)))[1] == (2, ["-7", "1350.5", "", "ordinary"])


def test_moments_are_on_the_clock_of_the_stations():
    assert cells_of([NOON, date(2026, 2, 28)]) == [["2026-11-18 12:05:30", "2026-02-28"]]
    xml, _ = sheet_of([NOON, date(2026, 2, 28)])
    moment, day = (float(value) for value in re.findall(r"<v>([\d.]+)</v>", xml)[-2:])
    assert round((moment % 1) * 24 * 60, 1) == 12 * 60 + 5.5
    assert int(moment) == (date(2026, 11, 18) - date(1899, 12, 30)).days
    assert day == (date(2026, 2, 28) - date(1899, 12, 30)).days


def test_what_no_xml_can_hold_is_left_out():
    xml, file = sheet_of(["a\x00b\x0bc\ud800"], ["x" * 40_000])

    assert list(read_rows(upload("a.xlsx", file)))[1] == (2, ["abc"])
    assert "x" * 32_000 in xml


@pytest.mark.parametrize("name", ["a.csv", 'a"b.csv', "été.csv", "a\r\nX-Evil: 1.csv"])
def test_the_name_of_the_file_stays_in_its_header(name):
    header = csv_response(name, ["A"], [])["Content-Disposition"]

    assert header.startswith("attachment; filename")
    assert "\n" not in header


def test_a_csv_is_sent_while_its_rows_are_fetched():
    fetched = []

    def rows():
        for number in range(1_000):
            fetched.append(number)
            yield [number]

    parts = iter(csv_response("a.csv", ["A"], rows()))

    assert next(parts) == b"\xef\xbb\xbfA\r\n"
    assert fetched == []
    next(parts)
    assert len(fetched) == exports.ROWS_A_FLUSH


def test_rows_are_never_all_in_memory():
    rows = ([number, f"A text of row {number}", NOON] for number in range(5_000))
    tracemalloc.start()

    size = sum(len(part) for part in xlsx_response("a.xlsx", ["A", "B", "C"], rows))

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 50_000
    assert peak < 1_500_000


def test_more_rows_than_excel_can_bear_are_refused(monkeypatch):
    monkeypatch.setattr(exports, "MOST_ROWS", 3)

    assert xlsx_response("a.xlsx", ["A"], ([n] for n in range(3))).status_code == 200
    with pytest.raises(TooManyRows, match="more than 3 rows"):
        xlsx_response("a.xlsx", ["A"], ([n] for n in range(4)))
