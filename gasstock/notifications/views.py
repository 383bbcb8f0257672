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
from gasstock.notifications.models import Notification

if TYPE_CHECKING:
    from gasstock.accounts.http import Request


@require_safe
@signed_in
def inbox(request: "Request") -> HttpResponse:
    """What the person should know, newest first."""
    shown = Notification.objects.shown().filter(user=request.user)
    page = newest_first(shown, request.GET.get("cursor", ""))
    return render_page(
        request,
        "notifications/inbox.html",
        {
            "page": page,
            "has_unread": any(not notice.is_read for notice in page.rows),
            "newest": page.rows[0].pk if page.rows else 0,
        },
        partials={"notices"},
    )


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
    if newest.isascii() and newest.isdigit() and len(newest) <= 18:
        services.mark_all_read(request.user, up_to=int(newest))
        messages.success(request, _("All marked as read."))
    return redirect("notices:inbox")


@require_POST
@signed_in
def dismiss(request: "Request", pk: int) -> HttpResponse:
    notice = get_object_or_404(Notification, pk=pk, user=request.user)
    services.dismiss(request.user, notification=notice)
    return go_back(request)
