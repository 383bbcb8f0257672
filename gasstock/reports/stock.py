"""What stands at the stations and with their riders: what it is worth, and how it came to be."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db.models import BigIntegerField, Case, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gasstock.core import clock
from gasstock.core.templatetags.ui import kg
from gasstock.inventory.models import Balance, Condition, Listing, LocationKind, Reason
from gasstock.reports import facts
from gasstock.reports.models import DayMove
from gasstock.reports.reach import at
from gasstock.reports.report import (
    Ask,
    Choice,
    Column,
    Kind,
    Report,
    Row,
    Table,
    add_up,
    bars,
)
from gasstock.reports.sales import BY, NO_BRAND
from gasstock.reports.sums import moves

HERE = (LocationKind.STATION, LocationKind.RIDER)
OWNED = (*HERE, LocationKind.TRANSIT)
NAMES = {  # of a group, in rows that have a variant and a location
    "variant": "variant__name",
    "brand": "variant__product__brand__name",
    "size": "variant__size_g",
    "station": "location__station__name",
}
KEYS = {
    "variant": "variant",
    "brand": "variant__product__brand",
    "size": "variant__size_g",
    "station": "location__station",
}
ARTICLES = tuple(BY[name] for name in ("variant", "brand", "size", "station"))


def label(group: str) -> Column:
    return Column("label", BY[group].title)


def label_of(group: str, called: Any) -> str:
    """What a row's first cell says."""
    if called is None:
        return _("Other goods") if group == "size" else str(NO_BRAND)
    return kg(called) if group == "size" else str(called)


def by_label(group: str, rows: Iterable[Row]) -> list[Row]:
    """In the order of their names, sizes by weight."""
    if group == "size":
        return sorted(rows, key=lambda row: row["called"] or 0)
    return sorted(rows, key=lambda row: (row["label"], row["key"] or 0))


def of_brand(ask: Ask, path: str = "variant__product") -> Q:
    """Match the brand and product that were chosen, if any."""
    chosen = {"brand": f"{path}__brand", "product": path}
    return Q(**{chosen[key]: value for key, value in ask.filters.items() if key in chosen})


# --- What it is worth ---------------------------------------------------------------------------


def value(ask: Ask) -> Table:
    """What full cylinders and accessories cost on average; one query."""
    group = ask.group
    columns = (
        label(group),
        Column("shelf", gettext_lazy("At the station"), Kind.COUNT, total=True),
        Column("riders", gettext_lazy("With riders"), Kind.COUNT, total=True),
        Column("transit", gettext_lazy("On the way"), Kind.COUNT, total=True),
        Column("gas", gettext_lazy("Gas"), Kind.KG, total=True),
        Column("worth", gettext_lazy("Worth"), Kind.MONEY, total=True),
        Column("unknown", gettext_lazy("Without a cost"), Kind.COUNT, total=True),
    )
    rows = [_value_row(group, row) for row in _values(ask)]
    rows.sort(key=lambda row: (-row["worth"], row["label"], row["key"] or 0))
    totals = add_up(columns, rows)
    worth = columns[5]
    valued = [row for row in rows if row["worth"]]
    return Table(columns, rows, totals, bars(valued, "label", worth), _unvalued(totals))


def _values(ask: Ask) -> Any:
    held = Balance.objects.filter(
        at(ask.scope, "location__station"),
        of_brand(ask),
        location__kind__in=OWNED,
        condition=Condition.FULL,
        on_hand__gt=0,
    )
    listing = Listing.objects.filter(
        station=OuterRef("location__station"), variant=OuterRef("variant")
    )
    pieces = Cast("on_hand", BigIntegerField())
    costed = held.annotate(pieces=pieces, unit=Subquery(listing.values("average_cost")[:1]))
    counts: dict[str, Any] = {
        name: Coalesce(Sum("pieces", filter=Q(location__kind=kind)), 0)
        for name, kind in zip(("shelf", "riders", "transit"), OWNED, strict=True)
    }
    return (
        costed.values(key=F(KEYS[ask.group]), called=F(NAMES[ask.group]))
        .annotate(
            gas=Coalesce(
                Sum(F("pieces") * F("variant__size_g")), 0, output_field=BigIntegerField()
            ),
            worth=Coalesce(Sum(F("pieces") * F("unit")), 0, output_field=BigIntegerField()),
            unknown=Coalesce(Sum("pieces", filter=Q(unit=None)), 0),
            **counts,
        )
        .order_by()
    )


def _value_row(group: str, row: Row) -> Row:
    return {**row, "label": label_of(group, row["called"]), "gas": row["gas"] or None}


def _unvalued(totals: Row | None) -> str:
    pieces = totals["unknown"] if totals else 0
    if not pieces:
        return ""
    return ngettext(
        "%(count)s piece is worth nothing here: it was never received at a cost.",
        "%(count)s pieces are worth nothing here: they were never received at a cost.",
        pieces,
    ) % {"count": f"{pieces:,}"}


# --- How it moved -------------------------------------------------------------------------------

IN = Column("came", gettext_lazy("In"), Kind.COUNT, total=True)
OUT = Column("left", gettext_lazy("Out"), Kind.COUNT, total=True)
CONDITION = Column("condition", gettext_lazy("Condition"))


def movements(ask: Ask) -> Table:
    """What came to shelf and riders, and what left them; by why, or by what with the stock."""
    return _by_reason(ask) if ask.group == "reason" else _by_stock(ask)


