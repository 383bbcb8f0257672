"""Keeping a report as it is set: under a name, and perhaps by e-mail."""

from django.db import IntegrityError, transaction
from django.http import QueryDict

from gasstock.accounts.models import Station, User
from gasstock.accounts.permissions import Permission
from gasstock.audit.services import record
from gasstock.core import clock
from gasstock.reports.errors import NameTaken, TooLongToSave, TooManyViews
from gasstock.reports.models import SavedView

MOST_VIEWS = 60  # of one person
LONGEST = 400
NOT_KEPT = ("cursor", "csrfmiddlewaretoken")


@transaction.atomic
def save_view(
    actor: User, *, station: Station | None, report: str, name: str, query: QueryDict
) -> SavedView:
    """Keep what the query asks of the report; the same name again replaces what it was."""
    text = _kept(query)
    mine = SavedView.objects.filter(owner=actor)
    view, is_new = mine.update_or_create(
        owner=actor, station=station, report=report, name=name, defaults={"query": text}
    )
    if is_new and mine.count() > MOST_VIEWS:
        raise TooManyViews(MOST_VIEWS)
    record(actor, "report.saved", view, report=report, query=text)
    return view


def _kept(query: QueryDict) -> str:
    kept = query.copy()
    for name in [name for name in kept if name in NOT_KEPT or not kept[name]]:
        del kept[name]
    text = kept.urlencode()
    if len(text) > LONGEST:
        raise TooLongToSave
    return text


@transaction.atomic
def change_view(actor: User, *, view: SavedView, name: str, frequency: str) -> SavedView:
    """Rename it, and set when it is sent. The first letter comes on the next day that is due."""
    view = SavedView.objects.select_for_update().get(pk=view.pk)
    before = {"name": view.name, "frequency": view.frequency}
    if frequency and frequency != view.frequency:
        view.sent_on = clock.today()
    view.name, view.frequency = name, frequency
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        raise NameTaken(name) from error
    record(
        actor, "report.changed", view, before=before, after={"name": name, "frequency": frequency}
    )
    return view


@transaction.atomic
def delete_view(actor: User, *, view: SavedView) -> None:
    record(actor, "report.deleted", view, report=view.report, query=view.query)
    view.delete()


def may_see_reports(user: User, station: Station | None) -> bool:
    """Whether the person may (still) open the reports of the station, or (None) of all."""
    if not user.is_active:
        return False
    if user.is_admin or station is None:
        return user.is_admin
    return Station.objects.granting(user, Permission.REPORT_VIEW).filter(pk=station.pk).exists()
