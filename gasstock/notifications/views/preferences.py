from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gasstock.core.access import signed_in
from gasstock.core.htmx import posted, render_page
from gasstock.notifications import services
from gasstock.notifications.forms import PreferencesForm
from gasstock.notifications.models import Preferences
from gasstock.notifications.views.inbox import groups_of, work_of

if TYPE_CHECKING:
    from gasstock.accounts.http import Request


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def preferences(request: "Request") -> HttpResponse:
    """How the person wants to be told of what."""
    number = services.sms_number(request.user)
    saved = Preferences.objects.filter(user=request.user).first()
    groups = groups_of(request.user, work_of(request.user))
    form = PreferencesForm(posted(request), groups=groups, has_sms=bool(number), saved=saved)
    if form.is_bound and form.is_valid():
        hour = form.cleaned_data.get("digest_hour", form.initial["digest_hour"])
        services.choose_ways(request.user, chosen=form.chosen, quiet=form.quiet, digest_hour=hour)
        messages.success(request, _("Saved."))
        return redirect("notices:preferences")
    context = {
        "form": form,
        "number": number,
        "sms_is_on": settings.SMS.is_on,
        "has_stopped": bool(number) and services.has_stopped(number),
    }
    status = 422 if form.is_bound else 200
    return render_page(request, "notifications/preferences.html", context, status=status)
