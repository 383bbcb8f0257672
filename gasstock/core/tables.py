"""The look of every table. Rows become cards on a phone; there are no page numbers."""

from typing import Any

import django_tables2 as tables
from django.utils.html import format_html

from gasstock.core.templatetags import ui


class Table(tables.Table):
    """A table that is given one page of rows, in the order and number the query says.

    Sorting and paging belong to the query (by keyset, see `_pagination.html`); a head that
    sorts the rows at hand would lie about the rest.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        look = {
            "orderable": False,
            "template_name": "_table.html",
            "attrs": {"class": "table gs-tstack gs-tstack--2"},
        }
        super().__init__(*args, **(look | kwargs))


class LinkedColumn(tables.Column):
    """The first cell of a row, which names it and links to its page (`get_absolute_url`)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(
            *args, **({"linkify": True, "attrs": {"td": {"class": "is-name"}}} | kwargs)
        )


class _NumberColumn(tables.Column):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        attrs = {"th": {"class": "num"}, "td": {"class": "num"}}
        super().__init__(*args, **({"attrs": attrs} | kwargs))


class NumberColumn(_NumberColumn):
    """A count, under the others."""


class MoneyColumn(_NumberColumn):
    """An amount in minor units of the platform's currency, or of `currency`."""

    def __init__(self, *args: Any, currency: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def render(self, value: int) -> str:
        return ui.money_text(value, self.currency)


class KgColumn(_NumberColumn):
    """A size in grams, shown in kilograms."""

    def render(self, value: int) -> str:
        return ui.kg(value)


class MomentColumn(tables.Column):
    """A moment as people say it, with the exact one for machines."""

    def render(self, value: Any) -> str:
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), ui.when(value))


class StatusColumn(tables.Column):
    """The badge of the row's `status`."""

    def render(self, record: Any) -> str:
        return ui.status_badge(record)
