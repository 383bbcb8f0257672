from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gasstock.accounts.access import requires
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.core.htmx import posted, render_page
from gasstock.orders.forms.areas import TermsForm, windows_form
from gasstock.orders.services.areas import set_delivery_terms


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.SETTINGS_CHANGE)
def delivery_settings(request: Request, station: Station) -> HttpResponse:
    """What delivery costs where, in which windows it comes, and how long it takes otherwise."""
    data = posted(request)
    form, windows = TermsForm(data, station=station), windows_form(data, station)
    if data is not None and all([form.is_valid(), windows.is_valid()]):
        set_delivery_terms(
            request.user,
            station=station,
            fees=form.fees,
            windows=windows.hours,
            minutes=form.cleaned_data["minutes"],
        )
        messages.success(request, _("Saved. It holds for orders from now on."))
        return redirect("station:delivery_settings", station.slug)
    context = {"station": station, "form": form, "windows": windows}
    return render_page(
        request,
        "orders/station/delivery_settings.html",
        context,
        status=200 if data is None else 422,
    )
