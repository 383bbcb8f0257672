from tests.reports.recount import Asked
from tests.reports.sql.sales import DEPOSITS, GOODS, HANDED_OVER


def recount(asked: Asked):
    sold = asked.select(f"""
        SELECT o.number AS number, SUM(l.delivered) AS pieces, i.buyer_name AS party,
            SUM({GOODS}) + SUM({DEPOSITS}) + o.delivery_fee AS sold, NULL AS bought
        FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id
        JOIN billing_invoice i ON i.id = o.invoice_id
        WHERE {HANDED_OVER} GROUP BY o.number, o.delivery_fee, i.buyer_name""")
    bought = asked.select("""
        SELECT r.number AS number, SUM(l.accepted) AS pieces, s.name AS party, NULL AS sold,
            SUM(l.accepted * (l.unit_cost + w.unit_shell_cost)) AS bought
        FROM purchasing_receipt r JOIN purchasing_receiptline l ON l.receipt_id = r.id
        JOIN purchasing_purchaseline w ON w.id = l.line_id
        JOIN purchasing_purchaseorder o ON o.id = r.order_id
        JOIN purchasing_supplier s ON s.id = o.supplier_id
        WHERE within(r.created_at) AND here(o.station_id) GROUP BY r.number, s.name""")
    return [
        *(sold if asked.group != "purchases" else []),
        *(bought if asked.group != "sales" else []),
    ]
