from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictBool

from gasstock.accounts.models import Station, StationStatus, User
from gasstock.accounts.permissions import GRANTS, Permission, Role
from gasstock.api.schemas.base import ClockTime, In, Line, Moment, Money, Out, Spoken, money
from gasstock.api.schemas.orders import PaymentWord
from gasstock.api.schemas.session import PlatformRole, roles_of
from gasstock.core import platform
from gasstock.orders.customers import Habit

Wanted = Literal["BUYER", "SELLER", "MANAGER", "CLERK", "RIDER", "ADMIN", "CLOSED"]
Slug = Annotated[str, Field(max_length=60)]


# --- In -----------------------------------------------------------------------------------------


class Suspension(In):
    reason: Annotated[Line, Field(max_length=240, examples=["The licence ran out"])] = ""


class Paid(In):
    method: PaymentWord
    reference: Annotated[Line, Field(max_length=60)] = Field(
        "", description="What the bank printed; needed for a BANK transfer."
    )


class Work(In):
    station: Slug = Field(examples=["kimironko-gas-point"])
    role: Annotated[Role, Spoken]


class UserChange(In):
    """What is left out stays. `memberships` are all there are afterwards."""

    is_active: StrictBool | None = Field(None, description="False signs out and locks out.")
    is_admin: StrictBool | None = None
    memberships: Annotated[list[Work], Field(max_length=100)] | None = None


class AskedPending(BaseModel):
    q: str = Field("", max_length=60, description="A part of a number or a name.")
    station: str = Field("", max_length=60, description="Slug.")


class AskedUsers(BaseModel):
    q: str = Field("", max_length=80, description="Parts of the name or e-mail, or the phone.")
    role: Wanted | None = Field(
        None, description="A BUYER works nowhere, a SELLER serves orders; CLOSED: deactivated."
    )


class AskedCustomers(BaseModel):
    q: str = Field("", max_length=80, description="Parts of the name or e-mail, or the phone.")


# --- Out ----------------------------------------------------------------------------------------


class WorkOut(Out):
    station: str = Field(description="Slug.")
    name: str
    role: Annotated[Role, Spoken]


class UserOut(Out):
    id: int
    email: str
    name: str
    phone: str | None
    language: str
    roles: list[PlatformRole]
    is_active: bool
    is_admin: bool
    memberships: list[WorkOut]
    joined_at: Moment


class Customer(Out):
    id: int
    email: str
    name: str
    phone: str | None
    is_active: bool
    joined_at: Moment
    orders: int = Field(description="How many they placed, and bought at counters.")
    last_order_at: Moment | None
    paid: Money = Field(description="All they ever paid, deposits included.")
    currency: str = Field(examples=["RWF"])


class Applicant(Out):
    id: int
    name: str
    email: str
    phone: str | None


class StationCase(Out):
    """A station as the platform sees it."""

    slug: str
    name: str
    code: str = Field(description="Begins the numbers of its papers.")
    district: str
    address: str
    phone: str
    licence: str
    opens_at: ClockTime
    closes_at: ClockTime
    delivers: bool
    status: Annotated[StationStatus, Spoken]
    reason: str = Field(description="Why it was rejected or suspended.")
    applicant: Applicant
    applied_at: Moment
    decided_at: Moment | None


class RoleOut(Out):
    """What somebody may do: everywhere, at a station where they have the role, or as a buyer."""

    role: str = Field(examples=["MANAGER"])
    name: str
    scope: Literal["PLATFORM", "STATION", "OWN"]
    permissions: list[Permission]


def user_of(user: User) -> UserOut:
    """Write somebody whose memberships came along, with their stations."""
    work = sorted(user.memberships.all(), key=lambda each: each.pk)
    return UserOut(
        id=user.pk,
        email=user.email,
        name=user.name,
        phone=str(user.phone) or None,
        language=user.language,
        roles=roles_of(user, work),
        is_active=user.is_active,
        is_admin=user.is_admin,
        memberships=[
            WorkOut(station=each.station.slug, name=each.station.name, role=Role(each.role))
            for each in work
        ],
        joined_at=user.date_joined,
    )


def customer_of(user: User, habit: Habit) -> Customer:
    return Customer(
        id=user.pk,
        email=user.email,
        name=user.name,
        phone=str(user.phone) or None,
        is_active=user.is_active,
        joined_at=user.date_joined,
        orders=habit.orders,
        last_order_at=habit.last_order_at,
        paid=money(habit.paid),
        currency=platform.current().currency,
    )


def station_of(station: Station) -> StationCase:
    """Write a station with its applicant at hand."""
    who = station.applicant
    return StationCase(
        slug=station.slug,
        name=station.name,
        code=station.code,
        district=station.district,
        address=station.address,
        phone=str(station.phone),
        licence=station.licence,
        opens_at=station.opens_at,
        closes_at=station.closes_at,
        delivers=station.delivers,
        status=StationStatus(station.status),
        reason=station.status_reason,
        applicant=Applicant(
            id=who.pk, name=who.name, email=who.email, phone=str(who.phone) or None
        ),
        applied_at=station.applied_at,
        decided_at=station.decided_at,
    )


def all_roles() -> list[RoleOut]:
    stations = [
        RoleOut(
            role=role.name,
            name=str(role.label),
            scope="STATION",
            permissions=sorted(GRANTS[role]),
        )
        for role in Role
    ]
    everything = sorted(Permission)
    return [
        RoleOut(role="BUYER", name="Buyer", scope="OWN", permissions=[]),
        *stations,
        RoleOut(role="ADMIN", name="Admin", scope="PLATFORM", permissions=everything),
    ]
