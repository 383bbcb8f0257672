from gasstock.core import clock
from tests.reports.recount import Asked
from tests.reports.tallies import Found, labelled, moment_of


def recount(asked: Asked):
    key = "i.station_id" if asked.group == "station" else "i.buyer_id"
    query = f"""
        SELECT {key} AS key, i.due_on, i.total - i.credited - i.paid AS owed
        FROM billing_invoice i
        WHERE i.status = 'approved' AND i.total > i.credited + i.paid AND here(i.station_id)
    """
    names = ("not_due", "week", "fortnight", "month", "older")
    found: Found = {}
    for row in asked.select(query):
        into = found.setdefault(row["key"], {"bills": 0, "all": 0} | dict.fromkeys(names, 0))
        due = moment_of(str(row["due_on"])).date()
        late = (clock.today() - due).days
        place = sum(late > most for most in (0, 7, 14, 30))
        into[names[place]] += row["owed"]
        into["all"] += row["owed"]
        into["bills"] += 1
    return labelled(asked, found)
