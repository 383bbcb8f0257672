"""The mark every view must carry, so that a test can find the one without an access rule."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponseBase

if TYPE_CHECKING:
    from gasstock.accounts.http import Request

View = Callable[..., HttpResponseBase]


def mark(view: View, access: str) -> View:
    """Say on the view itself who may open it."""
    view.access = access  # type: ignore[attr-defined]
    return view


def public(view: View) -> View:
    """Open the view to the whole world."""
    return mark(login_not_required(view), "public")


def signed_in(view: View) -> View:
    """Open the view to anybody with an account; it must show only what is theirs."""
    return mark(view, "signed in")


def admin_only(view: View) -> View:
    """Open the view to those who run the platform; to others the page is not there."""

    @wraps(view)
    def guarded(request: "Request", **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_admin:
            raise Http404
        return view(request, **kwargs)

    return mark(guarded, "admin")
