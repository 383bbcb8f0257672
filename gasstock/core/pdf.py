"""Papers to send and to keep: a Typst template of `templates/`, filled with plain data."""

import json
from collections.abc import Mapping
from pathlib import Path

import typst
from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import get_language

FONTS = Path(__file__).parent / "fonts"
TEMPLATES = Path(settings.BASE_DIR) / "templates"


def render_pdf(template: str, data: Mapping[str, object]) -> bytes:
    """Return the PDF that `template` (a path below `templates/`) makes of `data`.

    Words and amounts in `data` are strings ready to print; Typst reads them as data, never as
    its own code.
    """
    return typst.compile(
        TEMPLATES / template,
        root=TEMPLATES,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps({"lang": get_language() or "en", **data})},
    )


def pdf_response(content: bytes, name: str) -> HttpResponse:
    """Show the paper in the browser; saved, it is called `name`."""
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)
