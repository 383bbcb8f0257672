"""Reading the tables that people upload: CSV as any program writes it, and XLSX.

What is no table, or too much of one, is refused with a sentence for the person, before it costs
memory: the size first, then what an XLSX would unpack to, then rows and columns as they come.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import IO

from django.core.files import File
from django.utils.translation import gettext as _

from gasstock.core import xlsx
from gasstock.core.errors import DomainError

MEGABYTE = 1024 * 1024
MOST_BYTES = 5 * MEGABYTE
MOST_ROWS = 20_000
MOST_COLUMNS = 50
LONGEST_CELL = 2_000  # characters
DELIMITERS = ",;\t"
ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"

Row = tuple[int, list[str]]


class NotASheet(DomainError):
    """The file is no table that we can read; the message says why and what to do."""


def read_rows(file: File) -> Iterator[Row]:
    """Yield the number and the cells of each row that says anything, as text without spaces around.

    Rows count from 1, as spreadsheets number them. Raises NotASheet, at any row.
    """
    if file.size > MOST_BYTES:
        most = MOST_BYTES // MEGABYTE
        raise NotASheet(_("The file is larger than %(most)s MB.") % {"most": most})
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    if start == OLD_EXCEL:
        raise NotASheet(_("This is an old Excel file. Save it as .xlsx or CSV."))
    return _bounded(xlsx.read(file, most_columns=MOST_COLUMNS) if start == ZIP else _read_csv(file))


def _bounded(rows: Iterable[Row]) -> Iterator[Row]:
    count = 0
    try:
        for number, cells in rows:
            while cells and not cells[-1].strip():
                cells.pop()
            if not cells:
                continue
            count += 1
            _check_size(count, len(cells))
            yield number, [cell.strip()[:LONGEST_CELL] for cell in cells]
    except xlsx.Broken as error:
        raise NotASheet(_unreadable()) from error
    except xlsx.TooLarge as error:
        raise NotASheet(_("The file unpacks to more than a table of this kind needs.")) from error
    if not count:
        raise NotASheet(_("The file is empty."))


def _check_size(rows: int, columns: int) -> None:
    if rows > MOST_ROWS:
        most = f"{MOST_ROWS:,}"
        raise NotASheet(_("The file has more than %(most)s rows.") % {"most": most})
    if columns > MOST_COLUMNS:
        raise NotASheet(_("The file has more than %(most)s columns.") % {"most": MOST_COLUMNS})


def _read_csv(file: IO[bytes]) -> Iterator[Row]:
    text = _decoded(file.read())
    delimiter = _delimiter(text)
    if text.count(delimiter) > MOST_ROWS * MOST_COLUMNS:
        _check_size(0, MOST_COLUMNS + 1)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        yield from enumerate(lines, start=1)
    except csv.Error as error:
        raise NotASheet(_unreadable()) from error


def _decoded(data: bytes) -> str:
    """Excel writes UTF-8 with a mark, UTF-16 ("Unicode text"), or the Windows of western Europe."""
    has_mark = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if has_mark else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_text(text):
            return text
    raise NotASheet(_unreadable())


def _is_text(text: str) -> bool:
    """Whether these are words, and not a picture or a page of the web that calls itself a table."""
    is_markup = text.lstrip()[:1] == "<" or text.startswith("%PDF")
    return not is_markup and not any(c in text for c in "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x7f")


def _delimiter(text: str) -> str:
    """Whatever stands most often in the first row that says anything."""
    first = text.lstrip("\r\n").partition("\n")[0]
    return max(DELIMITERS, key=first.count)


def _unreadable() -> str:
    return _("This is no table that can be read. Save it as CSV or Excel (.xlsx).")
