from tests.reports.recount import Asked
from tests.reports.sql.sales import GOODS, HANDED_OVER


def recount(asked: Asked):
    order = "pieces DESC, goods DESC" if asked.group == "pieces" else "goods DESC"
    rows = asked.select(f"""
        SELECT v.name AS label, SUM(l.delivered) AS pieces, SUM({GOODS}) AS goods
        FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
        JOIN catalog_variant v ON v.id = l.variant_id
        WHERE {HANDED_OVER} GROUP BY v.name HAVING SUM(l.delivered) > 0 ORDER BY {order}, label""")
    whole = sum(row["goods"] for row in rows)
    for place, row in enumerate(rows, start=1):
        row["place"] = place
        row["share"] = int(1000 * row["goods"] / whole + 0.5)
    return rows
