"""Files as people send them."""

import io
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile

TYPES = "[Content_Types].xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
BOOK = f"""<workbook xmlns="{MAIN}" xmlns:r="{LINKS}">
<sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>"""
RELATIONS = f"""<Relationships xmlns="{PACKAGE}">
<Relationship Id="rId1" Type="{LINKS}/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="rId2" Type="{LINKS}/sharedStrings" Target="/xl/sharedStrings.xml"/>
</Relationships>"""
ROOT = f"""<Relationships xmlns="{PACKAGE}">
<Relationship Id="rId1" Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>"""


def upload(name: str, content: bytes | str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def xlsx(rows: str, *, strings: str = "", parts: dict[str, bytes | str] | None = None) -> bytes:
    """A workbook with these `<row>`s, and perhaps `<si>`s; `parts` replace or add files."""
    files: dict[str, bytes | str] = {
        TYPES: "<Types/>",
        "_rels/.rels": ROOT,
        "xl/workbook.xml": BOOK,
        "xl/_rels/workbook.xml.rels": RELATIONS,
        "xl/worksheets/sheet1.xml": (
            f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
        ),
    }
    files["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{strings}</sst>'
    return zipped(files | (parts or {}))


def zipped(files: dict[str, bytes | str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in files.items():
            book.writestr(name, content)
    return buffer.getvalue()
