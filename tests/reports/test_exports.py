"""Every report taken away: a spreadsheet finds numbers, days and texts in it, and no formula."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db.models import Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils.timezone import localtime

from gasstock.accounts.models import Station, User
from gasstock.catalog.models import Brand, Product, Variant
from gasstock.core import clock
from gasstock.core.exports import BOM, STARTS_A_FORMULA
from gasstock.purchasing.models import Supplier
from gasstock.reports.registry import REPORTS
from gasstock.reports.report import Ask, Kind, Report, Table
from gasstock.reports.sums import Scope
from tests.demo.conftest import DAY, _story, told  # noqa: F401

pytestmark = pytest.mark.usefixtures("told")
NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
FIRST_DAY_OF_EXCEL = datetime(1899, 12, 30)
SINCE = DAY - timedelta(days=40)
NUMBER = re.compile(r"-\d+(\.\d+)?\Z")


@pytest.fixture(autouse=True)
def _last_minute() -> Iterator[None]:
    with clock.at(clock.bounds_of(DAY, DAY)[1] - timedelta(minutes=1)):
        yield


@pytest.fixture
def taken(client):
    """`taken("sales", "csv", group="product")`: what an admin downloads of the whole platform."""
    client.force_login(User.objects.get(email="admin@demo.example"))

    def taken(name, suffix, **query):
        query |= {"days": "own", "since": SINCE.isoformat(), "until": DAY.isoformat()}
        answer = client.get(reverse(f"reports:platform_{suffix}", args=[name]), query)
        assert answer.status_code == 200, answer
        return b"".join(answer.streaming_content)

    return taken


def sheet_of(file: bytes) -> list[dict[int, Any]]:
    """The cells of each row by their column, as a spreadsheet takes them; empty ones are not."""
    with zipfile.ZipFile(io.BytesIO(file)) as book:
        assert not [each for each in book.namelist() if re.search(r"vba|external|connection", each)]
        styles, sheet = (
            ElementTree.fromstring(book.read(f"xl/{part}.xml"))  # noqa: S314 we wrote it
            for part in ("styles", "worksheets/sheet1")
        )
    assert not [*sheet.iter(f"{NS}f"), *sheet.iter(f"{NS}hyperlink")]
    formats = {each.get("numFmtId"): each.get("formatCode") for each in styles.iter(f"{NS}numFmt")}
    looks = [formats.get(each.get("numFmtId"), "") for each in styles.find(f"{NS}cellXfs")]
    return [
        {_column(cell): _value(cell, looks) for cell in row.iter(f"{NS}c")}
        for row in sheet.iter(f"{NS}row")
    ]


def _column(cell: ElementTree.Element) -> int:
    letter = cell.get("r", "").rstrip("0123456789")
    assert len(letter) == 1, "more than 26 columns"
    return ord(letter) - ord("A")


def _value(cell: ElementTree.Element, looks: list[str]) -> Any:
    if cell.get("t") == "inlineStr":
        return "".join(cell.itertext())
    assert cell.get("t") in (None, "n"), cell.attrib
    number = float(cell.findtext(f"{NS}v"))
    look = looks[int(cell.get("s", 0))]
    if not look:
        return number
    moment = FIRST_DAY_OF_EXCEL + timedelta(seconds=round(number * 86_400))
    return moment.date() if look == "yyyy-mm-dd" else moment


def rows_of(report: Report, group: str) -> tuple[Table, list[list[Any]]]:
    """What the report says, read without the code that writes files."""
    table = report.read(Ask(Scope(SINCE if report.dated else DAY, DAY), group))
    rows = [[_meant(row[each.name], each.kind) for each in table.columns] for row in table.rows]
    if table.totals:
        totals = [_meant(table.totals.get(each.name), each.kind) for each in table.columns]
        rows.append(["Total", *totals[1:]])
    return table, rows


def _meant(value: Any, kind: Kind) -> Any:
    """Amounts in whole francs, percents and kilograms; moments on the clock of the stations."""
    if value is None or kind == Kind.DAY:
        return value
    if kind == Kind.MOMENT:
        return localtime(value).replace(tzinfo=None, microsecond=0)
    if kind == Kind.TEXT:
        return str(value)
    return Decimal(value) / {Kind.SHARE: 10, Kind.KG: 1000}.get(kind, 1)


def groups_of(name: str) -> list[str]:
    return [each.key for each in REPORTS[name].groups] or [""]


GROUPS = [(name, group) for name in REPORTS for group in groups_of(name)]


@pytest.mark.parametrize(("name", "group"), GROUPS)
def test_an_xlsx_has_numbers_days_and_moments_and_no_formula(taken, name, group):
    table, rows = rows_of(REPORTS[name], group)

    head, *sheet = sheet_of(taken(name, "xlsx", group=group))

    assert len(head) == len(table.columns)
    assert rows
    assert len(sheet) == len(rows)
    for found, meant in zip(sheet, rows, strict=True):
        assert set(found) == {n for n, value in enumerate(meant) if value is not None}
        for n, value in found.items():
            assert type(value) is (float if isinstance(meant[n], Decimal) else type(meant[n]))
            assert value == (pytest.approx(float(meant[n])) if type(value) is float else meant[n])


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_a_csv_says_the_same(taken, name):
    table, rows = rows_of(REPORTS[name], groups_of(name)[0])

    head, *lines = lines_of(taken(name, "csv"))

    assert len(head) == len(table.columns)
    assert len(lines) == len(rows)
    for line, meant in zip(lines, rows, strict=True):
        assert [_read(*each) for each in zip(line, meant, strict=True)] == meant


def lines_of(file: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.decode().removeprefix(BOM))))


def _read(text: str, meant: Any) -> Any:
    """The text as the kind of thing that is meant."""
    match meant:
        case None:
            return text or None
        case Decimal():
            return Decimal(text)
        case datetime() | date():
            return type(meant).fromisoformat(text)
    return text


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_names_that_look_like_formulas_stay_names(taken, name):
    for model in (Brand, Product, Variant, Station, Supplier, User):
        model.objects.update(name=Concat(Value("=1+1+"), "name"))

    files = [taken(name, "csv", group=group) for group in groups_of(name)]

    words = [cell for file in files for line in lines_of(file) for cell in line]
    assert not [
        cell for cell in words if cell.startswith(STARTS_A_FORMULA) and not NUMBER.match(cell)
    ]
    sheet_of(taken(name, "xlsx"))
