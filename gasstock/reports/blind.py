"""What nobody may be told yet: what passed through a drawer that is not counted (docs/domain.md).

A report by cashier or by way of paying would tell what should be in it. So these leave out, at
each station, the days since its oldest open drawer was opened.
"""

from collections.abc import Mapping
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from gasstock.reports.sums import Scope

Closed = Mapping[int, date]  # station (pk) → the first day that is not told


def uncounted(scope: Scope) -> Closed:
    """The stations with an open drawer, and since which day."""
    drawers = scope.kept.drawers
    return {station: day for station, day in drawers.items() if day <= scope.until}


def note_of(closed: Closed) -> str:
    """The sentence that says what is left out; "" if nothing is."""
    if not closed:
        return ""
    first = date_format(min(closed.values()), "j M Y")
    if len(closed) == 1:
        return _("Without the days from %(day)s: a drawer is open and not counted yet.") % {
            "day": first
        }
    return _(
        "Without the last days of %(count)s stations, from %(day)s at the earliest: "
        "drawers are open and not counted yet."
    ) % {"count": len(closed), "day": first}
