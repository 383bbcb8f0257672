import re
import zlib

from gasstock.core.pdf import pdf_response, render_pdf

PAPER = {
    "title": "Purchase order",
    "sender": ["Station", "Street"],
    "foot": "Foot",
    "facts": [["Date", "today"]],
    "words": {"to": "To", "deliver_to": "Bring it to", "note": "Note", "sign": "Signed"},
    "to": ["Depot"],
    "deliver_to": ["Station"],
    "heads": ["What", "Quantity", "Empties", "Each", "Amount"],
    "rows": [["SP 12 kg", "1", "–", "1", "1"]],
    "sums": [],
    "total": ["Total", "RWF\xa01"],
    "note": "",
}


def test_a_paper_carries_its_font_and_its_title():
    content = render_pdf("purchasing/order.typ", PAPER)

    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    plain = content + b"".join(zlib.decompressobj().decompress(s) for s in streams if s[:1] == b"x")
    assert content.startswith(b"%PDF-")
    assert b"InterGS-Regular" in plain
    assert b"InterGS-Bold" in plain


def test_what_people_typed_is_no_code():
    note = '#panic("run") #read("/paper.typ") $x$ *b* \\ [ } "'

    assert render_pdf("purchasing/order.typ", PAPER | {"note": note}).startswith(b"%PDF-")


def test_many_lines_go_on_more_pages():
    row = PAPER["rows"][0]
    long = render_pdf("purchasing/order.typ", PAPER | {"rows": [row] * 90})

    assert len(long) > len(render_pdf("purchasing/order.typ", PAPER))


def test_a_paper_is_shown_in_the_browser_under_its_name():
    answer = pdf_response(b"%PDF-", "KGP-PO-2026-00001.pdf")

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'inline; filename="KGP-PO-2026-00001.pdf"'
