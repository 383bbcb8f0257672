from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from tests.reports.recount import Asked
from tests.reports.tallies import Found, labelled


def recount(asked: Asked):
    key = "r.station_id" if asked.group == "station" else "day(r.created_at)"
    stars = ", ".join(f"CASE WHEN r.stars = {n} THEN 1 END AS of_{n}" for n in range(1, 6))
    query = f"""
        SELECT {key} AS key, 1 AS count, r.stars, {stars},
               CASE WHEN r.reply <> '' THEN 1 END AS answered
        FROM orders_rating r
        WHERE within(r.created_at) AND here(r.station_id)
    """
    names = ("count", "answered", *(f"of_{n}" for n in range(1, 6)))
    found: Found = {}
    for row in asked.select(query):
        key = (
            date.fromisoformat(row["key"]).strftime("%B %Y")
            if asked.group == "month"
            else row["key"]
        )
        into = found.setdefault(key, dict.fromkeys((*names, "stars"), 0))
        for name in (*names, "stars"):
            into[name] += row[name] or 0
    for row in found.values():
        exact = Decimal(row.pop("stars")) / row["count"]
        row["average"] = exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    return labelled(asked, found)
