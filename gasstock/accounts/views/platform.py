"""Where admins steer the platform: its settings, its roles, its state."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gasstock.accounts.access import admin_only
from gasstock.accounts.admin_forms import PlatformForm
from gasstock.accounts.http import Request
from gasstock.accounts.permissions import GRANTS, WORDS, Role
from gasstock.accounts.services.platform import is_currency_used, save_platform
from gasstock.core import books, platform, system, tasks
from gasstock.core.forms import saved
from gasstock.core.htmx import posted, render_page
from gasstock.core.models import PlatformSettings
from gasstock.notifications.models import Message, MessageState


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def settings(request: Request) -> HttpResponse:
    """What holds on the whole platform, and what new stations begin with."""
    data = posted(request)
    now = platform.saved() or platform.of_environment()
    form = PlatformForm(data, platform=now, is_currency_used=is_currency_used())
    if data is not None and saved(form, save_platform, request.user):
        messages.success(request, _("Saved. It holds from now on."))
        return redirect("platform:settings")
    context = {"form": form, "currency": now.currency, "saved": PlatformSettings.objects.exists()}
    status = 200 if data is None else 422
    return render_page(request, "accounts/platform/settings.html", context, status=status)


@require_safe
@admin_only
def roles(request: Request) -> HttpResponse:
    """Who may do what at a station."""
    rows = [(words, [right in GRANTS[role] for role in Role]) for right, words in WORDS.items()]
    return render_page(request, "accounts/platform/roles.html", {"roles": list(Role), "rows": rows})


@require_safe
@admin_only
def state(request: Request) -> HttpResponse:
    """How the machine is: versions, worker, messages, books, disk."""
    waiting = Message.objects.filter(state=MessageState.PENDING)
    context = {
        "machine": system.look(),
        "waiting": waiting.count(),
        "oldest": waiting.order_by("created_at").values_list("created_at", flat=True).first(),
        "failed": Message.objects.filter(state=MessageState.FAILED).count(),
        "check": books.last_check(),
        "is_checking": books.is_running(),
    }
    return render_page(request, "accounts/platform/system.html", context, partials={"books"})


@require_POST
@admin_only
def check_books(request: Request) -> HttpResponse:
    try:
        tasks.check_books()
    except Exception:  # whatever holds the queue is away; nothing was asked for
        messages.error(request, _("The worker cannot be asked now. Try again in a minute."))
    else:
        messages.success(request, _("The worker checks the books now."))
    return redirect("platform:system")
