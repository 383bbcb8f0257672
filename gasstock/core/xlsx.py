"""Reading the first sheet of an XLSX as text, row by row, whatever somebody packed into it.

No tree is ever built: the parts are unpacked in small pieces into an event parser, so memory
does not grow with the file. What the parts unpack to stands in the directory of the zip and is
looked at before; Python unpacks no more of a part than its entry says. Document types, and so
entities, are refused.
"""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO
from xml.parsers import expat

MEGABYTE = 1024 * 1024
MOST_UNPACKED = 30 * MEGABYTE
MOST_STRINGS = 8 * MEGABYTE
MOST_INDEX = MEGABYTE  # each of the parts that say where the sheet is
MOST_ELEMENTS = 1_000_000  # of a part
MOST_CHARACTERS = 40_000  # of a cell; Excel allows 32,767
LAST_ROW = 1_048_576
DEEPEST = 32
PIECE = 64 * 1024
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
WRONG = (
    *(zipfile.BadZipFile, zlib.error, expat.ExpatError),
    *(LookupError, ValueError, RuntimeError, EOFError, OSError),
)


class Broken(Exception):
    """No XLSX, or one that breaks the rules of the format."""


class TooLarge(Exception):
    """More would be unpacked than a table needs."""


def read(file: IO[bytes], *, most_columns: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells of each row of the first sheet. Raises Broken, TooLarge.

    Whatever is to the right of `most_columns` is read as one column more.
    """
    try:
        with zipfile.ZipFile(file) as book:
            _look_over(book.infolist())
            sheet, strings = _find_parts(book)
            texts = _Strings().of(book, strings) if strings else []
            yield from _Sheet(texts, most_columns + 1).rows(book, sheet)
    except WRONG as error:
        raise Broken from error


def _look_over(parts: list[zipfile.ZipInfo]) -> None:
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise TooLarge
    if any(part.compress_type not in METHODS for part in parts):
        raise Broken


def _find_parts(book: zipfile.ZipFile) -> tuple[str, str]:
    """Where the first sheet is, and the texts that its cells name ("" if there are none)."""
    [workbook, *_] = _targets(_relations_of(book, ""), "/officeDocument")
    relations = _relations_of(book, workbook)
    [[first], *_] = _Attributes("sheet", "id").of(book, workbook)
    [sheet, *_] = [target for _, id_, target in relations if id_ == first]
    strings = _targets(relations, "/sharedStrings")
    return sheet, strings[0] if strings else ""


def _targets(relations: list[tuple[str, ...]], kind: str) -> list[str]:
    return [target for type_, _, target in relations if type_.endswith(kind)]


def _relations_of(book: zipfile.ZipFile, part: str) -> list[tuple[str, ...]]:
    """The type, id and place of what a part of the package refers to."""
    folder, name = posixpath.split(part)
    found = _Attributes("Relationship", "Type", "Id", "Target").of(
        book, posixpath.join(folder, "_rels", f"{name}.rels")
    )
    return [
        (type_, id_, posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/"))
        for type_, id_, target in found
    ]


class _Events:
    """The events of one part, with local names: whose prefix is which does not matter here."""

    def __init__(self) -> None:
        self._depth = self._elements = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self.text

    def start(self, name: str, attributes: dict[str, str]) -> None: ...
    def end(self, name: str) -> None: ...
    def text(self, data: str) -> None: ...

    def pieces(self, book: zipfile.ZipFile, part: str, most: int) -> Iterator[None]:
        """Parse the part, stopping after each piece."""
        if book.getinfo(part).file_size > most:
            raise TooLarge
        with book.open(part) as content:
            while piece := content.read(PIECE):
                self._parser.Parse(piece)
                yield
        self._parser.Parse(b"", True)
        yield

    def _refuse(self, *_: object) -> None:
        raise Broken

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > DEEPEST:
            raise Broken
        if self._elements > MOST_ELEMENTS:
            raise TooLarge
        self.start(name.rpartition(" ")[2], attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self.end(name.rpartition(" ")[2])


class _Attributes(_Events):
    """Some attributes of each element of a name."""

    def __init__(self, element: str, *names: str) -> None:
        super().__init__()
        self._element, self._names = element, names
        self._found: list[tuple[str, ...]] = []

    def of(self, book: zipfile.ZipFile, part: str) -> list[tuple[str, ...]]:
        for _ in self.pieces(book, part, MOST_INDEX):
            pass
        return self._found

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == self._element:
            local = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
            self._found.append(tuple(local[wanted] for wanted in self._names))


class _Texts(_Events):
    """Gathers the characters within `<t>` and `<v>`, but not how they are pronounced."""

    def __init__(self) -> None:
        super().__init__()
        self._texts: list[str] = []
        self._length = 0
        self._listens = self._is_hint = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "rPh":
            self._is_hint = True
        self._listens = name in {"t", "v"} and not self._is_hint

    def end(self, name: str) -> None:
        if name == "rPh":
            self._is_hint = False
        self._listens = False

    def text(self, data: str) -> None:
        if self._listens:
            self._length += len(data)
            if self._length > MOST_CHARACTERS:
                raise TooLarge
            self._texts.append(data)

    def taken(self) -> str:
        text = "".join(self._texts)
        self._texts.clear()
        self._length = 0
        return text


class _Strings(_Texts):
    """The texts that cells name by their number."""

    def of(self, book: zipfile.ZipFile, part: str) -> list[str]:
        self._found: list[str] = []
        for _ in self.pieces(book, part, MOST_STRINGS):
            pass
        return self._found

    def end(self, name: str) -> None:
        super().end(name)
        if name == "si":
            self._found.append(self.taken())


class _Sheet(_Texts):
    def __init__(self, strings: list[str], last_column: int) -> None:
        super().__init__()
        self._strings = strings
        self._last_column = last_column
        self._number = self._column = 0
        self._kind = ""
        self._cells: list[str] = []
        self._ready: list[tuple[int, list[str]]] = []

    def rows(self, book: zipfile.ZipFile, part: str) -> Iterator[tuple[int, list[str]]]:
        for _ in self.pieces(book, part, MOST_UNPACKED):
            yield from self._ready
            self._ready.clear()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        super().start(name, attributes)
        if name == "row":
            self._number = int(attributes.get("r", self._number + 1))
            self._column = 0
            if not 0 < self._number <= LAST_ROW:
                raise Broken
        elif name == "c":
            self._column = _column(attributes["r"]) if "r" in attributes else self._column + 1
            self._column = min(self._column, self._last_column)
            self._kind = attributes.get("t", "n")

    def end(self, name: str) -> None:
        super().end(name)
        if name == "c":
            self._put(self._said(self.taken()))
        elif name == "row" and self._cells:
            self._ready.append((self._number, self._cells))
            self._cells = []

    def _said(self, text: str) -> str:
        if self._kind == "s":
            return self._strings[_index(text)] if text else ""
        return _plain(text) if self._kind == "n" else text

    def _put(self, text: str) -> None:
        if text:
            self._cells += [""] * (self._column - 1 - len(self._cells))
            self._cells[self._column - 1 :] = [text]


def _index(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise Broken
    return int(text)


def _column(reference: str) -> int:
    """Return 28 for AB12."""
    match = re.match(r"[A-Z]{1,3}", reference)
    if not match:
        raise Broken
    column = 0
    for letter in match[0]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column


def _plain(text: str) -> str:
    """Write a number as people do: 12000 for 1.2E4, 0.1 for 0.10000000000000001."""
    try:
        number = float(text)
    except ValueError:
        return text
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else f"{number:.15g}"
