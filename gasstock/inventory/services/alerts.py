"""What runs low: how much goes out, who is told when a reorder level is crossed, what to buy."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from django.db import IntegrityError, transaction
from django.db.models import Case, F, IntegerField, Q, Sum, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gasstock.accounts.models import Station, User
from gasstock.accounts.services.stations import managers_of
from gasstock.audit.services import record
from gasstock.core import clock, platform
from gasstock.inventory.models import (
    Condition,
    Listing,
    LocationKind,
    LowStockAlert,
    Move,
    Reason,
)
from gasstock.inventory.services.shelf import Stand, cover_of, with_rest
from gasstock.notifications.services import notify

LISTINGS_AT_ONCE = 500
LOW = "stock.low"  # the kind of the notice

# --- How much goes out ------------------------------------------------------------------------


def refresh_sales() -> int:
    """Count anew what went to buyers in the last weeks; return how many changed."""
    sold = _sold_since()
    changed = []
    for listing in Listing.objects.order_by("pk").only("station", "variant", "sold_lately"):
        now = max(0, sold[listing.station_id, listing.variant_id])
        if listing.sold_lately != now:
            listing.sold_lately = now
            changed.append(listing)
    for start in range(0, len(changed), LISTINGS_AT_ONCE):
        _write_sales(changed[start : start + LISTINGS_AT_ONCE])
    return len(changed)


@transaction.atomic(savepoint=False)
def _write_sales(listings: Sequence[Listing]) -> None:
    """Lock by rising variant, as receipts and imports do, so that none waits in a ring."""
    rows = Listing.objects.filter(pk__in=[listing.pk for listing in listings])
    list(rows.select_for_update(no_key=True).order_by("variant").values_list("pk"))
    Listing.objects.bulk_update(listings, ["sold_lately"])


def _sold_since() -> Counter[tuple[int, int]]:
    """Full ones that buyers took, less those of sales undone, by station and variant."""
    taken = Q(reason__in=(Reason.SALE, Reason.DELIVERY), destination__kind=LocationKind.BUYER)
    undone = Q(reason=Reason.VOID, source__kind=LocationKind.BUYER)
    since = clock.now() - timedelta(days=platform.current().sales_days)
    moves = Move.objects.filter(taken | undone, condition=Condition.FULL, created_at__gte=since)
    signed = Case(
        When(reason=Reason.VOID, then=-F("quantity")),
        default=F("quantity"),
        output_field=IntegerField(),
    )
    rows = moves.values("station", "variant").annotate(sold=Sum(signed)).order_by()
    return Counter({(row["station"], row["variant"]): row["sold"] for row in rows})


# --- Alerts -----------------------------------------------------------------------------------


def check_levels(station: Station | None = None) -> list[LowStockAlert]:
    """Raise an alert for what fell to its reorder level, end those of what was restocked.

    Returns the new ones. Of two checks at once, one raises the alert and tells the managers.
    """
    _resolve(station)
    low = Listing.objects.low()
    if station is not None:
        low = low.at(station)
    silent = low.exclude(alerts__in=LowStockAlert.objects.open())
    ordered = silent.for_cards().order_by("station", "pk")
    raised: list[LowStockAlert] = []
    for place, listings in groupby(ordered, key=lambda listing: listing.station):
        raised += _raise_alerts(place, list(listings))
    return raised


def _resolve(station: Station | None) -> None:
    """End the alerts of what is above its level again, or has no level to fall to any more."""
    restocked = Q(
        listing__full__on_hand__gt=F("listing__full__reserved") + F("listing__reorder_level")
    )
    gone = Q(listing__reorder_level=0) | Q(listing__retired_at__isnull=False)
    alerts = LowStockAlert.objects.open().filter(restocked | gone)
    if station is not None:
        alerts = alerts.at(station)
    alerts.update(resolved_at=clock.now())


@transaction.atomic
def _raise_alerts(station: Station, listings: Iterable[Listing]) -> list[LowStockAlert]:
    raised = [alert for listing in listings if (alert := _raise_alert(listing))]
    if raised:
        _tell(station, [alert.listing for alert in raised])
    return raised


def _raise_alert(listing: Listing) -> LowStockAlert | None:
    """Return the new alert, or None where another check was faster."""
    try:
        with transaction.atomic():
            return LowStockAlert.objects.create(
                listing=listing, level=listing.reorder_level, free=listing.available
            )
    except IntegrityError:
        return None


@transaction.atomic
def dismiss_alert(actor: User | None, *, alert: LowStockAlert) -> None:
    """Take the alert off the list; the next one comes once the listing was restocked and fell."""
    rows = LowStockAlert.objects.shown().filter(pk=alert.pk)
    if rows.update(dismissed_at=clock.now(), dismissed_by=actor):
        record(actor, "alert.dismissed", alert, listing=alert.listing_id)


# --- What to buy ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Suggestion:
    """How many to order, how many empties there are to refill, and how long the free ones last.

    `days` is None where nothing was sold lately.
    """

    quantity: int
    empties: int
    days: int | None


def suggest(listing: Listing, *, stand: Stand | None = None) -> Suggestion:
    """Say how many to order: as many as the station's days of cover take, back above the level.

    ceil(sold_lately × cover_days ÷ days looked at) + reorder_level − free, never below 1. What is
    on order already is not known here. `stand` saves the query for the empties.
    """
    stand = stand or with_rest(listing.station, [listing])[0]
    days = platform.current().sales_days
    needed = -(-listing.sold_lately * listing.station.cover_days // days)
    quantity = max(1, needed + listing.reorder_level - listing.available)
    return Suggestion(quantity, stand.empties, cover_of(listing).days)


# --- Telling ----------------------------------------------------------------------------------


def low_lines(station: Station) -> list[str]:
    """What runs low at the station and how much to order, a line each; for the morning letter."""
    alerts = LowStockAlert.objects.shown().at(station)
    listings = Listing.objects.filter(alerts__in=alerts).for_cards().order_by("pk")
    return [_low_line(stand) for stand in with_rest(station, list(listings))]


def _low_line(stand: Stand) -> str:
    suggestion = suggest(stand.listing, stand=stand)
    return _("%(name)s: %(free)s free, order %(quantity)s (%(empties)s empties here).") % {
        "name": stand.listing.variant,
        "free": stand.free,
        "quantity": suggestion.quantity,
        "empties": suggestion.empties,
    }


def _tell(station: Station, listings: Sequence[Listing]) -> None:
    notify(
        managers_of(station),
        kind=LOW,
        text=_headline(station, listings),
        url=reverse("stock:alerts", args=[station.slug]),
        subject=_("%(station)s is running low") % {"station": station},
        body="\n".join(
            _("%(name)s: %(free)s free, your reorder level is %(level)s.")
            % {"name": each.variant, "free": each.available, "level": each.reorder_level}
            for each in listings
        ),
    )


def _headline(station: Station, listings: Sequence[Listing]) -> str:
    first = listings[0]
    if len(listings) == 1:
        return _("%(name)s runs low at %(station)s: %(free)s left.") % {
            "name": first.variant,
            "station": station,
            "free": first.available,
        }
    more = len(listings) - 1
    return ngettext(
        "%(name)s and %(more)s other run low at %(station)s.",
        "%(name)s and %(more)s others run low at %(station)s.",
        more,
    ) % {"name": first.variant, "more": more, "station": station}
