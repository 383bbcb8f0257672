"""The rules of docs/architecture.md that a machine can check."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
TEXT = {".py", ".html", ".txt", ".md", ".toml", ".css", ".js", ".sh", ".yml", ".yaml", ".in", ""}
INLINE = {
    "a script": r"<script(?![^>]*\ssrc=)(?![^>]*type=\"application/(?:json|ld\+json)\")[^>]*>",
    "a style": r"<style[\s>]",
    "a style attribute": r"<[a-z][^<>]*\sstyle\s*=",
    "an on… attribute": r"<[a-z][^<>]*\son[a-z]+\s*=",
    "hx-on": r"\shx-on[:=-]",
    "a javascript: link": r"=\s*[\"']javascript:",
}


def our_views(resolver: URLResolver) -> Iterator:
    for pattern in resolver.url_patterns:
        if not isinstance(pattern, URLPattern):
            yield from our_views(pattern)
        elif pattern.callback.__module__.startswith("gasstock."):
            yield pattern.callback


def project_files() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("only a checkout knows which files are the project's")
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_every_view_says_who_may_enter():
    unmarked = [
        f"{view.__module__}.{view.__qualname__}"
        for view in our_views(get_resolver())
        if not hasattr(view, "access")
    ]

    assert unmarked == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_has_nothing_the_content_security_policy_forbids(path):
    if "emails" in path.parts:
        pytest.skip("a mail is read outside the policy")
    html = re.sub(r"{#.*?#}", "", path.read_text())

    assert [name for name, pattern in INLINE.items() if re.search(pattern, html)] == []


def test_every_swap_target_exists():
    pages = {path: path.read_text() for path in TEMPLATES}
    ids = {name for html in pages.values() for name in re.findall(r'\bid="([\w-]+)"', html)}

    missing = {
        (str(path.relative_to(ROOT)), target)
        for path, html in pages.items()
        for target in re.findall(r'hx-target="#([\w-]+)"', html)
        if target not in ids
    }

    assert missing == set()


def with_includes(html):
    """The template with what it includes in the place of the tag, one level deep."""
    return re.sub(
        r'{% include "([^"]+)"[^%]*%}', lambda tag: get_template(tag[1]).template.source, html
    )


def test_the_outermost_id_of_a_swapped_partial_is_its_name():
    pages = {str(path.relative_to(ROOT)): with_includes(path.read_text()) for path in TEMPLATES}
    nameless = {
        (name, partial)
        for name, html in pages.items()
        for partial in re.findall(r"{% partialdef ([\w-]+)", html)
        if f'hx-target="#{partial}"' in html and f'id="{partial}"' not in html
    }

    assert nameless == set()


def test_files_stay_short():
    ours = [ROOT / "gasstock", ROOT / "tests", ROOT / "tools", ROOT / "templates"]
    long = {
        str(path.relative_to(ROOT)): lines
        for folder in ours
        for path in folder.rglob("*")
        if path.suffix in {".py", ".html"}
        and "migrations" not in path.parts
        and (lines := len(path.read_text().splitlines())) > 400
    }

    assert long == {}


def test_no_file_names_a_place_outside_the_project():
    outside = re.compile("/" + "work/" + r"|\.\./" + "shared" + "|/" + "tmp/plan")
    naming = [
        str(path.relative_to(ROOT))
        for path in project_files()
        if path.suffix in TEXT and outside.search(path.read_text(errors="replace"))
    ]

    assert naming == []
