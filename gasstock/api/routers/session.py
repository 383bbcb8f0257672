"""Sign-in and self."""

from typing import Any

from ninja import Router
from ninja.responses import Status

from gasstock.accounts import services
from gasstock.accounts.errors import TooManyAddresses
from gasstock.accounts.forms import AddressForm, ProfileForm
from gasstock.accounts.models import User
from gasstock.api import registration, sessions
from gasstock.api.auth import Bearer, public, signed_in
from gasstock.api.document import refuses
from gasstock.api.errors import FieldError, Invalid, Problem, form_errors
from gasstock.api.http import ApiRequest
from gasstock.api.idempotency import idempotent
from gasstock.api.schemas.session import (
    Account,
    Credentials,
    Me,
    MeChange,
    NewAccount,
    NewPassword,
    Place,
    RefreshToken,
    SignedIn,
    Tokens,
    me_of,
)
from gasstock.api.tokens import end_session

# Who has to set up a second factor still, may sign out and look at themselves.
router = Router(tags=["Sign-in and self"], auth=Bearer(asks_second_factor=False))


@router.post("register/", response={201: Account}, operation_id="register", summary="Register")
@public
@idempotent
def register(request: ApiRequest, body: NewAccount) -> Status[Account]:
    """Make an account that buys. A SELLER files an application for a station with it."""
    return Status(201, registration.register(request, body))


@router.post("login/", response=SignedIn, operation_id="login", summary="Sign in")
@public
@refuses("401 wrong-credentials", "401 mfa-required", "401 email-unconfirmed")
def login(request: ApiRequest, body: Credentials) -> SignedIn:
    """Change e-mail and password for tokens.

    `mfa-required` brings a `session_token`, to finish with at `/_allauth/app/v1/`.
    """
    user, tokens = sessions.sign_in(request, email=body.email.strip(), password=body.password)
    return SignedIn(
        access=tokens["access_token"],
        refresh=tokens["refresh_token"],
        expires_in=tokens["expires_in"],
        user=me_of(user),
    )


@router.post("token/refresh/", response=Tokens, operation_id="refreshToken", summary="Refresh")
@public
@refuses("401 bad-refresh-token")
def refresh(request: ApiRequest, body: RefreshToken) -> Tokens:
    """Change a refresh token, which works once, for new tokens. A copy used later ends both."""
    tokens = sessions.refresh(body.refresh)
    if tokens is None:
        raise Problem(401, "bad-refresh-token", "Sign in again.")
    access, fresh = tokens
    return Tokens(access=access, refresh=fresh, expires_in=sessions.access_seconds())


@router.post("logout/", response={204: None}, operation_id="logout", summary="Sign out")
@signed_in
def logout(request: ApiRequest) -> Status[None]:
    """End this session; its tokens are dead at once."""
    end_session(request.auth.session)
    return Status(204, None)


@router.get("me/", response=Me, operation_id="getMe", summary="Who am I")
@signed_in
def get_me(request: ApiRequest) -> Me:
    return me_of(request.user)


@router.patch("me/", response=Me, operation_id="changeMe", summary="Change what is said of me")
@signed_in
@refuses(TooManyAddresses)
def change_me(request: ApiRequest, body: MeChange) -> Me:
    """Change name, phone, language or addresses; nothing else of oneself."""
    sent = body.model_dump(exclude_unset=True)
    user = request.user
    profile = _good_profile(user, sent)
    places = _good_places(body.addresses) if body.addresses is not None else None
    services.update_self(user, profile=profile, places=places)
    return me_of(user)


@router.post(
    "me/password/", response={204: None}, operation_id="changePassword", summary="New password"
)
@signed_in
def change_password(request: ApiRequest, body: NewPassword) -> Status[None]:
    """Change the password; all sessions end, this one too."""
    sessions.set_password(
        request, request.auth, current=body.current_password, new=body.new_password
    )
    return Status(204, None)


def _good_profile(user: User, sent: dict[str, Any]) -> dict[str, Any]:
    """Return what the profile is to be, as its page would take it."""
    current = {"name": user.name, "phone": str(user.phone), "language": user.language}
    wanted = {name: sent.get(name, value) for name, value in current.items()}
    form = ProfileForm(wanted)
    if form.errors:
        raise Invalid(form_errors(form))
    if "language" not in form.fields and wanted["language"] != user.language:
        raise Invalid({"language": "We do not speak that yet."})
    return current | form.cleaned_data


def _good_places(places: list[Place]) -> list[dict[str, str]]:
    forms = [AddressForm(place.model_dump()) for place in places]
    errors: list[FieldError] = []
    for n, form in enumerate(forms):
        errors += form_errors(form, under=f"addresses.{n}.")
    if errors:
        raise Invalid(errors)
    return [form.cleaned_data for form in forms]
