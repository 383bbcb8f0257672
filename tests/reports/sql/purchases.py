from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.reports.recount import Asked
from tests.reports.tallies import Found, grouped, joined, labelled, moment_of


def recount(asked: Asked):
    keys = {
        "supplier": "o.supplier_id",
        "variant": "pl.variant_id",
        "station": "o.station_id",
    }
    ordered = f"""
        SELECT {keys.get(asked.group, "day(o.submitted_at)")} AS key, pl.quantity AS ordered,
               pl.quantity * (pl.unit_cost + pl.unit_shell_cost) AS asked
        FROM purchasing_purchaseline pl JOIN purchasing_purchaseorder o ON o.id = pl.order_id
        WHERE o.number IS NOT NULL AND o.status <> 'cancelled'
              AND within(o.submitted_at) AND here(o.station_id)
    """
    sent = f"""
        SELECT {keys.get(asked.group, "day(o.submitted_at)")} AS key, 1 AS orders
        FROM purchasing_purchaseorder o
        WHERE o.number IS NOT NULL AND o.status <> 'cancelled'
              AND EXISTS (SELECT 1 FROM purchasing_purchaseline x WHERE x.order_id = o.id)
              AND within(o.submitted_at) AND here(o.station_id)
    """
    came = f"""
        SELECT {keys.get(asked.group, "day(r.created_at)")} AS key,
               rl.accepted AS received, rl.rejected,
               rl.accepted * (rl.unit_cost + pl.unit_shell_cost) AS spent
        FROM purchasing_receiptline rl
        JOIN purchasing_receipt r ON r.id = rl.receipt_id
        JOIN purchasing_purchaseline pl ON pl.id = rl.line_id
        JOIN purchasing_purchaseorder o ON o.id = r.order_id
        WHERE within(r.created_at) AND here(o.station_id)
    """
    parts = [
        grouped(asked, ordered, "ordered", "asked"),
        grouped(asked, came, "received", "rejected", "spent"),
    ]
    if asked.group != "variant":
        parts.append(grouped(asked, sent, "orders"))
    found = joined(*parts)
    if asked.group in ("supplier", "station"):
        _add_lead(asked, keys[asked.group], found)
    return labelled(asked, found)


def _add_lead(asked: Asked, key: str, found: Found) -> None:
    ended = f"""
        SELECT {key} AS key, o.submitted_at, o.ended_at FROM purchasing_purchaseorder o
        WHERE o.status = 'received' AND within(o.ended_at) AND here(o.station_id)
    """
    lengths: dict[Any, list[timedelta]] = {}
    for row in asked.select(ended):
        took = moment_of(row["ended_at"]) - moment_of(row["submitted_at"])
        lengths.setdefault(row["key"], []).append(took)
    for pk, row in found.items():
        each = lengths.get(pk)
        row["lead"] = each and _half_up(sum(each, timedelta()), len(each), 86_400, "0.1")


def _half_up(length: timedelta, count: int, unit: int, places: str) -> Decimal:
    exact = Decimal(length // timedelta(microseconds=1)) / count / 1_000_000 / unit
    return exact.quantize(Decimal(places), rounding=ROUND_HALF_UP)
