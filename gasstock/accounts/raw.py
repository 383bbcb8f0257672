"""Django's own admin: the rows as they are, to look at. Superusers with a second factor only.

Nothing is changed here: what may change has a service that checks it and writes it down.
"""

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponseBase

from gasstock.accounts.middleware import SECOND_FACTORS
from gasstock.core.access import View, mark, public

APPS = (
    *("core", "audit", "notifications", "accounts", "catalog", "inventory", "billing", "orders"),
    *("purchasing", "delivery", "reports"),
)
HIDDEN = {  # what opens something, or is no text
    "accounts.User": ("password", "groups", "user_permissions"),
    "accounts.Invitation": ("token",),
    "notifications.Message": ("subject", "body", "attachment"),
    "notifications.Notification": ("text",),
    "orders.Order": ("code",),
    "orders.Cart": ("token",),
}


def superuser(view: View) -> View:
    """Say that only superusers come here."""
    return mark(view, "superuser")


class RawSite(admin.AdminSite):
    site_header = site_title = "GasStock, raw"
    index_title = "Tables"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        is_trusted = bool(user.is_active and user.is_staff and getattr(user, "is_superuser", False))
        return is_trusted and is_mfa_enabled(user, SECOND_FACTORS)

    def admin_view(  # type: ignore[override]
        self, view: Callable[..., Any], cacheable: bool = False
    ) -> View:
        """Let nobody else know that the page is there."""
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not self.has_permission(request):
                raise Http404
            return inner(request, *args, **kwargs)

        return superuser(guarded)

    @superuser
    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponseBase:
        """One changes it as everywhere else."""
        raise Http404

    @public
    def login(  # type: ignore[override]
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponseBase:
        """One signs in as everywhere else."""
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(request.GET.get("next", "/"))


class LookedAt(admin.ModelAdmin):
    """A table without a button."""

    actions = None
    list_per_page = 50
    show_full_result_count = False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


site = RawSite()
for label in APPS:
    for model in apps.get_app_config(label).get_models():
        site.register(model, LookedAt, exclude=HIDDEN.get(model._meta.label, ()))
