from tests.reports.recount import Asked
from tests.reports.sql.stock_value import KEYS
from tests.reports.tallies import grouped, labelled


def recount(asked: Asked):
    key = "day(d.created_at)" if asked.group == "day" else KEYS[asked.group].replace("l.", "d.")
    query = f"""
        SELECT {key} AS key,
               CASE WHEN d.quantity > 0 THEN d.quantity END AS taken,
               CASE WHEN d.quantity > 0 THEN d.quantity * d.unit_amount END AS taken_amount,
               CASE WHEN d.quantity < 0 THEN -d.quantity END AS back,
               CASE WHEN d.quantity < 0 THEN -d.quantity * d.unit_amount END AS back_amount,
               d.quantity * d.unit_amount AS net
        FROM inventory_depositentry d
        JOIN catalog_variant v ON v.id = d.variant_id
        JOIN catalog_product p ON p.id = v.product_id
        WHERE within(d.created_at) AND here(d.station_id)
    """
    return labelled(
        asked, grouped(asked, query, "taken", "taken_amount", "back", "back_amount", "net")
    )
