"""The audit log, for admins: to look through and to take away."""

from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from gasstock.accounts.access import admin_only
from gasstock.accounts.admin_forms import AuditFilter
from gasstock.accounts.http import Request
from gasstock.audit import log
from gasstock.audit.models import AuditEvent
from gasstock.core import clock
from gasstock.core.exports import csv_response
from gasstock.core.fields import FIRST_DAY, LAST_DAY
from gasstock.core.htmx import render_page


@require_safe
@admin_only
def audit(request: Request) -> HttpResponse:
    """Who did what, when and from where; the newest first."""
    form = AuditFilter(request.GET)
    context: dict[str, Any] = {"form": form}
    if not form.is_valid():
        return render_page(request, "accounts/platform/audit.html", context, status=422)
    page = log.page_of(_asked(form), request.GET.get("cursor", ""))
    days = groupby(page.rows, key=lambda event: timezone.localdate(event.created_at))
    context |= {
        "days": [(day, [log.Entry(event) for event in events]) for day, events in days],
        "next": page.next,
        "action": log.words_of(form.cleaned_data["action"]),
        "thing": next((log.Entry(event) for event in page.rows), None),
    }
    return render_page(request, "accounts/platform/audit.html", context, partials={"audit"})


@require_safe
@admin_only
def audit_csv(request: Request) -> HttpResponseBase:
    form = AuditFilter(request.GET)
    if not form.is_valid():
        return redirect(f"{reverse('platform:audit')}?{request.GET.urlencode()}")
    rows = log.rows_of_export(_asked(form))
    return csv_response(f"audit-{clock.today()}.csv", log.head_of_export(), rows)


def _asked(form: AuditFilter) -> QuerySet[AuditEvent]:
    asked = form.cleaned_data
    rows = log.matching(
        person=asked["person"],
        subject=asked["subject"],
        action=asked["action"],
        target=asked["target"],
        thing=form.thing_asked,
    )
    if not (asked["since"] or asked["until"]):
        return rows
    start, end = clock.bounds_of(asked["since"] or FIRST_DAY, asked["until"] or LAST_DAY)
    return rows.filter(created_at__gte=start, created_at__lt=end)
