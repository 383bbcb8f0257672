"""Reports by e-mail: a saved view goes to its owner, once on each day that it is due.

It tells of days that are over: the last seven, sent on a Monday, are the week from Monday to
Sunday.
"""

import logging
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from gasstock.audit.services import record
from gasstock.core import clock
from gasstock.core.exports import TooManyRows, xlsx_bytes
from gasstock.notifications.services import Attachment, post_mail, site_link
from gasstock.reports import cells
from gasstock.reports.forms import AskForm
from gasstock.reports.models import Frequency, SavedView
from gasstock.reports.registry import REPORTS
from gasstock.reports.report import Ask, Report, Table
from gasstock.reports.saved import may_see_reports

logger = logging.getLogger(__name__)

FROM_HOUR = 6  # at the stations: yesterday's figures are there when people get up
ROWS_A_READ = 1000


def send_due() -> int:
    """Send what is due today and was not sent yet; return how many letters were written."""
    if localtime(clock.now()).hour < FROM_HOUR:
        return 0
    sent = 0
    for frequency in Frequency:
        due = due_day(frequency, clock.today())
        for pk in list(_waiting(frequency, due).values_list("pk", flat=True)):
            try:
                sent += _send(pk, frequency, due)
            except Exception:  # one report that fails must not keep the others
                logger.exception("saved report %s was not sent", pk)
    return sent


def due_day(frequency: str, today: date) -> date:
    """The last day, up to today, on which such a report is to be sent."""
    if frequency == Frequency.WEEKLY:
        return today - timedelta(days=today.weekday())
    return today.replace(day=1) if frequency == Frequency.MONTHLY else today


def _waiting(frequency: str, due: date) -> QuerySet[SavedView]:
    is_due = Q(sent_on=None) | Q(sent_on__lt=due)
    return SavedView.objects.filter(is_due, frequency=frequency).order_by("pk")


@transaction.atomic
def _send(pk: int, frequency: str, due: date) -> bool:
    """Claim the day first, so that of two workers only one writes the letter."""
    if not _waiting(frequency, due).filter(pk=pk).order_by().update(sent_on=clock.today()):
        return False
    view = SavedView.objects.select_related("owner", "station").get(pk=pk)
    with translation.override(view.owner.language):
        return _write(view)


def _write(view: SavedView) -> bool:
    report = REPORTS.get(view.report)
    if report is None or not may_see_reports(view.owner, view.station):
        _stop(view, "not allowed")
        return False
    form = AskForm(QueryDict(view.query), report=report, station=view.station, is_letter=True)
    if not form.is_valid():
        _stop(view, "not readable")
        _post(view, report, _("It asks for something that is no longer there. Save it anew."))
        return True
    _post_report(view, report, form.ask())
    return True


def _stop(view: SavedView, why: str) -> None:
    SavedView.objects.filter(pk=view.pk).update(frequency="")
    record(None, "report.stopped", view, why=why)


def _post_report(view: SavedView, report: Report, ask: Ask) -> None:
    if report.pages:
        ask = Ask(ask.scope, ask.group, ask.filters, size=ROWS_A_READ)
    table = report.read(ask)
    lines = [cells.said(ask.scope.since, ask.scope.until)] if report.dated else []
    lines += [f"{each.title}: {each.text}" for each in cells.figures(table, None)]
    if not table.rows:
        lines.append(_("There is nothing in it for these days."))
    if table.note:
        lines.append(table.note)
    attachment = None
    try:
        attachment = _attached(report, ask, table)
    except TooManyRows as error:
        lines.append(str(error))
    _post(view, report, "\n".join(lines), attachment)


def _attached(report: Report, ask: Ask, table: Table) -> Attachment:
    rows = cells.rows_of_export(report, ask, table)
    content = xlsx_bytes(cells.head_of_export(table), rows)
    return Attachment(f"{file_name(report, ask)}.xlsx", content)


def file_name(report: Report, ask: Ask) -> str:
    """kigali-sales-2026-11-01-2026-11-16, without the ending."""
    station = ask.scope.station
    days = dict.fromkeys([str(ask.scope.since), str(ask.scope.until)])
    return "-".join([station.slug if station else "gasstock", report.name, *days])


def _post(view: SavedView, report: Report, text: str, attachment: Attachment | None = None) -> None:
    where = str(view.station) if view.station else "GasStock"
    body = "\n\n".join(
        [
            _("Hello %(name)s,") % {"name": view.owner.first_name},
            f"{view.name} ({report.title}, {where})",
            text,
            site_link(address_of(view)),
            _("You asked for this letter. To stop it, open your saved reports."),
        ]
    )
    subject = f"{view.name}: {where}"
    post_mail([(view.owner.email, f"{body}\n")], subject=subject, attachment=attachment)


def address_of(view: SavedView) -> str:
    """The path of the report as it was saved."""
    at = [view.station.slug] if view.station else []
    name = "reports:report" if view.station else "reports:platform_report"
    path = reverse(name, args=[*at, view.report])
    return f"{path}?{view.query}" if view.query else path