def _by_reason(ask: Ask) -> Table:
    columns = (
        Column("label", gettext_lazy("Reason")),
        CONDITION,
        IN,
        OUT,
        Column("within", gettext_lazy("Between shelf and riders"), Kind.COUNT, total=True),
        Column("elsewhere", gettext_lazy("Elsewhere"), Kind.COUNT, total=True),
    )
    found: dict[tuple[str, str], Row] = {}
    sums = moves(ask.scope, "reason", "condition", "source", "destination")
    for (reason, condition, source, destination), quantity in sums.items():
        row = found.setdefault((reason, condition), _reason_row(reason, condition))
        row[_way(source, destination)] += quantity
    order = {reason: place for place, reason in enumerate(Reason.values)}
    rows = [found[key] for key in sorted(found, key=lambda key: (order[key[0]], key[1]))]
    return Table(columns, rows, add_up(columns, rows), _reason_bars(rows))


def _reason_row(reason: str, condition: str) -> Row:
    row: Row = dict.fromkeys(("came", "left", "within", "elsewhere"), 0)
    named = {"label": str(Reason(reason).label), "condition": str(Condition(condition).label)}
    return row | named | {"key": (reason, condition)}


def _way(source: str, destination: str) -> str:
    """The column of a move, by the kinds of places it went from and to."""
    ways = {
        (False, True): "came",
        (True, False): "left",
        (True, True): "within",
        (False, False): "elsewhere",
    }
    return ways[source in HERE, destination in HERE]


def _reason_bars(rows: list[Row]) -> Any:
    moved = [row for row in rows if row["came"] or row["left"]]
    drawn = [{**row, "label": f"{row['label']}, {row['condition'].lower()}"} for row in moved]
    drawn.sort(key=lambda row: -(row["came"] + row["left"]))
    return bars(drawn, "label", IN, OUT)


def _by_stock(ask: Ask) -> Table:
    columns = (
        label(ask.group),
        CONDITION,
        Column("opening", gettext_lazy("At the start"), Kind.COUNT, total=True),
        IN,
        OUT,
        Column("closing", gettext_lazy("At the end"), Kind.COUNT, total=True),
    )
    rows = [_close(row) for row in _stock_rows(ask)]
    rows = [row for row in rows if any(row[column.name] for column in columns[2:])]
    order = {condition: place for place, condition in enumerate(Condition.values)}
    rows.sort(key=lambda row: (row["label"], row["key"][0], order[row["key"][1]]))
    full = [row for row in rows if row["key"][1] == Condition.FULL]
    full.sort(key=lambda row: -(row["came"] + row["left"]))
    return Table(columns, rows, add_up(columns, rows), bars(full, "label", IN, OUT))


def _stock_rows(ask: Ask) -> Iterable[Row]:
    """What is here now, with what came and left in the days asked for, and since."""
    found: dict[tuple[int, str], Row] = {}
    held = Balance.objects.filter(at(ask.scope, "location__station"), location__kind__in=HERE)
    for row in (
        held.values("condition", key=F(KEYS[ask.group]), called=F(NAMES[ask.group]))
        .annotate(now=Sum(Cast("on_hand", BigIntegerField())))
        .order_by()
    ):
        key = (row["key"], row["condition"])
        named = {"label": label_of(ask.group, row["called"]), "key": key, "now": row["now"]}
        zeros = dict.fromkeys(("came", "left", "came_since", "left_since"), 0)
        condition = str(Condition(row["condition"]).label)
        found[key] = {**named, "condition": condition, **zeros}
    for (thing, condition, way, is_since), quantity in _moved(ask).items():
        if (thing, condition) in found:
            found[thing, condition][f"{way}_since" if is_since else way] += quantity
    return found.values()


def _close(row: Row) -> Row:
    """Go back from now to the end of the days, and from there to their start."""
    closing = row["now"] - row["came_since"] + row["left_since"]
    return {**row, "closing": closing, "opening": closing - row["came"] + row["left"]}


def _moved(ask: Ask) -> dict[tuple[int, str, str, bool], int]:
    """What came and left until today, by key, condition, way, and whether after the days."""
    scope = replace(ask.scope, until=max(ask.scope.until, clock.today()))
    known = scope.kept
    open_days, summed_up = known.open_days(scope.span), known.summed_up(scope.span)
    live = facts.moves_of(open_days, scope.station.pk if scope.station else None)
    kept = DayMove.objects.filter(at(scope), day__range=scope.span, day__in=summed_up)
    is_since = Case(When(day__gt=ask.scope.until, then=Value(True)), default=Value(False))
    keys = (ask.group, "condition", "source", "destination", "is_since")
    sums = kept.annotate(is_since=is_since).values(*keys).annotate(quantity=Sum("quantity"))
    rows: list[Row] = list(sums.order_by())
    rows += [{**row, "is_since": row["day"] > ask.scope.until} for row in live]
    found: dict[tuple[int, str, str, bool], int] = defaultdict(int)
    for row in rows:
        way = _way(row["source"], row["destination"])
        if way in ("came", "left"):
            found[row[ask.group], row["condition"], way, row["is_since"]] += row["quantity"]
    return found


REPORTS = [
    Report(
        "stock-value",
        gettext_lazy("Stock value"),
        gettext_lazy("What the full cylinders and accessories you have now cost you, on average."),
        value,
        section="Stock",
        groups=ARTICLES,
        filters=("brand", "product"),
        dated=False,
    ),
    Report(
        "stock-movements",
        gettext_lazy("Stock movements"),
        gettext_lazy(
            "What came to the station and its riders and what left them, and what was there "
            "before and after."
        ),
        movements,
        section="Stock",
        groups=(Choice("reason", gettext_lazy("Reason")), BY["variant"], BY["station"]),
    ),
]
