from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gasstock.core.access import signed_in
from gasstock.core.htmx import go_back, render_page
from gasstock.core.paging import newest_first
from gasstock.notifications import services
from gasstock.notifications.forms import NoticeFilter
from gasstock.notifications.kinds import ADMIN, BY_KEY, Group, groups_for
from gasstock.notifications.models import Notification, NotificationQuerySet

if TYPE_CHECKING:
    from gasstock.accounts.http import Request
    from gasstock.accounts.models import Membership, User


@require_safe
@signed_in
def inbox(request: "Request") -> HttpResponse:
    """What the person should know, newest first, and of it what they ask for."""
    work = work_of(request.user)
    groups = groups_of(request.user, work)
    stations = [(membership.station.slug, membership.station.name) for membership in work]
    wanted = NoticeFilter(request.GET, groups=groups, stations=stations)
    wanted.is_valid()
    page = newest_first(_shown(request, wanted), request.GET.get("cursor", ""))
    return render_page(
        request,
        "notifications/inbox.html",
        {
            "page": page,
            "filter": wanted,
            "groups": groups,
            "stations": stations,
            "is_narrowed": any(wanted.cleaned_data.values()),
            "has_unread": any(not notice.is_read for notice in page.rows),
            "newest": page.rows[0].pk if page.rows else 0,
        },
        partials={"notices"},
    )


def _shown(request: "Request", wanted: NoticeFilter) -> NotificationQuerySet:
    """What is asked for of the person's own. What a station tells leads to one of its pages."""
    rows = Notification.objects.shown().filter(user=request.user)
    asked = wanted.cleaned_data
    if group := BY_KEY.get(asked.get("group", "")):
        rows = rows.filter(kind__in=group.kinds)
    if slug := asked.get("station"):
        rows = rows.filter(url__startswith=f"/at/{slug}/")
    return rows.filter(read_at=None) if asked.get("unread") else rows


def work_of(user: "User") -> list["Membership"]:
    """Where the person works."""
    return list(user.memberships.select_related("station").order_by("station__name"))


def groups_of(user: "User", work: Iterable["Membership"]) -> list[Group]:
    """What concerns the person, by their roles at stations."""
    roles = {membership.role for membership in work}
    return groups_for(roles | {ADMIN} if user.is_admin else roles)


@require_POST
@signed_in
def read(request: "Request", pk: int) -> HttpResponse:
    """Open what the notice is about."""
    notice = get_object_or_404(Notification, pk=pk, user=request.user)
    services.mark_read(request.user, notification=notice)
    return redirect(notice.url if services.is_local(notice.url) else "notices:inbox")


@require_POST
@signed_in
def read_all(request: "Request") -> HttpResponse:
    newest = request.POST.get("newest", "")
    if _is_key(newest):
        services.mark_all_read(request.user, up_to=int(newest))
        messages.success(request, _("All marked as read."))
    return redirect("notices:inbox")


@require_POST
@signed_in
def dismiss(request: "Request", pk: int) -> HttpResponse:
    notice = get_object_or_404(Notification, pk=pk, user=request.user)
    services.dismiss(request.user, notification=notice)
    return go_back(request)


@require_POST
@signed_in
def dismiss_read(request: "Request") -> HttpResponse:
    """Take out of the inbox what was read, as far as the page showed it."""
    newest = request.POST.get("newest", "")
    if _is_key(newest):
        services.dismiss_read(request.user, up_to=int(newest))
        messages.success(request, _("What you had read is removed."))
    return redirect("notices:inbox")


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18
