from tests.reports.recount import Asked
from tests.reports.sql.stock_value import ENDS, KEYS, THINGS
from tests.reports.tallies import grouped, joined, labelled


def recount(asked: Asked):
    places = {
        "full": "l.kind = 'station' AND e.condition = 'full'",
        "empty": "l.kind = 'station' AND e.condition = 'empty'",
        "defect": "l.kind = 'station' AND e.condition = 'defect'",
        "riders": "l.kind = 'rider'",
        "transit": "l.kind = 'transit'",
        "buyers": "l.kind = 'buyer'",
    }
    sums = ", ".join(
        f"SUM(CASE WHEN {rule} THEN e.quantity ELSE 0 END) AS at_{name}"
        for name, rule in places.items()
    )
    where = f"""
        SELECT {KEYS[asked.group]} AS key, {sums}
        FROM ({ENDS}) e {THINGS}
        WHERE v.size_g IS NOT NULL AND here(l.station_id)
        GROUP BY 1
    """
    kept = f"""
        SELECT {KEYS[asked.group].replace("l.", "d.")} AS key, SUM(d.quantity) AS held,
               SUM(d.quantity * d.unit_amount) AS owed
        FROM inventory_depositentry d
        JOIN catalog_variant v ON v.id = d.variant_id
        JOIN catalog_product p ON p.id = v.product_id
        WHERE here(d.station_id)
        GROUP BY 1
    """
    counted = {
        key: {name: row[f"at_{name}"] for name in places} | {"all": sum(row.values())}
        for key, row in grouped(asked, where, *(f"at_{name}" for name in places)).items()
    }
    return labelled(asked, joined(counted, grouped(asked, kept, "held", "owed")))
