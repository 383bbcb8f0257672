from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gasstock.accounts.access import requires
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.core.htmx import render_page
from gasstock.core.paging import newest_first
from gasstock.orders.forms.station import ReplyForm
from gasstock.orders.models import Rating
from gasstock.orders.services.ratings import reply_to_rating


@require_safe
@requires(Permission.ORDER_VIEW)
def ratings(request: Request, station: Station) -> HttpResponse:
    """What buyers said, newest first."""
    return _ratings_page(request, station)


@require_POST
@requires(Permission.RATING_REPLY)
def rating_reply(request: Request, station: Station, pk: int) -> HttpResponse:
    rating = get_object_or_404(
        Rating.objects.select_related("order__buyer", "station"), pk=pk, station=station
    )
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _ratings_page(request, station, form, pk)
    reply_to_rating(request.user, rating=rating, reply=form.cleaned_data["reply"])
    messages.success(request, _("Your answer is shown beside the rating."))
    return redirect("station:ratings", station.slug)


def _ratings_page(
    request: Request, station: Station, form: ReplyForm | None = None, answered: int = 0
) -> HttpResponse:
    rows = Rating.objects.filter(station=station).select_related("buyer", "order", "replied_by")
    page = newest_first(rows, str(answered + 1) if answered else request.GET.get("cursor", ""))
    context = {"station": station, "page": page, "form": form, "answered": answered}
    return render_page(
        request,
        "orders/station/ratings.html",
        context,
        partials={"ratings"},
        status=422 if form else 200,
    )
