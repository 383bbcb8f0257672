"""What was sold: by day, thing, place and person; what was sold best, and what is left of it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gasstock.accounts.models import Station, User
from gasstock.catalog.models import Variant
from gasstock.core.templatetags.ui import kg
from gasstock.orders.models import Channel, LineKind
from gasstock.reports import sums
from gasstock.reports.blind import Closed, note_of, uncounted
from gasstock.reports.report import (
    Ask,
    Chart,
    Choice,
    Column,
    Kind,
    Report,
    Row,
    Table,
    add_up,
    bars,
    day_line,
    share,
)
from gasstock.reports.sums import Sale, Till

NO_BRAND = gettext_lazy("Without a brand")
NOBODY = gettext_lazy("Nobody's")
KINDS = dict(LineKind.choices)
CHANNELS = dict(Channel.choices)

# What the sums are read by for each grouping.
BASE = {
    **dict.fromkeys(("day", "week", "month"), "day"),
    **dict.fromkeys(("variant", "product", "brand", "size"), "variant"),
    **{name: name for name in ("station", "channel", "clerk", "kind")},
}
OF_ORDERS = {"day", "week", "month", "station", "channel", "clerk"}  # that orders have too
OF_TIME = {"day", "week", "month"}

PIECES = Column("pieces", gettext_lazy("Pieces"), Kind.COUNT, total=True)
ORDERS = Column("orders", gettext_lazy("Orders"), Kind.COUNT, total=True)
GOODS = Column("goods", gettext_lazy("Gas and goods"), Kind.MONEY, total=True)
DEPOSITS = Column("deposits", gettext_lazy("Deposits"), Kind.MONEY, total=True)
FEES = Column("fees", gettext_lazy("Delivery"), Kind.MONEY, total=True)
CHARGED = Column("charged", gettext_lazy("Charged"), Kind.MONEY, total=True)
COST = Column("cost", gettext_lazy("Cost"), Kind.MONEY, total=True)
MARGIN = Column("margin", gettext_lazy("Margin"), Kind.MONEY, total=True)
UNCOSTED = Column("uncosted", gettext_lazy("Pieces without a cost"), Kind.COUNT, total=True)

BY = {
    "day": Choice("day", gettext_lazy("Day")),
    "week": Choice("week", gettext_lazy("Week")),
    "month": Choice("month", gettext_lazy("Month")),
    "variant": Choice("variant", gettext_lazy("Article")),
    "product": Choice("product", gettext_lazy("Product")),
    "brand": Choice("brand", gettext_lazy("Brand")),
    "size": Choice("size", gettext_lazy("Size")),
    "station": Choice("station", gettext_lazy("Station")),
    "channel": Choice("channel", gettext_lazy("Where it was sold")),
    "clerk": Choice("clerk", gettext_lazy("Who handed it over")),
    "kind": Choice("kind", gettext_lazy("Kind of sale")),
}


# --- Reading the sums -----------------------------------------------------------------------------


@dataclass
class Sold:
    """The sums by what is grouped; `closed` says what of them is not told yet."""

    sales: dict[Any, Sale]
    tills: dict[Any, Till] | None
    variants: Mapping[int, Variant] = field(default_factory=dict)
    closed: Closed = field(default_factory=dict)


def _sold(ask: Ask, group: str, *, with_orders: bool = False) -> Sold:
    """At most seven queries: four for lines, two for orders, one for articles."""
    base = BASE[group]
    is_blind = group == "clerk" or "clerk" in ask.filters
    of_articles = {"brand", "product"} & set(ask.filters)
    more = [*(["variant"] if of_articles else []), *(["station", "day"] if is_blind else [])]
    keys = tuple(dict.fromkeys([base, *more]))
    asked = {name: ask.filters[name] for name in ("channel", "clerk") if name in ask.filters}
    scope = replace(ask.scope, filters=asked)
    lines = [dict(zip(keys, key, strict=True)) | {"sums": each}
             for key, each in sums.sales(scope, *keys).items()]  # fmt: skip
    variants = _variants({line["variant"] for line in lines}) if "variant" in keys else {}
    closed = uncounted(ask.scope) if is_blind else {}
    told = [line for line in lines if _is_told(line, closed) and _fits(line, ask, variants)]
    tills = None
    if with_orders and group in OF_ORDERS and not of_articles:
        till_keys = tuple(key for key in keys if key != "variant")
        rows = [dict(zip(till_keys, key, strict=True)) | {"sums": each}
                for key, each in sums.tills(scope, *till_keys).items()]  # fmt: skip
        tills = _grouped(group, [row for row in rows if _is_told(row, closed)], variants, Till)
    return Sold(_grouped(group, told, variants, Sale), tills, variants, closed)


def _variants(keys: Iterable[int]) -> dict[int, Variant]:
    return Variant.objects.with_names().in_bulk(list(keys))


def _is_told(line: Row, closed: Closed) -> bool:
    return not closed or line["day"] < closed.get(line["station"], date.max)


def _fits(line: Row, ask: Ask, variants: Mapping[int, Variant]) -> bool:
    brand, product = ask.filters.get("brand"), ask.filters.get("product")
    if brand is None and product is None:
        return True
    of = variants[line["variant"]].product
    return (brand is None or of.brand_id == brand) and (product is None or of.pk == product)


def _grouped(
    group: str, lines: Iterable[Row], variants: Mapping[int, Variant], kind: Callable[[], Any]
) -> dict[Any, Any]:
    found: dict[Any, Any] = defaultdict(kind)
    for line in lines:
        into = found[_key(group, line[BASE[group]], variants)]
        for name, value in vars(line["sums"]).items():
            setattr(into, name, getattr(into, name) + value)
    return dict(found)


def _key(group: str, value: Any, variants: Mapping[int, Variant]) -> Any:
    """What the row stands for: a day, or the key (pk) or value of what is grouped by."""
    if group == "week":
        return value - timedelta(days=value.weekday())
    if group == "month":
        return value.replace(day=1)
    if BASE[group] != "variant" or group == "variant":
        return value
    variant = variants[value]
    if group == "size":
        return variant.size_g
    return variant.product_id if group == "product" else variant.product.brand_id


# --- Naming the rows ------------------------------------------------------------------------------


def _names(ask: Ask, keys: Iterable[Any], variants: Mapping[int, Variant]) -> dict[Any, Any]:
    """What the first cell of each row says; one query at most."""
    keys, group = list(keys), ask.group
    if ask.is_brief:
        return {key: key for key in keys}
    if group in OF_TIME:
        return {key: date_format(key, "F Y") if group == "month" else key for key in keys}
    if group == "station":
        return {key: str(each) for key, each in Station.objects.in_bulk(keys).items()}
    if group == "clerk":
        people = User.objects.in_bulk([key for key in keys if key is not None])
        return {None: str(NOBODY)} | {key: str(each) for key, each in people.items()}
    if group in ("channel", "kind"):
        words = CHANNELS if group == "channel" else KINDS
        return {key: str(words[key]) for key in keys}
    if group == "size":
        return {key: kg(key) or _("Other goods") for key in keys}
    return _names_of_articles(group, variants)


def _names_of_articles(group: str, variants: Mapping[int, Variant]) -> dict[Any, Any]:
    if group == "variant":
        return {key: each.name for key, each in variants.items()}
    if group == "product":
        return {each.product_id: each.product.name for each in variants.values()}
    brands = {each.product.brand_id: each.product.brand for each in variants.values()}
    return {key: str(brand or NO_BRAND) for key, brand in brands.items()}


def _label(group: str) -> Column:
    titles = {"week": gettext_lazy("Week from")}
    kind = Kind.DAY if group in ("day", "week") else Kind.TEXT
    return Column("label", titles.get(group, BY[group].title), kind)


def _in_order(group: str, rows: list[Row], by: str = "goods") -> list[Row]:
    if group in OF_TIME or group == "size":
        return sorted(rows, key=lambda row: (row["key"] is None, row["key"]))
    return sorted(rows, key=lambda row: (-row[by], str(row["label"])))


# --- Sales ----------------------------------------------------------------------------------------


def read_sales(ask: Ask) -> Table:
    sold = _sold(ask, ask.group, with_orders=True)
    keys = {**sold.sales, **(sold.tills or {})}
    names = _names(ask, keys, sold.variants)
    with_orders = sold.tills is not None
    rows = [_sales_row(key, names[key], sold) for key in keys]
    rows = _in_order(ask.group, [row for row in rows if any(row[each] for each in _SAID)])
    columns = [
        _label(ask.group),
        *([ORDERS] if with_orders else []),
        *(PIECES, GOODS, DEPOSITS),
        *([FEES] if with_orders else []),
        CHARGED,
    ]
    notes = [note_of(sold.closed)]
    if not with_orders:
        notes.append(_("Delivery fees are left out here: they are of orders, not of goods."))
    return Table(
        columns,
        rows,
        add_up(columns, rows),
        _drawn(ask, rows, CHARGED),
        " ".join(note for note in notes if note),
    )


_SAID = ("orders", "pieces", "goods", "deposits", "fees")


def _sales_row(key: Any, label: Any, sold: Sold) -> Row:
    sale = sold.sales.get(key, Sale())
    till = (sold.tills or {}).get(key, Till())
    return {
        "key": key,
        "label": label,
        "orders": till.orders,
        "pieces": sale.quantity,
        "goods": sale.goods,
        "deposits": sale.deposits,
        "fees": till.fees,
        "charged": sale.goods + sale.deposits + till.fees,
    }


def _drawn(ask: Ask, rows: list[Row], *columns: Column) -> Chart | None:
    if ask.group == "day":
        return day_line(rows, ask.scope, *columns, day="key")
    if ask.group == "week":
        shown = [{**row, "label": date_format(row["key"], "j M")} for row in rows]
        return bars(shown[-12:], "label", *columns)
    return bars(rows[-12:] if ask.group == "month" else rows, "label", *columns)


# --- Top products ---------------------------------------------------------------------------------


def read_top(ask: Ask) -> Table:
    sold = _sold(replace(ask, group="variant"), "variant")
    found = {key: each for key, each in sold.sales.items() if each.quantity}
    whole = sum(each.goods for each in found.values())
    rows = [
        {
            "key": key,
            "label": sold.variants[key].name,
            "pieces": each.quantity,
            "goods": each.goods,
            "share": share(each.goods, whole),
        }
        for key, each in found.items()
    ]
    by = PIECES if ask.group == "pieces" else GOODS
    rows.sort(key=lambda row: (-row[by.name], -row["goods"], row["label"]))
    for place, row in enumerate(rows, start=1):
        row["place"] = place
    columns = [
        Column("label", gettext_lazy("Article")),
        Column("place", gettext_lazy("Place"), Kind.COUNT),
        *(PIECES, GOODS),
        Column("share", gettext_lazy("Share of the money"), Kind.SHARE),
    ]
    return Table(
        columns, rows, add_up(columns, rows), bars(rows, "label", by), note_of(sold.closed)
    )


# --- Gross margin ---------------------------------------------------------------------------------


def read_margin(ask: Ask) -> Table:
    sold = _sold(ask, ask.group)
    names = _names(ask, sold.sales, sold.variants)
    rows = [
        {
            "key": key,
            "label": names[key],
            "pieces": sale.quantity,
            "goods": sale.goods,
            "cost": sale.cost,
            "margin": sale.margin,
            "costed_goods": sale.costed_goods,
            "share": share(sale.margin, sale.costed_goods),
            "uncosted": sale.quantity - sale.costed,
        }
        for key, sale in sold.sales.items()
        if sale.quantity
    ]
    rows = _in_order(ask.group, rows, by="margin")
    columns = [
        _label(ask.group),
        *(PIECES, GOODS, COST, MARGIN),
        Column("share", gettext_lazy("Of what has a cost"), Kind.SHARE),
        UNCOSTED,
    ]
    totals = add_up(columns, rows)
    if totals:
        costed = sum(row["costed_goods"] for row in rows)
        totals["share"] = share(totals["margin"], costed)
    notes = [note_of(sold.closed), _note_of_costs(totals["uncosted"] if totals else 0)]
    return Table(
        columns,
        rows,
        totals,
        _drawn(ask, rows, GOODS, MARGIN),
        " ".join(note for note in notes if note),
    )


def _note_of_costs(pieces: int) -> str:
    if not pieces:
        return ""
    return ngettext(
        "%(count)s piece had no known cost when it was sold: it is left out of the margin.",
        "%(count)s pieces had no known cost when they were sold: they are left out of the margin.",
        pieces,
    ) % {"count": f"{pieces:,}"}


def _by(*names: str) -> tuple[Choice, ...]:
    return tuple(BY[name] for name in names)


REPORTS = [
    Report(
        "sales",
        gettext_lazy("Sales"),
        gettext_lazy("What was handed over and charged, deliveries and counter together."),
        read_sales,
        "Sales",
        _by(
            *("day", "week", "month", "variant", "product", "brand", "size"),
            *("station", "channel", "clerk", "kind"),
        ),
        ("brand", "product", "channel", "clerk"),
    ),
    Report(
        "top-products",
        gettext_lazy("What sells best"),
        gettext_lazy("Every article that was sold, the best first."),
        read_top,
        "Sales",
        (
            Choice("pieces", gettext_lazy("Most pieces")),
            Choice("goods", gettext_lazy("Most money")),
        ),
        ("brand", "product", "channel", "clerk"),
    ),
    Report(
        "margin",
        gettext_lazy("Gross margin"),
        gettext_lazy("What is left of the sales after the average cost of the gas and goods."),
        read_margin,
        "Sales",
        _by("product", "variant", "brand", "size", "station", "channel", "day", "week", "month"),
        ("brand", "product", "channel"),
    ),
]
