"""What recounts of several parts are put together from: sums by a key, and the key's name."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from tests.reports.recount import Asked

Found = dict[Any, dict[str, Any]]  # the values of a row's columns, by its key
NAMES = {  # where a key's name stands
    "variant": "catalog_variant",
    "brand": "catalog_brand",
    "station": "accounts_station",
    "supplier": "purchasing_supplier",
    "rider": "accounts_user",
    "cashier": "accounts_user",
    "buyer": "accounts_user",
}


def grouped(asked: Asked, sql: str, *columns: str) -> Found:
    """The rows by their `key`, with the sums of these columns."""
    found: Found = defaultdict(lambda: dict.fromkeys(columns, 0))
    for row in asked.select(sql):
        for name in columns:
            found[row["key"]][name] += row[name] or 0
    return dict(found)


def joined(*parts: Found) -> Found:
    """The parts side by side; what a part does not name of a key is 0."""
    names = {name for part in parts for row in part.values() for name in row}
    found: Found = defaultdict(lambda: dict.fromkeys(names, 0))
    for part in parts:
        for key, row in part.items():
            found[key].update(row)
    return dict(found)


def labelled(asked: Asked, found: Found) -> list[dict[str, Any]]:
    """As rows, without those of nothing but zeros."""
    names = _names(asked)
    return [row | {"label": names(key)} for key, row in found.items() if any(row.values())]


def _names(asked: Asked) -> Any:
    if asked.group == "size":
        return lambda size: f"{size / 1000:g}\u00a0kg" if size else "Other goods"
    table = NAMES.get(asked.group)
    if table is None:
        return lambda key: key
    names = {row["id"]: row["name"] for row in asked.select(f"SELECT id, name FROM {table}")}
    return lambda key: names.get(key, "Without a brand")


def moment_of(value: Any) -> datetime:
    """SQLite keeps moments as texts, in UTC."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
