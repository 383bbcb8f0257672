"""What we want otherwise than allauth does it."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from allauth.core.internal.httpkit import is_headless_request
from django import forms
from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest

from gasstock.accounts.models import User
from gasstock.notifications.services import post_mail


class AccountAdapter(DefaultAccountAdapter):
    """Mail goes through the outbox, and an account has a name and perhaps a phone."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Apps register at the API, which asks for a name; allauth's door for them does not."""
        return not is_headless_request(request)

    def save_user(
        self, request: HttpRequest, user: User, form: forms.BaseForm, commit: bool = True
    ) -> User:
        user.name = form.cleaned_data["name"]
        user.phone = form.cleaned_data.get("phone") or ""
        return super().save_user(request, user, form, commit=commit)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write the mail into the outbox; its text may open an account, so it is secret."""
        request = allauth_context.request
        site = get_current_site(request)
        context = {"request": request, "email": email, "current_site": site} | context
        mail = self.render_mail(template_prefix, email, context)
        post_mail([(email, str(mail.body))], subject=str(mail.subject), is_secret=True)
