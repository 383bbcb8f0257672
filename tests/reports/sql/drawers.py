from tests.reports.recount import Asked
from tests.reports.tallies import Found, labelled


def recount(asked: Asked):
    """Each drawer and way of paying for itself."""
    keys = {"cashier": "s.cashier_id", "day": "day(s.counted_at)", "station": "s.station_id"}
    query = f"""
        SELECT {keys[asked.group]} AS key, s.id,
               COALESCE((SELECT SUM(e.amount) FROM billing_drawerentry e
                         WHERE e.shift_id = s.id AND e.method = m.method), 0) AS expected,
               COALESCE((SELECT SUM(c.quantity * COALESCE(c.denomination, 1))
                         FROM billing_shiftcount c
                         WHERE c.shift_id = s.id AND c.method = m.method), 0) AS counted
        FROM billing_shift s CROSS JOIN (SELECT 'cash' AS method UNION SELECT 'bank') m
        WHERE s.status IN ('counted', 'closed') AND within(s.counted_at)
              AND here(s.station_id)
    """
    names = ("count", "off", "expected", "counted", "short", "over", "net")
    found: Found = {}
    seen: dict[int, bool] = {}
    for row in asked.select(query):
        into = found.setdefault(row["key"], dict.fromkeys(names, 0))
        expected, counted = int(row["expected"]), int(row["counted"])
        off = counted - expected
        into["count"] += row["id"] not in seen
        into["off"] += bool(off) and not seen.get(row["id"], False)
        seen[row["id"]] = seen.get(row["id"], False) or bool(off)
        into["expected"] += expected
        into["counted"] += counted
        into["short"] -= min(0, off)
        into["over"] += max(0, off)
        into["net"] += off
    return labelled(asked, found)
