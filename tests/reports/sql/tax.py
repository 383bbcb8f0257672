from datetime import date

from tests.reports.recount import Asked
from tests.reports.tallies import grouped, labelled


def recount(asked: Asked):
    def key(moment: str) -> str:
        months = f"substr(CAST(day({moment}) AS TEXT), 1, 7)"
        rate = "i.tax_name || ':' || i.tax_rate"
        return {"month": months, "rate": rate, "station": "i.station_id"}[asked.group]

    query = f"""
        SELECT {key("i.approved_at")} AS key, 1 AS bills, i.tax AS billed, 0 AS notes, 0 AS back,
               i.tax AS net
        FROM billing_invoice i
        WHERE i.status IN ('approved', 'paid') AND within(i.approved_at) AND here(i.station_id)
        UNION ALL
        SELECT {key("n.created_at")}, 0, 0, 1, n.tax, -n.tax
        FROM billing_creditnote n JOIN billing_invoice i ON i.id = n.invoice_id
        WHERE i.status IN ('approved', 'paid') AND within(n.created_at) AND here(i.station_id)
    """
    found = grouped(asked, query, "bills", "billed", "notes", "back", "net")
    return labelled(asked, {_said(asked.group, key): row for key, row in found.items()})


def _said(group: str, key):
    if group == "month":
        return date.fromisoformat(f"{key}-01").strftime("%B %Y")
    if group == "rate":
        name, _, rate = key.rpartition(":")
        return f"{name} {int(rate) / 100:g}\u00a0%" if int(rate) else "No tax"
    return key
