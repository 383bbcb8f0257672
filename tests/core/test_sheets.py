"""Tables as people upload them, and what only looks like one."""

import tracemalloc
from contextlib import suppress

import pytest

from gasstock.core import xlsx as xlsx_format
from gasstock.core.exports import csv_response, xlsx_response
from gasstock.core.sheets import NotASheet, read_rows
from tests.uploads import MAIN, RELATIONS, upload, xlsx, zipped

TEN_TIMES = zip("abcdefgh", "bcdefghi", strict=True)
LAUGHS = "".join(f"<!ENTITY {more} '{f'&{less};' * 10}'>" for less, more in TEN_TIMES)
LAUGHS = f"<!DOCTYPE l [<!ENTITY a 'ha'>{LAUGHS}]>"
ENTITY = "<!DOCTYPE w [<!ENTITY a '7'>]><w><row><c><v>&a;</v></c></row></w>"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


def rows_of(content: bytes | str, name: str = "a.csv") -> list[tuple[int, list[str]]]:
    return list(read_rows(upload(name, content)))


def texts_of(content: bytes | str) -> list[list[str]]:
    return [cells for _, cells in rows_of(content)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_csv_is_read_whoever_wrote_it(delimiter, encoding, end):
    lines = [delimiter.join(["Code", "Où"]), delimiter.join(["SP-12", "Café"])]

    assert texts_of(f"{end.join(lines)}{end}".encode(encoding)) == [
        ["Code", "Où"],
        ["SP-12", "Café"],
    ]


def test_quotes_hold_delimiters_and_lines_together():
    assert texts_of('A,B\n"1,5","two\nlines"\n') == [["A", "B"], ["1,5", "two\nlines"]]


def test_rows_keep_the_numbers_they_have_in_the_spreadsheet():
    assert rows_of("A,B\n\n , \n 1 ,2,,,\n") == [(1, ["A", "B"]), (4, ["1", "2"])]
    sheet = xlsx('<row r="2"><c r="A2"><v>1</v></c></row><row r="9"><c r="B9"><v>2</v></c></row>')
    assert rows_of(sheet) == [(2, ["1"]), (9, ["", "2"])]


def test_an_xlsx_of_our_own_is_read():
    file = b"".join(xlsx_response("a.xlsx", ["Code", "Price"], [["SP-12", 20_400], [None, 0]]))

    assert rows_of(file) == [(1, ["Code", "Price"]), (2, ["SP-12", "20400"]), (3, ["", "0"])]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('<c r="A1" t="s"><v>1</v></c>', "rich text"),
        ('<c r="A1" t="inlineStr"><is><r><t>in</t></r><r><t>line</t></r></is></c>', "inline"),
        ('<c r="A1" t="str"><f>A2&amp;"x"</f><v>made</v></c>', "made"),
        ("<c><v>1.2E4</v></c>", "12000"),
        ("<c><v>0.10000000000000001</v></c>", "0.1"),
        ("<c><v>20400.0</v></c>", "20400"),
        ('<c t="b"><v>1</v></c>', "1"),
        ('<c t="e"><v>#REF!</v></c>', "#REF!"),
        ("<c><v>1e999</v></c>", "inf"),
    ],
)
def test_a_cell_says_what_people_see(cell, text):
    strings = "<si><t>no</t></si><si><r><t>rich </t></r><r><t>text</t></r><rPh><t>x</t></rPh></si>"

    assert texts_of(xlsx(f"<row>{cell}</row>", strings=strings)) == [[text]]


