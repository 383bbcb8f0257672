from django.db.models import F

from gasstock.accounts.models import Station
from gasstock.billing.models import NumberSeries
from gasstock.core import clock


def next_number(station: Station, kind: str) -> str:
    """Return the next number of the station's series of this year, e.g. KGP-INV-2026-00055.

    Call it inside the transaction that uses the number: the series stays locked until then,
    so a number that was not used after all is given to the next document. No gaps.
    """
    year = clock.today().year
    series = NumberSeries.objects.filter(station=station, kind=kind, year=year)
    if not series.update(last=F("last") + 1):
        NumberSeries.objects.get_or_create(station=station, kind=kind, year=year)
        series.update(last=F("last") + 1)
    return f"{station.code}-{kind}-{year}-{series.values_list('last', flat=True).get():05d}"
