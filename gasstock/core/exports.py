"""Tables to take away, as CSV and as XLSX: streamed, and safe to open in a spreadsheet.

Rows come from an iterator and are never all in memory. A text that a spreadsheet would take for
a formula is kept a text; numbers and moments stay what they are, moments on the clock of the
stations.
"""

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import IO, Any, TypeVar

import xlsxwriter
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from gasstock.core.errors import DomainError

Cell = str | int | Decimal | datetime | date | None

BOM = "\ufeff"  # without it, Excel reads é as Ã©
ROWS_A_FLUSH = 100
MOST_ROWS = 50_000  # of an XLSX, which is made whole before it is sent
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
LONGEST = 32_000  # characters of a cell; Excel knows 32,767
NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NARROWEST = 14  # of a column, in characters

Download = TypeVar("Download", bound=HttpResponseBase)


class TooManyRows(DomainError):
    """More rows than an XLSX is made of."""

    def __init__(self) -> None:
        text = _("That is more than %(most)s rows for Excel. Choose fewer days, or take the CSV.")
        super().__init__(text % {"most": f"{MOST_ROWS:,}"})


def csv_response(
    filename: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> StreamingHttpResponse:
    """Send the rows as they come. Whatever they ask the database is asked while sending."""
    response = StreamingHttpResponse(_csv(head, rows), content_type="text/csv; charset=utf-8")
    return _as_download(response, filename)


def xlsx_response(
    filename: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> FileResponse:
    """Write the rows to a file on disk, and send that. Raises TooManyRows."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 the response closes it
    try:
        _write_xlsx(file, head, rows)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return _as_download(FileResponse(file, content_type=XLSX), filename)


def xlsx_bytes(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The same as a letter takes along. Raises TooManyRows."""
    with tempfile.TemporaryFile() as file:
        _write_xlsx(file, head, rows)
        file.seek(0)
        return file.read()


def _as_download(response: Download, filename: str) -> Download:
    header = content_disposition_header(True, filename)
    response["Content-Disposition"] = header or "attachment"
    return response


def _csv(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    buffer.write(BOM)
    writer.writerow(head)
    pending = iter(rows)
    while written := buffer.getvalue():
        yield written
        buffer.seek(0)
        buffer.truncate()
        writer.writerows([_csv_cell(cell) for cell in row] for row in islice(pending, ROWS_A_FLUSH))


def _csv_cell(cell: Cell) -> str | int | Decimal | date | None:
    if isinstance(cell, datetime):
        return f"{timezone.localtime(cell):%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(STARTS_A_FORMULA) else cell
    return cell


def _write_xlsx(file: IO[bytes], head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        options = {"constant_memory": True, "tmpdir": folder}
        book = xlsxwriter.Workbook(file, options)
        looks = {
            "head": book.add_format({"bold": True}),
            "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "text": book.add_format({"quote_prefix": True}),
        }
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        for column, title in enumerate(head):
            sheet.set_column(column, column, max(NARROWEST, len(title) + 2))
            sheet.write_string(0, column, title, looks["head"])
        for number, row in enumerate(rows, start=1):
            if number > MOST_ROWS:
                raise TooManyRows
            for column, cell in enumerate(row):
                _write_cell(sheet, number, column, cell, looks)
        book.close()


def _write_cell(sheet: Any, row: int, column: int, cell: Cell, looks: dict[str, Any]) -> None:
    if isinstance(cell, datetime):
        moment = timezone.localtime(cell).replace(tzinfo=None)
        sheet.write_datetime(row, column, moment, looks["moment"])
    elif isinstance(cell, date):
        sheet.write_datetime(row, column, cell, looks["day"])
    elif isinstance(cell, str):
        text = NO_XML.sub("", cell)[:LONGEST]
        look = looks["text"] if text.startswith(STARTS_A_FORMULA) else None
        sheet.write_string(row, column, text, look)
    elif cell is not None:
        sheet.write_number(row, column, float(cell))
