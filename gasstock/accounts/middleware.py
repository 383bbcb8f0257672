from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from gasstock.core.htmx import HtmxRequest, go_back

GetResponse = Callable[[HttpRequest], HttpResponse]
SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class SignInMiddleware(LoginRequiredMiddleware):
    """Ask for an account everywhere, and come back to a page: no fragment, no form's address."""

    def handle_no_permission(  # type: ignore[override]
        self, request: HtmxRequest, view_func: Callable
    ) -> HttpResponseRedirect:
        if request.headers.get("HX-Request") == "true":
            return redirect_to_login(request.htmx.current_url_abs_path or "/")
        if request.method == "POST":
            return redirect_to_login(go_back(request).url)
        return super().handle_no_permission(request, view_func)


class SecondFactorMiddleware:
    """Let an admin do nothing before they set up a second factor, where that is demanded."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if not settings.REQUIRE_ADMIN_MFA or not getattr(request.user, "is_admin", False):
            return None
        if _is_way_to_second_factor(request, view) or is_mfa_enabled(request.user, SECOND_FACTORS):
            return None
        messages.warning(request, _("Admins need a second factor. Set one up to go on."))
        return redirect("mfa_index")


def _is_way_to_second_factor(request: HttpRequest, view: Callable) -> bool:
    name = request.resolver_match.view_name if request.resolver_match else ""
    ways = ("account_reauthenticate", "account_logout", "account_email_verification_sent")
    return name.startswith("mfa_") or name in ways or getattr(view, "access", "") == "public"
