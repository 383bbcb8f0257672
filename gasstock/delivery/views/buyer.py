"""What the buyer of a delivery says."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gasstock.accounts.access import signed_in
from gasstock.accounts.http import Request
from gasstock.core.htmx import posted, render_page
from gasstock.delivery.coming import coming
from gasstock.delivery.forms.buyer import AnswerForm
from gasstock.delivery.services import running
from gasstock.orders.models import Order
from gasstock.orders.services import promises


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def answer(request: Request, number: str) -> HttpResponse:
    """When to come after a try in vain; it may be said until the gas leaves again."""
    rows = Order.objects.of(request.user).select_related("station")
    order = get_object_or_404(rows, number=number)
    [story] = coming([order])
    if story is None or story.failed is None:
        return _too_late(request, order)
    slots = promises.coming(order.station)
    form = AnswerForm(posted(request), slots=slots, delivery=story.failed.delivery)
    if form.is_bound and form.is_valid():
        running.answer(request.user, delivery=story.failed.delivery, **form.answer._asdict())
        messages.success(request, _("%(station)s knows when to come.") % {"station": order.station})
        return redirect(order)
    context = {"order": order, "coming": story, "form": form}
    status = 422 if form.errors else 200
    return render_page(request, "delivery/answer.html", context, status=status)


def _too_late(request: Request, order: Order) -> HttpResponse:
    if request.method == "POST":
        messages.warning(request, _("Order %(order)s needs no answer any more.") % {"order": order})
    return redirect(order)
