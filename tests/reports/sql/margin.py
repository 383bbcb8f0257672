from tests.reports.recount import Asked
from tests.reports.sql.sales import GOODS, HANDED_OVER, LABELS


def recount(asked: Asked):
    if asked.group in ("week", "month", "size"):
        return None  # days and articles added up, and these are counted
    label = LABELS[asked.group]
    rows = asked.select(f"""
        SELECT {label} AS label, SUM(l.delivered) AS pieces, SUM({GOODS}) AS goods,
            SUM(l.delivered * COALESCE(l.unit_cost, 0)) AS cost,
            SUM(CASE WHEN l.unit_cost IS NULL THEN 0 ELSE {GOODS} END) AS costed_goods,
            SUM(CASE WHEN l.unit_cost IS NULL THEN l.delivered ELSE 0 END) AS uncosted
        FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
        JOIN accounts_station t ON t.id = o.station_id
        JOIN catalog_variant v ON v.id = l.variant_id JOIN catalog_product p ON p.id = v.product_id
        LEFT JOIN catalog_brand b ON b.id = p.brand_id
        WHERE {HANDED_OVER} GROUP BY {label} HAVING SUM(l.delivered) > 0""")
    return [row | {"margin": row["costed_goods"] - row["cost"]} for row in rows]
