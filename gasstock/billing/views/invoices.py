"""Invoices as stations, admins and buyers see them. What is done to them belongs to the order."""

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from gasstock.accounts.access import admin_only, requires, signed_in
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.billing.models import Invoice
from gasstock.billing.papers import figures_of, matching, whole
from gasstock.billing.tables import InvoiceTable, order_of
from gasstock.core.htmx import render_page
from gasstock.core.paging import newest_first
from gasstock.core.search import words_of

TABS = {
    "all": gettext_lazy("All"),
    "submitted": gettext_lazy("To approve"),
    "approved": gettext_lazy("To pay"),
    "overdue": gettext_lazy("Overdue"),
    "paid": gettext_lazy("Paid"),
    "draft": gettext_lazy("Drafts"),
    "rejected": gettext_lazy("Sent back"),
    "void": gettext_lazy("Void"),
}


@require_safe
@requires(Permission.INVOICE_VIEW)
def invoices(request: Request, station: Station) -> HttpResponse:
    """What the station billed, newest first."""
    return _list(request, Invoice.objects.at(station), hide=("station",))


@require_safe
@admin_only
def all_invoices(request: Request) -> HttpResponse:
    """What all stations billed, newest first."""
    return _list(request, Invoice.objects.all())


def _list(request: Request, rows: QuerySet[Invoice], hide: tuple[str, ...] = ()) -> HttpResponse:
    tab, query = request.GET.get("show", ""), words_of(request)
    page = newest_first(
        matching(rows.select_related("station"), tab, query), request.GET.get("cursor", "")
    )
    context = {
        "table": InvoiceTable(page.rows, exclude=hide),
        "is_empty": not page.rows,
        "next": page.next,
        "tabs": TABS.items(),
        "tab": tab if tab in TABS else "all",
        "q": query,
    }
    return render_page(request, "billing/invoices.html", context, partials={"invoices"})


@require_safe
@requires(Permission.INVOICE_VIEW)
def invoice(request: Request, station: Station, pk: int) -> HttpResponse:
    found = get_object_or_404(whole(Invoice.objects.at(station)), pk=pk)
    context = {
        "back": reverse("billing:invoices", args=[station.slug]),
        "order": order_of(found),
        "corrections": found.corrections.order_by("pk"),
        "is_staff": True,
    }
    return render(request, "billing/invoice.html", context | figures_of(found))


@require_safe
@signed_in
def my_invoice(request: Request, pk: int) -> HttpResponse:
    """The buyer's own, from the day it has a number."""
    numbered = Invoice.objects.of(request.user).exclude(number=None)
    found = get_object_or_404(whole(numbered), pk=pk)
    order = reverse("shop:order", args=[found.reference])
    context = {
        "back": order,
        "order": order,
        "corrections": found.corrections.exclude(number=None).order_by("pk"),
    }
    return render(request, "billing/invoice.html", context | figures_of(found))
