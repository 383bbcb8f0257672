from typing import Annotated, Literal

from pydantic import Field

from gasstock.accounts.models import Address, Membership, Station, StationStatus, User
from gasstock.accounts.permissions import Role
from gasstock.api.schemas.base import In, Line, Out, Spoken

Email = Annotated[str, Field(max_length=254, examples=["marie@example.com"])]
Password = Annotated[str, Field(min_length=1, max_length=128, examples=["a short sentence"])]
Name = Annotated[Line, Field(max_length=80, examples=["Marie Uwase"])]
Phone = Annotated[Line, Field(max_length=30, examples=["0788 412 906"])]
PlatformRole = Literal["BUYER", "SELLER", "RIDER", "ADMIN"]


class NewStation(In):
    """What an application to sell says; the rest is settled once it is approved."""

    name: Annotated[Line, Field(max_length=80, examples=["Kimironko Gas Point"])]
    district: Annotated[Line, Field(max_length=40, examples=["Gasabo"])]
    address: Annotated[Line, Field(max_length=160, examples=["KG 11 Ave 5"])]
    phone: Phone
    licence: Annotated[Line, Field(max_length=60)] = ""


class NewAccount(In):
    email: Email
    password: Password
    name: Name
    phone: Phone | None = None
    role: Literal["BUYER", "SELLER"] = "BUYER"
    station: NewStation | None = Field(None, description="Needed by a SELLER.")


class Account(Out):
    """Who registered. Where an e-mail must be confirmed first, `id` is null until it is."""

    id: int | None
    email: str
    name: str
    phone: str | None
    roles: list[PlatformRole]


class Credentials(In):
    email: Email
    password: Password


class RefreshToken(In):
    refresh: Annotated[str, Field(min_length=1, max_length=4000)]


class Tokens(Out):
    access: str
    refresh: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105
    expires_in: int = Field(description="Seconds that `access` is good for.", examples=[900])


class NewPassword(In):
    current_password: Password
    new_password: Password


class Place(In):
    """Where gas is to be brought."""

    label: Annotated[Line, Field(max_length=30)] = "Home"
    district: Annotated[Line, Field(max_length=40, examples=["Gasabo"])]
    line: Annotated[Line, Field(max_length=160, examples=["KG 7 Ave 12, blue gate"])]


class MeChange(In):
    """What may be changed of oneself; what is left out stays. `addresses` replaces them all."""

    name: Name | None = None
    phone: Phone | None = None
    language: Annotated[str, Field(max_length=8, examples=["en"])] | None = None
    addresses: Annotated[list[Place], Field(max_length=100)] | None = None


class PlaceOut(Out):
    id: int
    label: str
    district: str
    line: str


class Workplace(Out):
    """A station where one works; or applied to, and then without a role."""

    slug: str
    name: str
    role: Annotated[Role, Spoken] | None
    status: Annotated[StationStatus, Spoken]


class Me(Out):
    id: int
    email: str
    name: str
    phone: str | None
    language: str
    roles: list[PlatformRole]
    stations: list[Workplace]
    addresses: list[PlaceOut]


class SignedIn(Tokens):
    user: Me


def account_of(user: User) -> Account:
    phone = str(user.phone) or None
    return Account(id=user.pk, email=user.email, name=user.name, phone=phone, roles=["BUYER"])


def me_of(user: User) -> Me:
    """Write who somebody is, in three queries."""
    work = list(user.memberships.select_related("station").order_by("pk"))
    here = {each.station_id for each in work}
    waiting = [each for each in user.applications.order_by("pk") if each.pk not in here]
    return Me(
        id=user.pk,
        email=user.email,
        name=user.name,
        phone=str(user.phone) or None,
        language=user.language,
        roles=roles_of(user, work),
        stations=[_workplace(each.station, Role(each.role)) for each in work]
        + [_workplace(station, None) for station in waiting],
        addresses=[_place_of(each) for each in user.addresses.order_by("position", "pk")],
    )


def roles_of(user: User, work: list[Membership]) -> list[PlatformRole]:
    held = {Role(each.role) for each in work}
    roles: list[PlatformRole] = ["BUYER"]
    if held & {Role.MANAGER, Role.CLERK}:
        roles.append("SELLER")
    if Role.RIDER in held:
        roles.append("RIDER")
    return [*roles, "ADMIN"] if user.is_admin else roles


def _workplace(station: Station, role: Role | None) -> Workplace:
    status = StationStatus(station.status)
    return Workplace(slug=station.slug, name=station.name, role=role, status=status)


def _place_of(address: Address) -> PlaceOut:
    return PlaceOut(
        id=address.pk, label=address.label, district=address.district, line=address.line
    )
