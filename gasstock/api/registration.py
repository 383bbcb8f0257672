"""Making an account: the page's forms say what is good, allauth's flow makes it."""

from allauth.account import app_settings
from allauth.account.internal import flows
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from gasstock.accounts.forms import SignupForm, StationApplicationForm
from gasstock.accounts.models import User
from gasstock.accounts.services import apply_for_station
from gasstock.api.errors import FieldError, Invalid, form_errors
from gasstock.api.schemas.session import Account, NewAccount, NewStation, account_of
from gasstock.api.sessions import consume, headless

TAKEN = {"email": "There is an account with this e-mail already."}


def register(request: HttpRequest, wanted: NewAccount) -> Account:
    """Make a buyer; who wants to sell also files an application. Raises Problem.

    Where an e-mail must be confirmed first, a known one is answered like a new one.
    """
    consume(request, "signup")
    form = SignupForm(
        {
            "email": wanted.email,
            "password1": wanted.password,
            "name": wanted.name,
            "phone": wanted.phone or "",
        }
    )
    station = _station_form(wanted.station) if wanted.role == "SELLER" else None
    _refuse_bad(form, station, wanted)
    try:
        with transaction.atomic(), headless(request):
            user = _made(request, form)
            if user and station:
                apply_for_station(user, details=station.cleaned_data)
    except IntegrityError as error:
        raise Invalid(TAKEN) from error
    if user is None or _must_confirm():
        data = form.cleaned_data
        phone = str(data["phone"]) or None
        return Account(
            id=None, email=data["email"], name=data["name"], phone=phone, roles=["BUYER"]
        )
    return account_of(user)


def _made(request: HttpRequest, form: SignupForm) -> User | None:
    """Make the account and send its letter; nobody is signed in by it. None if it was there."""
    user, _ = form.try_save(request)
    if user:
        flows.signup.complete_signup(request, user=user)
        request.session.flush()
    return user


def _must_confirm() -> bool:
    mandatory = app_settings.EmailVerificationMethod.MANDATORY
    return bool(mandatory == app_settings.EMAIL_VERIFICATION)


def _station_form(station: NewStation | None) -> StationApplicationForm:
    """The form of the page; hours and licence may follow in its settings."""
    usual = {"opens_at": "07:00", "closes_at": "20:00", "delivers": "on"}
    form = StationApplicationForm(usual | (station.model_dump() if station else {}))
    form.fields["licence"].required = False
    return form


def _refuse_bad(
    form: SignupForm, station: StationApplicationForm | None, wanted: NewAccount
) -> None:
    errors = form_errors(form, names={"password1": "password"})
    if station is not None and wanted.station is None:
        errors.append(FieldError("station", "Say which station wants to sell."))
    elif station is not None:
        errors += form_errors(station, under="station.")
    if errors:
        raise Invalid(errors)
