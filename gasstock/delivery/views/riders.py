"""The station's riders: who is out, whom to count, and what they did."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from gasstock.accounts.access import requires
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.core.htmx import render_page
from gasstock.delivery.figures import figures_of
from gasstock.delivery.forms.riders import LENGTHS, PeriodForm
from gasstock.delivery.riders import riders_of


@require_safe
@requires(Permission.ORDER_DISPATCH)
def riders(request: Request, station: Station) -> HttpResponse:
    """Who is out with how many deliveries; for who leads the team, what each did."""
    form = PeriodForm(request.GET)
    context = {"station": station, "form": form, "lengths": LENGTHS, "riders": riders_of(station)}
    if Permission.TEAM_CHANGE in station.granted:
        context["sees_figures"] = True
        if form.is_valid():
            since, until = form.window()
            context["figures"] = figures_of(station, since=since, until=until)
    status = 422 if form.is_bound and form.errors else 200
    return render_page(
        request, "delivery/riders.html", context, partials={"figures"}, status=status
    )
