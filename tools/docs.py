"""`make docs`: write what is generated of docs/. With --check, only say whether it is as it was."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import django

from tools.collection import collection_of

ROOT = Path(__file__).resolve().parent.parent
COLLECTION = ROOT / "docs" / "gasstock.postman_collection.json"


def document() -> dict[str, Any]:
    """The OpenAPI document of the API, as plain JSON."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gasstock.settings")
    django.setup()
    from gasstock.api.main import api  # noqa: PLC0415 the settings come first

    found: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/")))
    return found


def written() -> str:
    return json.dumps(collection_of(document()), indent=1, ensure_ascii=False) + "\n"


def main(words: list[str]) -> int:
    text = written()
    if "--check" in words:
        return 0 if COLLECTION.exists() and COLLECTION.read_text() == text else 1
    COLLECTION.write_text(text)
    print(f"Wrote {COLLECTION.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
