from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gasstock.accounts import services
from gasstock.accounts.access import signed_in
from gasstock.accounts.forms import AddressForm, ProfileForm
from gasstock.accounts.http import Request
from gasstock.core.htmx import render_page


@require_safe
@signed_in
def home(request: Request) -> HttpResponseRedirect:
    """Bring a person to the page that their day begins on."""
    if request.user.is_admin:
        return redirect("today:platform")
    work = request.user.memberships.select_related("station").order_by("station__name").first()
    return redirect(work) if work else redirect("today:mine")


@require_http_methods(["GET", "POST"])
@signed_in
def profile(request: Request) -> HttpResponse:
    """What the person says about themselves, and the ways to their account."""
    user = request.user
    current = {"name": user.name, "phone": user.phone, "language": user.language}
    form = ProfileForm(request.POST or None, initial=current)
    if form.is_valid():
        services.save_profile(user, **({"language": user.language} | form.cleaned_data))
        messages.success(request, _("Saved."))
        return _in_language(redirect("people:profile"), user.language)
    work = user.memberships.select_related("station").order_by("station__name")
    return render_page(
        request,
        "accounts/profile.html",
        {"form": form, "addresses": user.addresses.order_by("position", "pk"), "work": work},
        status=422 if form.errors else 200,
    )


def _in_language(response: HttpResponse, language: str) -> HttpResponse:
    """Let the browser ask for its pages in `language` from now on."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    return response


@require_http_methods(["GET", "POST"])
@signed_in
def address_add(request: Request) -> HttpResponse:
    form = AddressForm(request.POST or None)
    if form.is_valid():
        services.add_address(request.user, **form.cleaned_data)
        messages.success(request, _("Address saved."))
        return redirect("people:profile")
    return _address_page(request, form)


@require_http_methods(["GET", "POST"])
@signed_in
def address_edit(request: Request, pk: int) -> HttpResponse:
    address = get_object_or_404(request.user.addresses, pk=pk)
    form = AddressForm(request.POST or None, instance=address)
    if form.is_valid():
        services.update_address(request.user, address=address, **form.cleaned_data)
        messages.success(request, _("Address saved."))
        return redirect("people:profile")
    return _address_page(request, form)


@require_POST
@signed_in
def address_delete(request: Request, pk: int) -> HttpResponse:
    address = get_object_or_404(request.user.addresses, pk=pk)
    services.delete_address(request.user, address=address)
    messages.success(request, _("Address deleted."))
    return redirect("people:profile")


def _address_page(request: Request, form: AddressForm) -> HttpResponse:
    status = 422 if form.errors else 200
    return render_page(request, "accounts/address.html", {"form": form}, status=status)
