from gasstock.inventory.models import Condition, Reason
from tests.reports.recount import Asked
from tests.reports.sql.stock_value import KEYS, THINGS
from tests.reports.tallies import joined, labelled

HERE = "('station', 'rider')"
# Each move twice: as it came to a place from another, and (below zero) left it for another.
ENDS = """
    SELECT destination_id AS place, source_id AS other, variant_id, condition, quantity, created_at
    FROM inventory_move
    UNION ALL
    SELECT source_id, destination_id, variant_id, condition, -quantity, created_at
    FROM inventory_move
"""


def recount(asked: Asked):
    return _by_reason(asked) if asked.group == "reason" else _by_stock(asked)


def _by_reason(asked):
    here, there = f"s.kind IN {HERE}", f"d.kind IN {HERE}"
    rows = asked.select(f"""
        SELECT m.reason, m.condition,
               SUM(CASE WHEN NOT {here} AND {there} THEN m.quantity ELSE 0 END) AS came,
               SUM(CASE WHEN {here} AND NOT {there} THEN m.quantity ELSE 0 END) AS left_it,
               SUM(CASE WHEN {here} AND {there} THEN m.quantity ELSE 0 END) AS inside,
               SUM(CASE WHEN NOT {here} AND NOT {there} THEN m.quantity ELSE 0 END) AS elsewhere
        FROM inventory_move m
        JOIN inventory_location s ON s.id = m.source_id
        JOIN inventory_location d ON d.id = m.destination_id
        WHERE within(m.created_at) AND here(m.station_id)
        GROUP BY m.reason, m.condition""")
    return [
        {
            "label": Reason(row["reason"]).label,
            "condition": Condition(row["condition"]).label,
            "came": row["came"],
            "left": row["left_it"],
            "within": row["inside"],
            "elsewhere": row["elsewhere"],
        }
        for row in rows
    ]


def _by_stock(asked):
    """Before the days, and until they are over, by the places' own moves."""
    found = []
    for condition in Condition:
        rows = asked.select(
            f"""
            SELECT {KEYS[asked.group]} AS key,
                   SUM(CASE WHEN day(e.created_at) < %(since)s THEN e.quantity ELSE 0 END)
                       AS opening,
                   SUM(CASE WHEN day(e.created_at) <= %(until)s THEN e.quantity ELSE 0 END)
                       AS closing,
                   SUM(CASE WHEN within(e.created_at) AND e.quantity > 0 AND o.kind NOT IN {HERE}
                       THEN e.quantity ELSE 0 END) AS came,
                   SUM(CASE WHEN within(e.created_at) AND e.quantity < 0 AND o.kind NOT IN {HERE}
                       THEN -e.quantity ELSE 0 END) AS left_it
            FROM ({ENDS}) e {THINGS}
            JOIN inventory_location o ON o.id = e.other
            WHERE l.kind IN {HERE} AND here(l.station_id) AND e.condition = %(condition)s
            GROUP BY 1""",
            condition=condition.value,
        )
        sums = {row.pop("key"): {**row, "left": row.pop("left_it")} for row in rows}
        found += [row | {"condition": condition.label} for row in labelled(asked, joined(sums))]
    return found
