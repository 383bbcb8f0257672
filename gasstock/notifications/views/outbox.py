from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gasstock.core.access import admin_only
from gasstock.core.htmx import go_back, render_page
from gasstock.core.paging import newest_first
from gasstock.notifications import services
from gasstock.notifications.forms import MessageFilter
from gasstock.notifications.models import Message
from gasstock.notifications.tables import MessageTable

if TYPE_CHECKING:
    from gasstock.accounts.http import Request


@require_safe
@admin_only
def outbox(request: "Request") -> HttpResponse:
    """The e-mails and SMS that left, wait, or could not leave; newest first."""
    wanted = MessageFilter(request.GET)
    wanted.is_valid()
    asked = {name: value for name, value in wanted.cleaned_data.items() if value}
    rows = Message.objects.filter(**asked).defer("body", "attachment")
    page = newest_first(rows, request.GET.get("cursor", ""))
    return render_page(
        request,
        "notifications/outbox.html",
        {"filter": wanted, "page": page, "table": MessageTable(page.rows), "is_narrowed": asked},
        partials={"messages"},
    )


@require_POST
@admin_only
def message_again(request: "Request", pk: int) -> HttpResponse:
    message = get_object_or_404(Message, pk=pk)
    services.try_again(request.user, message=message)
    messages.success(request, _("It goes out again now."))
    return go_back(request)
