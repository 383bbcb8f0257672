import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.core.tables import LinkedColumn, MoneyColumn, NumberColumn, StatusColumn, Table
from gasstock.core.templatetags import ui
from gasstock.purchasing.models import PurchaseOrder


class OrderTable(Table):
    """Orders of a station, or of one supplier without the column `supplier`."""

    order = LinkedColumn(accessor="pk", verbose_name=gettext_lazy("Order"))
    status = StatusColumn(verbose_name=gettext_lazy("State"), attrs={"td": {"class": "is-wide"}})
    supplier = tables.Column(verbose_name=gettext_lazy("Supplier"))
    created_at = tables.Column(verbose_name=gettext_lazy("Date"))
    expected_on = tables.Column(verbose_name=gettext_lazy("Wanted by"), default="–")
    sum = MoneyColumn(verbose_name=gettext_lazy("Total"))

    def render_order(self, record: PurchaseOrder) -> str:
        return record.number or _("Not sent yet")

    def render_status(self, record: PurchaseOrder) -> str:
        if record.is_late:
            return format_html("{} {}", ui.status_badge(record), ui.badge("bad", _("Late")))
        return ui.status_badge(record)

    def render_created_at(self, record: PurchaseOrder) -> str:
        moment = record.submitted_at or record.created_at
        return format_html('<time datetime="{}">{}</time>', moment.isoformat(), ui.day(moment))

    def render_expected_on(self, record: PurchaseOrder) -> str:
        return ui.day(record.expected_on)

    def render_sum(self, value: int, record: PurchaseOrder) -> str:
        return ui.money_text(value, record.currency)


class SupplierTable(Table):
    name = LinkedColumn(verbose_name=gettext_lazy("Supplier"))
    contact = tables.Column(verbose_name=gettext_lazy("Ask for"), empty_values=())
    phone = tables.Column(verbose_name=gettext_lazy("Phone"), default="–")
    email = tables.Column(
        verbose_name=gettext_lazy("E-mail"), default="–", attrs={"td": {"class": "is-wide"}}
    )
    to_come = NumberColumn(verbose_name=gettext_lazy("Open orders"))

    def render_contact(self, value: str) -> str:
        return value or "–"

    def render_phone(self, value: str) -> str:
        return ui.local_phone(value) or "–"
