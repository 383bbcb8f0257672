"""Proving the sums: every day that is summed up, against the sales and moves themselves."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from gasstock.reports import facts
from gasstock.reports.models import DayMove, DaySale, DayTill, DirtyDay, RolledDay


def differences() -> Iterator[str]:
    """Name every day whose sums are not what was sold or moved on it, but where it is dirty."""
    dirty: dict[date, set[int]] = defaultdict(set)
    for day, station in DirtyDay.objects.values_list("day", "station"):
        dirty[day].add(station)
    for day in RolledDay.objects.order_by("day").values_list("day", flat=True):
        here = [facts.Stretch(day, day)]
        sold, tills = facts.sales_of(here), facts.tills_of(here)
        yield from _sales(day, dirty[day], DaySale, sold, facts.SALE_KEYS, facts.SALE_SUMS)
        yield from _sales(day, dirty[day], DayTill, tills, facts.TILL_KEYS, facts.TILL_SUMS)
        yield from _moves(day)


def _sales(
    day: date,
    dirty: Collection[int],
    model: type[DaySale] | type[DayTill],
    said: Iterable[facts.Row],
    keys: Sequence[str],
    sums: Sequence[str],
) -> Iterator[str]:
    rows = [row for row in said if row["station"] not in dirty]
    kept = model._default_manager.filter(day=day).exclude(station__in=dirty).values(*keys, *sums)
    if _table(kept, keys, sums) != _table(rows, keys, sums):
        yield f"{model._meta.verbose_name} of {day}: not what the orders say"


def _moves(day: date) -> Iterator[str]:
    kept = DayMove.objects.filter(day=day).values(*facts.MOVE_KEYS, "quantity")
    said = facts.moves_of([day])
    if _table(kept, facts.MOVE_KEYS, ["quantity"]) != _table(said, facts.MOVE_KEYS, ["quantity"]):
        yield f"day move of {day}: not what the moves say"


def _table(
    rows: Iterable[facts.Row], keys: Sequence[str], sums: Sequence[str]
) -> Counter[tuple[object, ...]]:
    return Counter((*(row[key] for key in keys), *(row[name] for name in sums)) for row in rows)
