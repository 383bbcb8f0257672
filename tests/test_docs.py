"""What the documents say is there, is there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
DOCS = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
READERS = {
    "text",
    "flag",
    "number",
    "choice",
    "words",
    "folder",
    "database",
    "mail",
    "sms",
    "token",
}
KINDS = {".py", ".html", ".md", ".css", ".js", ".svg", ".webp"}


def variables() -> set[str]:
    """The environment variables that settings.py and env.py read."""
    calls = [
        node
        for name in ("settings.py", "env.py")
        for node in ast.walk(ast.parse((ROOT / "gasstock" / name).read_text()))
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)
    ]
    return {
        call.args[0].value
        for call in calls
        if getattr(call.func, "attr", getattr(call.func, "id", "")) in READERS
        and re.fullmatch(r"[A-Z][A-Z_]+", str(call.args[0].value))
    }


def links(text: str) -> Iterator[str]:
    """The relative links and pictures of a page."""
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:|#", target):
            yield target.partition("#")[0]


def outside_code(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


def document(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_variable_is_told_to_operators():
    operations = (ROOT / "docs" / "operations.md").read_text()
    example = (ROOT / ".env.example").read_text()

    assert {"DATABASE_CONN_MAX_AGE", "SECRET_KEY", "PORT"} <= variables()
    assert [name for name in variables() if f"`{name}`" not in operations] == []
    assert [name for name in variables() if f"\n{name}=" not in example] == []


def test_operators_are_told_of_no_variable_that_nothing_reads():
    table = re.findall(r"^\| (`[A-Z_`, ]+`) \|", (ROOT / "docs/operations.md").read_text(), re.M)
    told = {name for row in table for name in re.findall(r"[A-Z_]{3,}", row)}

    assert told - variables() == {"HOST", "WEB_CONCURRENCY"}  # the Procfile reads these


@pytest.mark.parametrize("path", DOCS, ids=document)
def test_links_lead_somewhere(path):
    targets = list(links(outside_code(path.read_text())))

    assert [target for target in targets if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("path", DOCS, ids=document)
def test_files_that_are_named_exist(path):
    """A path is the project's, or an app's: `orders/board.py` is gasstock/orders/board.py."""
    quoted = re.findall(r"`([\w.-]+/[\w./-]+)`", outside_code(path.read_text()))
    named = {name for name in quoted if Path(name).suffix in KINDS}

    places = (ROOT, ROOT / "gasstock")
    assert [name for name in named if not any((at / name).exists() for at in places)] == []


@pytest.mark.parametrize("path", DOCS, ids=document)
def test_names_of_the_code_exist(path):
    """A `function` that a page puts in bold, or calls, is defined somewhere."""
    text = path.read_text()
    named = set(re.findall(r"`([a-z][a-z_]+)\(\)`", text)) | set(
        re.findall(r"\*\*`([a-z_]+)`\*\*", text)
    )
    code = "\n".join(file.read_text() for file in (ROOT / "gasstock").rglob("*.py"))

    assert [name for name in named if f"def {name}(" not in code] == []


def test_the_layers_are_those_the_linter_checks():
    pyproject = (ROOT / "pyproject.toml").read_text()
    layers = re.search(r'^layers = \["demo.*?\]', pyproject, re.M)
    assert layers
    checked = re.findall(r'"([^"]+)"', layers[0])
    page = (ROOT / "docs" / "architecture.md").read_text()
    drawn = re.search(r"^## Layers.*?^```\n(.*?)^```", page, re.DOTALL | re.MULTILINE)

    assert drawn
    assert [re.split(r"\s{2,}", line)[0] for line in drawn[1].splitlines()] == checked
