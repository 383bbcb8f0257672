"""The morning letter of who runs stations: yesterday's figures, what waits, what runs low.

One letter a person and day, over all their stations, at the hour they chose.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from gasstock.accounts.models import Membership, Station, StationStatus, User
from gasstock.accounts.permissions import Role
from gasstock.billing.models import Shift, ShiftStatus
from gasstock.core import clock
from gasstock.core.money import format_money
from gasstock.inventory.models import Stocktake, StocktakeStatus, Transfer
from gasstock.inventory.models.transfers import ON_THE_ROAD
from gasstock.inventory.services.alerts import low_lines
from gasstock.notifications import preferences
from gasstock.notifications.kinds import BY_KEY
from gasstock.notifications.models import Preferences
from gasstock.notifications.services import claim_digest, notify
from gasstock.orders.models import Order, OrderStatus
from gasstock.reports import sums

logger = logging.getLogger(__name__)

TO_APPROVE = ngettext_lazy(
    "%(n)s order waits for a yes or a no.", "%(n)s orders wait for a yes or a no.", "n"
)
TO_SEND = ngettext_lazy(
    "%(n)s order is to be sent or handed over.", "%(n)s orders are to be sent or handed over.", "n"
)
COUNTS = ngettext_lazy(
    "%(n)s count waits to be accepted.", "%(n)s counts wait to be accepted.", "n"
)
DRAWERS = ngettext_lazy(
    "%(n)s drawer waits to be accepted.", "%(n)s drawers wait to be accepted.", "n"
)
COMING = ngettext_lazy(
    "%(n)s transfer is on its way to you.", "%(n)s transfers are on their way to you.", "n"
)
LATE = 3  # hours after which a letter of the morning is none any more


def send_due() -> int:
    """Write the letters that are due and were not written today; return how many."""
    here = localtime(clock.now())
    places = _places()
    wishes = preferences.of([user.pk for user in places])
    sent = 0
    for user, stations in places.items():
        if _is_due(wishes.get(user.pk), here.hour, here.date()):
            try:
                sent += _send(user, stations, here.date())
            except Exception:  # one letter that fails must not keep the others
                logger.exception("the morning letter of user %s was not written", user.pk)
    return sent


def _places() -> dict[User, list[Station]]:
    """Who manages which stations that sell."""
    work = Membership.objects.filter(
        role=Role.MANAGER, user__is_active=True, station__status=StationStatus.APPROVED
    ).select_related("user", "station")
    places: dict[User, list[Station]] = defaultdict(list)
    for membership in work.order_by("user", "station__name"):
        places[membership.user].append(membership.station)
    return places


def _is_due(wishes: Preferences | None, hour: int, day: date) -> bool:
    kept = wishes or Preferences()
    wanted = bool(preferences.ways_of(wishes, BY_KEY["digest"]))
    return wanted and 0 <= hour - kept.digest_hour < LATE and kept.digest_sent_on != day


@transaction.atomic
def _send(user: User, stations: Sequence[Station], day: date) -> bool:
    """Write one person's letter, unless another worker did or there is nothing to say."""
    if not claim_digest(user, day=day):
        return False
    with translation.override(user.language):
        parts = [(station, _lines(station, day - timedelta(days=1))) for station in stations]
        told = [(station, lines) for station, lines in parts if lines]
        if not told:
            return False
        names = ", ".join(station.name for station, _lines_of in told)
        subject = _("Good morning from %(stations)s") % {"stations": names}
        first, lines = told[0]
        notify(
            [user],
            kind="digest.day",
            text=f"{first}: {lines[0]}",
            url=first.get_absolute_url(),
            subject=subject,
            body="\n\n".join(
                "\n".join([str(station), *(f"- {line}" for line in lines)])
                for station, lines in told
            ),
        )
    return True


def _lines(station: Station, yesterday: date) -> list[str]:
    """What there is to say of one station; empty where nothing happened and nothing waits."""
    return [*_sales(station, yesterday), *_waiting(station), *low_lines(station)]


def _sales(station: Station, yesterday: date) -> Iterator[str]:
    """Yesterday beside the day before."""
    sold, before = _taken(station, yesterday), _taken(station, yesterday - timedelta(days=1))
    if sold or before:
        yield _("Sold yesterday: %(sold)s (the day before: %(before)s).") % {
            "sold": format_money(sold),
            "before": format_money(before),
        }


def _taken(station: Station, day: date) -> int:
    """Goods and fees of one day, without deposits."""
    [scope] = sums.looked_up_once(sums.Scope(day, day, station))
    sold = sums.sales(scope).get((), sums.Sale())
    till = sums.tills(scope).get((), sums.Till())
    return sold.goods + till.fees


def _waiting(station: Station) -> Iterator[str]:
    """What waits for somebody at the station."""
    orders = Order.objects.at(station)
    counts = Stocktake.objects.filter(station=station, status=StocktakeStatus.COUNTED)
    yield from _counted(orders.filter(status=OrderStatus.PLACED), TO_APPROVE)
    yield from _counted(orders.filter(status=OrderStatus.APPROVED), TO_SEND)
    yield from _counted(counts, COUNTS)
    yield from _counted(Shift.objects.at(station).filter(status=ShiftStatus.COUNTED), DRAWERS)
    coming = Transfer.objects.filter(destination=station, status__in=ON_THE_ROAD)
    yield from _counted(coming, COMING)


def _counted(rows: QuerySet[Any], text: Any) -> Iterator[str]:
    if count := rows.count():
        yield str(text % {"n": count})
