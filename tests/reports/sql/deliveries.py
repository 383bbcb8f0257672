from tests.reports.recount import Asked
from tests.reports.tallies import grouped, joined, labelled


def recount(asked: Asked):
    def key(moment: str, rider: str, station: str) -> str:
        return {"day": f"day({moment})", "rider": rider, "station": station}[asked.group]

    of = ("d.rider_id", "d.station_id")
    sent = f"""
        SELECT {key("d.departed_at", *of)} AS key, 1 AS sent FROM delivery_delivery d
        WHERE within(d.departed_at) AND here(d.station_id)
    """
    done = f"""
        SELECT {key("d.ended_at", *of)} AS key, 1 AS delivered,
               CASE WHEN o.delivered_at <= o.promised_until THEN 1 END AS on_time,
               CASE WHEN o.delivered_at > o.promised_until THEN 1 END AS late
        FROM delivery_delivery d JOIN orders_order o ON o.id = d.order_id
        WHERE d.status = 'delivered' AND within(d.ended_at) AND here(d.station_id)
    """
    failed = f"""
        SELECT {key("a.created_at", "a.rider_id", "d.station_id")} AS key, 1 AS failed
        FROM delivery_attempt a JOIN delivery_delivery d ON d.id = a.delivery_id
        WHERE within(a.created_at) AND here(d.station_id)
    """
    cash = f"""
        SELECT {key("p.created_at", "c.rider_id", "c.station_id")} AS key, p.amount AS cash
        FROM delivery_collectedcash c JOIN billing_payment p ON p.id = c.payment_id
        WHERE c.homecoming_id IS NOT NULL AND within(p.created_at) AND here(c.station_id)
    """
    found = joined(
        grouped(asked, sent, "sent"),
        grouped(asked, done, "delivered", "on_time", "late"),
        grouped(asked, failed, "failed"),
        grouped(asked, cash, "cash"),
    )
    return labelled(asked, found)