def test_the_first_sheet_is_found_wherever_it_stands():
    parts = {
        "xl/_rels/workbook.xml.rels": RELATIONS.replace("worksheets/sheet1", "../other/s"),
        "other/s.xml": f'<x:w xmlns:x="{MAIN}"><x:row><x:c><x:v>7</x:v></x:c></x:row></x:w>',
    }

    assert texts_of(xlsx("", parts=parts)) == [["7"]]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"\n\n , ,\n", "is empty"),
        (xlsx(""), "is empty"),
        (PNG, "no table"),
        (b"<!doctype html><table><tr><td>1", "no table"),
        (b"%PDF-1.7 1 0 obj", "no table"),
        (b"a,b\x00c", "no table"),
        (b"\x81\x8d\x8f", "no table"),
        (b"\xff\xfea", "no table"),
        (b'a,"' + b"x" * 200_000, "no table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel file"),
        (b"PK\x03\x04 and nothing more", "no table"),
        (zipped({"word/document.xml": "<w/>"}), "no table"),
        (xlsx("<row><c><v>1</v></row>"), "no table"),
        (xlsx('<row><c t="s"><v>5</v></c></row>'), "no table"),
        (xlsx('<row><c t="s"><v>-1</v></c></row>'), "no table"),
        (xlsx('<row r="x"/>'), "no table"),
        (xlsx('<row r="99999999999"/>'), "no table"),
        (xlsx('<row><c r="12"/></row>'), "no table"),
        (xlsx("<a>" * 100 + "</a>" * 100), "no table"),
        (xlsx("", parts={"xl/workbook.xml": "<workbook/>"}), "no table"),
        (xlsx("", parts={"xl/worksheets/sheet1.xml": ENTITY}), "no table"),
        (",".join("x" * 51), "more than 50 columns"),
        (xlsx('<row><c r="XFD1"><v>1</v></c></row>'), "more than 50 columns"),
        ("x\n" * 20_001, "more than 20,000 rows"),
        (b"x" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(content, why):
    with pytest.raises(NotASheet, match=why):
        rows_of(content)


def test_a_sheet_that_is_locked_with_a_password_is_refused():
    file = bytearray(xlsx("<row/>"))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # "encrypted", in every entry
        start = file.find(mark)
        while start >= 0:
            file[start + place] |= 1
            start = file.find(mark, start + 1)

    with pytest.raises(NotASheet):
        rows_of(bytes(file))


def test_a_sheet_that_was_cut_off_is_refused():
    whole = xlsx("<row><c><v>1</v></c></row>" * 500)

    for size in range(0, len(whole), 97):
        with pytest.raises(NotASheet):
            rows_of(whole[:size])


BLANK = b" " * 40_000_000
BOMBS = {
    "a sheet of nothing": xlsx("", parts={"xl/worksheets/sheet1.xml": BLANK}),
    "a picture": xlsx("<row/>", parts={"xl/media/a.png": BLANK}),
    "many texts": xlsx("<row/>", strings="<si><t>ab</t></si>" * 1_400_000),
    "a long text": xlsx(f'<row><c t="inlineStr"><is><t>{"x" * 9_000_000}</t></is></c></row>'),
    "a large index": xlsx("<row/>", parts={"xl/workbook.xml": f"<a>{'<b/>' * 500_000}</a>"}),
    "wide rows": xlsx('<row><c r="XFD1"><v>1</v></c></row>' * 300_000),
    "laughs": xlsx("", parts={"xl/sharedStrings.xml": f"{LAUGHS}<sst>&i;</sst>"}),
    "wide csv": b"x" + b"," * 5_000_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_does_not_go_off(name):
    file = upload("a", BOMBS[name])
    tracemalloc.start()

    with suppress(NotASheet):
        list(read_rows(file))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 60_000_000


def test_endless_elements_are_refused(monkeypatch):
    monkeypatch.setattr(xlsx_format, "MOST_ELEMENTS", 1_000)

    assert texts_of(xlsx("<row/>" * 900 + "<row><c><v>1</v></c></row>")) == [["1"]]
    with pytest.raises(NotASheet, match="unpacks to more"):
        rows_of(xlsx("<row/>" * 1_000))


def test_a_zip_that_lies_about_its_size_is_refused():
    file = bytearray(xlsx("", parts={"xl/worksheets/sheet1.xml": BLANK[:1_000_000]}))
    real = (1_000_000).to_bytes(4, "little")
    assert file.count(real) == 2
    file = file.replace(real, (100).to_bytes(4, "little"))

    with pytest.raises(NotASheet):
        rows_of(bytes(file))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_rows_come_one_by_one(kind):
    rows = [[f"SKU-{number}", number] for number in range(5_000)]
    made = {"csv": csv_response, "xlsx": xlsx_response}[kind]("a", ["A", "B"], rows)
    file = upload("a", b"".join(made))
    tracemalloc.start()

    count = sum(1 for _ in read_rows(file))

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 5_001
    assert peak < 1_000_000, "all of the rows take 1.4 MB"


def test_no_more_rows_are_read_than_are_wanted():
    assert next(read_rows(upload("a.csv", "A\n" * 50_000))) == (1, ["A"])
