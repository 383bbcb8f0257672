from datetime import datetime

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.billing.drawer import Seen, words_for
from gasstock.billing.models import Invoice, ShiftStatus
from gasstock.core.tables import LinkedColumn, MoneyColumn, StatusColumn, Table
from gasstock.core.templatetags import ui


def page_of(record: Invoice) -> str:
    return reverse("billing:invoice", args=[record.station.slug, record.pk])


def order_of(record: Invoice) -> str:
    page = "counter:sale" if record.is_receipt else "station:order"
    return reverse(page, args=[record.station.slug, record.reference])


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


def report_page_of(record: Seen) -> str:
    return reverse("billing:shift_report", args=[record.shift.station.slug, record.shift.pk])


class ShiftTable(Table):
    """Drawers of a station."""

    shift = LinkedColumn(verbose_name=gettext_lazy("Drawer"), linkify=report_page_of)
    state = tables.Column(
        accessor="shift",
        verbose_name=gettext_lazy("State"),
        attrs={"td": {"class": "is-wide"}},
    )
    opened_at = tables.Column(accessor="shift__opened_at", verbose_name=gettext_lazy("Opened"))
    float_amount = MoneyColumn(verbose_name=gettext_lazy("Float"))
    off = tables.Column(verbose_name=gettext_lazy("Difference"), empty_values=())
    accepted_by = tables.Column(
        accessor="shift__accepted_by", verbose_name=gettext_lazy("Accepted by")
    )

    def render_shift(self, record: Seen) -> str:
        shift = record.shift
        return f"{shift.cashier}, {shift.number}" if shift.number else str(shift.cashier)

    def render_state(self, record: Seen) -> str:
        return ui.status_badge(record.shift)

    def render_opened_at(self, value: datetime) -> str:
        words = f"{ui.day(value)} {ui.clock_time(value)}"
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), words)

    def render_off(self, record: Seen) -> str:
        if record.shift.status == ShiftStatus.OPEN:
            return _("not counted yet")
        words = [f"{method.label}: {words_for(off)}" for method, off in record.off.items()]
        return "; ".join(words) or _("none")
