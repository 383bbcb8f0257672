from tests.reports.recount import Asked
from tests.reports.tallies import grouped, labelled


def recount(asked: Asked):
    def key(moment: str) -> str:
        return {"day": f"day({moment})", "method": "p.method", "station": "i.station_id"}[
            asked.group
        ]

    def told(sign: str) -> str:
        return f"""
            here(i.station_id)
            AND NOT EXISTS (
                SELECT 1 FROM billing_drawerentry e JOIN billing_shift s ON s.id = e.shift_id
                WHERE e.payment_id = p.id AND s.status = 'open' AND e.amount = {sign}p.amount)
            AND NOT EXISTS (
                SELECT 1 FROM delivery_collectedcash c
                WHERE c.payment_id = p.id AND c.homecoming_id IS NULL)
        """

    query = f"""
        SELECT {key("p.created_at")} AS key, 1 AS count,
               CASE WHEN p.amount > 0 THEN p.amount END AS came,
               CASE WHEN p.amount < 0 THEN -p.amount END AS left_it, p.amount AS net
        FROM billing_payment p JOIN billing_invoice i ON i.id = p.invoice_id
        WHERE p.status IN ('succeeded', 'reversed') AND within(p.created_at) AND {told("")}
        UNION ALL
        SELECT {key("p.reversed_at")}, 0,
               CASE WHEN p.amount < 0 THEN -p.amount END,
               CASE WHEN p.amount > 0 THEN p.amount END, -p.amount
        FROM billing_payment p JOIN billing_invoice i ON i.id = p.invoice_id
        WHERE p.status = 'reversed' AND within(p.reversed_at) AND {told("-")}
    """
    found = grouped(asked, query, "count", "came", "left_it", "net")
    labels = {"cash": "Cash", "bank": "Bank transfer"}
    rows = {
        labels.get(key, key): {
            **{name: row[name] for name in ("count", "came", "net")},
            "left": row["left_it"],
        }
        for key, row in found.items()
    }
    return labelled(asked, rows)
