import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.billing.models import Invoice
from gasstock.core.tables import LinkedColumn, MoneyColumn, StatusColumn, Table
from gasstock.core.templatetags import ui


def page_of(record: Invoice) -> str:
    return reverse("billing:invoice", args=[record.station.slug, record.pk])


def order_of(record: Invoice) -> str:
    return reverse("station:order", args=[record.station.slug, record.reference])


class InvoiceTable(Table):
    """Invoices of a station, or of all with the column `station`."""

    invoice = LinkedColumn(
        accessor="reference", verbose_name=gettext_lazy("Invoice"), linkify=page_of
    )
    status = StatusColumn(verbose_name=gettext_lazy("State"), attrs={"td": {"class": "is-wide"}})
    station = tables.Column(verbose_name=gettext_lazy("Station"), orderable=False)
    buyer_name = tables.Column(verbose_name=gettext_lazy("Buyer"))
    order = tables.Column(
        accessor="reference", verbose_name=gettext_lazy("Order"), linkify=order_of
    )
    created_at = tables.Column(verbose_name=gettext_lazy("Date"))
    total = MoneyColumn(verbose_name=gettext_lazy("Total"))
    due = MoneyColumn(verbose_name=gettext_lazy("Left to pay"))

    def render_invoice(self, record: Invoice) -> str:
        return record.number or _("No number yet")

    def render_status(self, record: Invoice) -> str:
        if record.is_overdue:
            return ui.badge("bad", _("Overdue since %(day)s") % {"day": ui.day(record.due_on)})
        return ui.status_badge(record)

    def render_created_at(self, record: Invoice) -> str:
        moment = record.submitted_at or record.created_at
        return format_html('<time datetime="{}">{}</time>', moment.isoformat(), ui.day(moment))

    def render_total(self, record: Invoice) -> str:
        return ui.money_text(record.owed, record.currency)

    def render_due(self, record: Invoice) -> str:
        return ui.money_text(record.due, record.currency) if record.due else "–"
