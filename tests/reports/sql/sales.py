from tests.reports.recount import Asked

HANDED_OVER = (
    "o.status IN ('delivered', 'closed') AND within(o.delivered_at) AND here(o.station_id)"
)
GOODS = """CASE l.kind WHEN 'exchange'
    THEN l.empties * l.unit_price + (l.delivered - l.empties) * l.new_price
    WHEN 'return' THEN 0 ELSE l.delivered * l.unit_price END"""
DEPOSITS = """CASE l.kind WHEN 'exchange' THEN (l.delivered - l.empties) * l.deposit
    WHEN 'new' THEN l.delivered * l.deposit WHEN 'return' THEN -l.refunded ELSE 0 END"""
HANDED_OVER_BY = """COALESCE((SELECT s.cashier_id FROM billing_shift s WHERE s.id = o.shift_id),
    (SELECT e.actor_id FROM orders_orderevent e WHERE e.order_id = o.id AND e.kind = 'delivered'
     ORDER BY e.id DESC LIMIT 1))"""
WHO = (
    f"""COALESCE((SELECT u.name FROM accounts_user u WHERE u.id = {HANDED_OVER_BY}), 'Nobody''s')"""
)
WHERE_SOLD = "CASE o.channel WHEN 'online' THEN 'Storefront' ELSE 'Counter' END"
LABELS = {  # of lines
    "day": "day(o.delivered_at)",
    "variant": "v.name",
    "product": "p.name",
    "brand": "COALESCE(b.name, 'Without a brand')",
    "station": "t.name",
    "channel": WHERE_SOLD,
    "clerk": WHO,
    "kind": "l.kind",
    "size": "v.size_g",
}
KINDS = {
    "exchange": "Refill",
    "new": "New cylinder",
    "accessory": "Accessory",
    "return": "Cylinder given back",
}
OF_ORDERS = {"day", "station", "channel", "clerk"}
# Of whom nothing is told yet, and since when: an open drawer keeps back its station's days.
KEPT_BACK = """NOT EXISTS (SELECT 1 FROM billing_shift s WHERE s.station_id = o.station_id
    AND s.status = 'open' AND day(s.opened_at) <= day(o.delivered_at))"""


def recount(asked: Asked):
    if asked.group in ("week", "month"):
        return None  # days added up, and days are counted
    label = LABELS[asked.group]
    told = KEPT_BACK if asked.group == "clerk" else "1 = 1"
    lines = asked.select(f"""
        SELECT {label} AS label, SUM(l.delivered) AS pieces, SUM({GOODS}) AS goods,
            SUM({DEPOSITS}) AS deposits
        FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
        JOIN accounts_station t ON t.id = o.station_id
        JOIN catalog_variant v ON v.id = l.variant_id JOIN catalog_product p ON p.id = v.product_id
        LEFT JOIN catalog_brand b ON b.id = p.brand_id
        WHERE {HANDED_OVER} AND {told} GROUP BY {label}""")
    bills = _orders(asked, label, told) if asked.group in OF_ORDERS else {}
    return [_row(asked.group, line, bills) for line in lines]


def _orders(asked, label, told):
    rows = asked.select(f"""
        SELECT {label} AS label, COUNT(*) AS orders, SUM(o.delivery_fee) AS fees
        FROM orders_order o JOIN accounts_station t ON t.id = o.station_id
        WHERE {HANDED_OVER} AND {told} GROUP BY {label}""")
    return {row["label"]: row for row in rows}


def _row(group, line, bills):
    bill = bills.get(line["label"], {"orders": 0, "fees": 0})
    charged = line["goods"] + line["deposits"] + bill["fees"]
    label = line["label"]
    if group == "size":
        label = f"{label / 1000:g}\u00a0kg" if label else "Other goods"
    found = {**line, "label": KINDS.get(label, label), "charged": charged}
    return found | {"orders": bill["orders"], "fees": bill["fees"]}
