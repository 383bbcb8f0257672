from tests.reports.recount import Asked
from tests.reports.tallies import grouped, labelled

KEYS = {
    "variant": "v.id",
    "brand": "p.brand_id",
    "size": "v.size_g",
    "station": "l.station_id",
}
# What came to each place, and (below zero) left it.
ENDS = """
    SELECT destination_id AS place, variant_id, condition, quantity, created_at FROM inventory_move
    UNION ALL
    SELECT source_id, variant_id, condition, -quantity, created_at FROM inventory_move
"""
THINGS = """
    JOIN inventory_location l ON l.id = e.place
    JOIN catalog_variant v ON v.id = e.variant_id
    JOIN catalog_product p ON p.id = v.product_id
"""


def recount(asked: Asked):
    query = f"""
        SELECT {KEYS[asked.group]} AS key,
               SUM(CASE WHEN l.kind = 'station' THEN e.quantity ELSE 0 END) AS shelf,
               SUM(CASE WHEN l.kind = 'rider' THEN e.quantity ELSE 0 END) AS riders,
               SUM(CASE WHEN l.kind = 'transit' THEN e.quantity ELSE 0 END) AS transit,
               SUM(e.quantity * COALESCE(v.size_g, 0)) AS gas,
               SUM(e.quantity * COALESCE(li.average_cost, 0)) AS worth,
               SUM(CASE WHEN li.average_cost IS NULL THEN e.quantity ELSE 0 END) AS unknown
        FROM ({ENDS}) e {THINGS}
        LEFT JOIN inventory_listing li ON li.station_id = l.station_id AND li.variant_id = v.id
        WHERE e.condition = 'full' AND l.kind IN ('station', 'rider', 'transit')
              AND here(l.station_id)
        GROUP BY 1
    """
    found = grouped(asked, query, "shelf", "riders", "transit", "gas", "worth", "unknown")
    for row in found.values():
        row["gas"] = row["gas"] or None
    return labelled(asked, found)
