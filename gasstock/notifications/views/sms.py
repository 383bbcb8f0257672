"""What the provider of SMS tells us. Its address holds a token that only it knows."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from phonenumber_field.phonenumber import PhoneNumber, to_python

from gasstock.core.access import public
from gasstock.notifications import services

DELIVERED = "Success"
LOST = {"Failed", "Rejected", "Expired", "AbsentSubscriber"}
STOP = {"STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "CANCEL"}
START = {"START", "UNSTOP"}


def _with_token(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def guarded(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponse:
        if not settings.SMS_TOKEN or not constant_time_compare(token, settings.SMS_TOKEN):
            raise Http404
        return view(request, **kwargs)

    return guarded


@csrf_exempt
@require_POST
@public
@_with_token
def sms_report(request: HttpRequest) -> HttpResponse:
    """What became of an SMS. Steps on the way are not noted; one we do not know is not found."""
    name, status = request.POST.get("id", ""), request.POST.get("status", "")
    if status != DELIVERED and status not in LOST:
        return HttpResponse(status=204)
    reason = request.POST.get("failureReason", "") or status
    is_ours = bool(name) and services.note_delivery(
        provider_id=name, is_delivered=status == DELIVERED, reason=f"The network said: {reason}"
    )
    return HttpResponse(status=204 if is_ours else 404)


@csrf_exempt
@require_POST
@public
@_with_token
def sms_reply(request: HttpRequest) -> HttpResponse:
    """An SMS to us (from, text), or that somebody opted out at the provider (phoneNumber)."""
    opted_out = "text" not in request.POST and "phoneNumber" in request.POST
    number = to_python(request.POST.get("phoneNumber" if opted_out else "from", "")[:20])
    if not isinstance(number, PhoneNumber) or not number.is_valid():
        return HttpResponse(status=204)
    word = "STOP" if opted_out else request.POST.get("text", "").strip().upper().rstrip(".!")
    if word in STOP:
        services.stop_sms(str(number.as_e164))
    elif word in START:
        services.resume_sms(str(number.as_e164))
    return HttpResponse(status=204)
