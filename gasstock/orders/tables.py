"""How lists of orders look as tables."""

import django_tables2 as tables
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from gasstock.core.tables import LinkedColumn, MomentColumn, MoneyColumn, Table
from gasstock.core.templatetags import ui
from gasstock.orders.models import Order
from gasstock.orders.till import state_of


def page_of(record: Order) -> str:
    return reverse("counter:sale", args=[record.station.slug, record.number])


class SalesTable(Table):
    """Counter sales of one station, each with its invoice, cashier and lines at hand."""

    receipt = LinkedColumn(accessor="invoice__number", verbose_name=_("Receipt"), linkify=page_of)
    placed_at = MomentColumn(verbose_name=_("When"))
    what = tables.Column(empty_values=(), verbose_name=_("What"))
    buyer = tables.Column(accessor="invoice__buyer_name", verbose_name=_("Buyer"))
    cashier = tables.Column(accessor="shift__cashier", verbose_name=_("Sold by"))
    status = tables.Column(verbose_name=_("State"))
    total = MoneyColumn(verbose_name=_("Total"))

    def render_what(self, record: Order) -> str:
        lines = [f"{line.quantity} × {line.variant.name}" for line in record.lines.all()]
        return ", ".join(lines)

    def render_status(self, record: Order) -> str:
        return ui.badge(*state_of(record))

    def render_total(self, record: Order) -> str:
        return ui.money_text(record.total, record.currency)
