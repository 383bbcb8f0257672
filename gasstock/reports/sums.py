"""The sums that reports and cards show: of days that are summed up, and live for the rest.

`Scope` says which stations and days. Money in minor units.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db.models import Case, F, IntegerField, Model, Q, QuerySet, Sum, Value, When

from gasstock.accounts.models import Station
from gasstock.catalog.models import Variant
from gasstock.reports import facts
from gasstock.reports.kept import Kept, Span
from gasstock.reports.models import DayMove, DaySale, DayTill

Key = tuple[Any, ...]
Sums = dict[Key, dict[str, int]]
# What the days may be grouped by besides their own columns.
OF_VARIANT = {"product": "variant__product", "brand": "variant__product__brand"}


@dataclass(frozen=True)
class Scope:
    """Days from `since` to `until`, both included, of one station or (None) of all.

    `looked_up` is what is known of them and maybe of other days; without it, each reader asks.
    """

    since: date
    until: date
    station: Station | None = None
    filters: dict[str, Any] = field(default_factory=dict)
    looked_up: Kept | None = field(default=None, compare=False, repr=False)

    @property
    def span(self) -> Span:
        return self.since, self.until

    @property
    def kept(self) -> Kept:
        known = self.looked_up
        is_mine = known and known.station == self.station and self.span in known.spans
        return known if known and is_mine else Kept(self.station, [self.span])


def looked_up_once(*scopes: Scope) -> list[Scope]:
    """The scopes, of one station and with no day in common: what is read of one is read of all."""
    kept = Kept(scopes[0].station, [each.span for each in scopes])
    return [replace(each, looked_up=kept) for each in scopes]


@dataclass
class Sale:
    """What was sold: see DaySale."""

    quantity: int = 0
    empties: int = 0
    goods: int = 0
    deposits: int = 0
    cost: int = 0
    costed: int = 0
    costed_goods: int = 0

    @property
    def margin(self) -> int:
        """What is left of the goods whose average cost is known, after that cost."""
        return self.costed_goods - self.cost


@dataclass
class Till:
    """How many orders were handed over, and the fees for bringing them."""

    orders: int = 0
    fees: int = 0


def sales(scope: Scope, *by: str) -> dict[Key, Sale]:
    """What was sold, by any of SALE_KEYS, "product" and "brand"; at most four queries."""
    found = _sums(scope, by, DaySale, facts.sales_of, facts.SALE_SUMS)
    return {key: Sale(**sums) for key, sums in found.items()}


def tills(scope: Scope, *by: str) -> dict[Key, Till]:
    """How many orders, by any of TILL_KEYS; at most three queries."""
    found = _sums(scope, by, DayTill, facts.tills_of, facts.TILL_SUMS)
    return {key: Till(**sums) for key, sums in found.items()}


def moves(scope: Scope, *by: str) -> dict[Key, int]:
    """How much was moved, by any of MOVE_KEYS; at most three queries."""
    kept, span = scope.kept, scope.span
    station = scope.station.pk if scope.station else None
    live = facts.moves_of(kept.open_days(span), station)
    rows = _at(DayMove, scope).filter(day__range=span, day__in=kept.summed_up(span))
    found = _grouped(rows, live, [span], scope.filters, by, ("quantity",))[span]
    return {key: sums["quantity"] for key, sums in found.items()}


# --- How --------------------------------------------------------------------------------------


def _sums(
    scope: Scope,
    by: Sequence[str],
    model: type[Model],
    read: Callable[[Sequence[facts.Stretch]], list[facts.Row]],
    sums: Sequence[str],
) -> Sums:
    """Read the scope along with the others that were looked up with it."""
    kept = scope.kept

    def read_all() -> dict[Span, Sums]:
        live = kept.once(model, lambda: read(kept.live))
        rows = _clean(_at(model, scope), kept)
        return _grouped(rows, live, kept.spans, scope.filters, by, sums)

    asked = (model, by, tuple(sorted(scope.filters.items())))
    return kept.once(asked, read_all)[scope.span]


def _at(model: type[Model], scope: Scope) -> QuerySet[Any]:
    rows = model._default_manager.filter(**scope.filters)
    return rows.filter(station=scope.station) if scope.station else rows


def _clean(rows: QuerySet[Any], kept: Kept) -> QuerySet[Any]:
    asked = Q()
    for span in kept.spans:
        asked |= Q(day__range=span)
    live = Q()
    for first, last, stations in kept.live:
        here = Q() if stations is None else Q(station__in=stations)
        live |= Q(here, day__range=(first, last))
    return rows.filter(asked).exclude(live) if live else rows.filter(asked)


def _grouped(
    rows: QuerySet[Any],
    live: Iterable[facts.Row],
    spans: Sequence[Span],
    filters: Mapping[str, Any],
    by: Sequence[str],
    sums: Sequence[str],
) -> dict[Span, Sums]:
    """Add both up by the keys, for each span. What only a variant says, the catalogue is asked."""
    live = [row for row in live if all(row[key] == value for key, value in filters.items())]
    zeros = dict.fromkeys(sums, 0)
    found: list[Sums] = [defaultdict(zeros.copy, {} if by else {(): {**zeros}}) for _ in spans]
    paths = {key: F(OF_VARIANT[key]) for key in by if key in OF_VARIANT}
    names = [f"of_{key}" if key in paths else key for key in by]
    whens = [When(day__range=span, then=Value(n)) for n, span in enumerate(spans)]
    which = Case(*whens, output_field=IntegerField())
    kept = rows.annotate(which=which, **{f"of_{key}": path for key, path in paths.items()})
    totals = {f"sum_{name}": Sum(name) for name in sums}
    for row in kept.values("which", *names).annotate(**totals).order_by():
        _add(found[row["which"]][tuple(row[name] for name in names)], row, sums, "sum_")
    of = _variants(live, paths)
    for row in live:
        key = tuple(of[row["variant"]][name] if name in paths else row[name] for name in by)
        for (first, last), into in zip(spans, found, strict=True):
            if first <= row["day"] <= last:
                _add(into[key], row, sums)
    return dict(zip(spans, found, strict=True))


def _variants(live: Iterable[facts.Row], keys: Collection[str]) -> dict[int, dict[str, Any]]:
    if not keys or not live:
        return {}
    rows = Variant.objects.filter(pk__in={row["variant"] for row in live})
    names = {"product": "product", "brand": "product__brand"}
    return {
        row["pk"]: {key: row[names[key]] for key in keys}
        for row in rows.values("pk", *(names[key] for key in keys))
    }


def _add(into: dict[str, int], row: facts.Row, sums: Iterable[str], prefix: str = "") -> None:
    for name in sums:
        into[name] += row[f"{prefix}{name}"] or 0
