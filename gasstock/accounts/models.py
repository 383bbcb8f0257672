from datetime import timedelta
from functools import cached_property
from typing import Any, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, Lower
from django.urls import reverse
from phonenumber_field.modelfields import PhoneNumberField

from gasstock.accounts.permissions import GRANTS, Permission, Role
from gasstock.core import clock
from gasstock.notifications.models import Notification

INVITATION_LIFE = timedelta(days=7)
SELLERS = (Role.MANAGER, Role.CLERK)


class UserQuerySet(models.QuerySet["User"]):
    def matching(self, words: str, *, by_email: bool = True) -> Self:
        """Search as people do: by a part of the name, the e-mail, or the phone as dialled.

        Who does not see e-mails must not find people by theirs either.
        """
        for word in _search_words(words):
            found = Q(name__icontains=word)
            if by_email:
                found |= Q(email__icontains=word)
            digits = "".join(c for c in word if c in "0123456789").lstrip("0")
            if len(digits) >= 3:
                found |= Q(phone__contains=digits)
            self = self.filter(found)
        return self

    def in_role(self, role: str) -> Self:
        """Narrow to "admin", "buyer" (works nowhere), "seller" (serves orders), "closed", or a role
        at a station.
        """
        if role == "admin":
            return self.filter(is_admin=True)
        if role == "closed":
            return self.filter(is_active=False)
        works = Membership.objects.filter(user=models.OuterRef("pk"))
        if role == "buyer":
            return self.filter(~models.Exists(works), is_admin=False)
        if role == "seller":
            return self.filter(models.Exists(works.filter(role__in=SELLERS)))
        return self.filter(models.Exists(works.filter(role=role))) if role else self

    def in_state(self, state: str) -> Self:
        """Narrow to "active", "closed" (deactivated) or "never" (did not sign in yet)."""
        states = {"active": {"is_active": True}, "closed": {"is_active": False}}
        states["never"] = {"last_login": None, "is_active": True}  # type: ignore[dict-item]
        return self.filter(**states.get(state, {}))

    def with_unread(self) -> Self:
        """Bring along what `User.unread` says."""
        waiting = Notification.objects.unread().filter(user=models.OuterRef("pk"))
        counted = waiting.values("user").annotate(count=models.Count("pk")).values("count")
        return self.annotate(unread=Coalesce(models.Subquery(counted), 0))


def _search_words(words: str) -> list[str]:
    """Split a search into words; a phone number typed in groups is one."""
    together = "".join(words.split())
    is_phone = together.lstrip("+").isdigit()
    return [together] if is_phone else words.split()[:5]


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        flags = {"is_staff": True, "is_superuser": True, "is_admin": True}
        return self.create_user(email, password, **(flags | fields))

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Everybody may buy; a membership lets them work at a station."""

    email = models.EmailField("e-mail", max_length=254)
    name = models.CharField(max_length=80)
    phone = PhoneNumberField(blank=True)
    language = models.CharField(max_length=8, default="en")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("opens Django's admin", default=False)
    is_admin = models.BooleanField("runs the platform", default=False)
    date_joined = models.DateTimeField(default=clock.now, editable=False)

    objects = UserManager.from_queryset(UserQuerySet)()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="one_account_per_email",
                violation_error_message="An account with this e-mail exists already.",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def first_name(self) -> str:
        return next(iter(str(self).split()), "")

    @property
    def initials(self) -> str:
        words = str(self).split()
        ends = words[:1] + words[1:][-1:]
        return "".join(word[0] for word in ends).upper()

    @cached_property
    def unread(self) -> int:
        """How many messages wait for this person; costs a query unless they came `with_unread`."""
        return self.notifications.unread().count()

    def permissions_at(self, station: "Station") -> frozenset[Permission]:
        """Return what this person may do at `station`; costs one query unless they are an admin."""
        if self.is_admin:
            return frozenset(Permission)
        roles = self.memberships.filter(station=station).values_list("role", flat=True)
        return frozenset().union(*(GRANTS[Role(role)] for role in roles))


class StationStatus(models.TextChoices):
    APPLIED = "applied", "Waiting for approval"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    SUSPENDED = "suspended", "Suspended"


STATION_TONES = {
    StationStatus.APPLIED: "wait",
    StationStatus.APPROVED: "ok",
    StationStatus.REJECTED: "bad",
    StationStatus.SUSPENDED: "bad",
}


class StationQuerySet(models.QuerySet["Station"]):
    def staffed_by(self, user: User) -> Self:
        """The stations whose pages `user` may open: all for an admin, else where they work."""
        if user.is_admin:
            return self.all()
        return self.filter(memberships__user=user).distinct()

    def selling(self) -> Self:
        return self.filter(status=StationStatus.APPROVED)

    def granting(self, user: User, permission: Permission) -> Self:
        """The stations where `user` holds `permission`: all for an admin."""
        if user.is_admin:
            return self.all()
        roles = [role for role, granted in GRANTS.items() if permission in granted]
        return self.filter(memberships__user=user, memberships__role__in=roles)

    def matching(self, words: str) -> Self:
        """Search by a part of the name or district, or by the short code."""
        for word in words.split()[:5]:
            self = self.filter(
                Q(name__icontains=word) | Q(district__icontains=word) | Q(code__iexact=word)
            )
        return self


class Station(models.Model):
    """A seller: a depot or shop that holds and sells cylinders.

    Money is in minor units. `approval_limit` is the highest order total its own team may
    approve; `rating_sum / rating_count` is kept by the ratings service.
    """

    slug = models.SlugField(max_length=60, unique=True)
    code = models.CharField(
        "short code",
        max_length=4,
        unique=True,
        validators=[RegexValidator(r"^[A-Z]{3,4}$", "Three or four capital letters.")],
    )
    name = models.CharField(max_length=80)
    district = models.CharField(max_length=40)
    address = models.CharField(max_length=160)
    phone = PhoneNumberField()
    licence = models.CharField("licence number", max_length=60, blank=True)
    opens_at = models.TimeField(default="07:00")
    closes_at = models.TimeField(default="20:00")
    delivers = models.BooleanField(default=True)
    delivery_fee = models.PositiveIntegerField(default=0)
    delivery_minutes = models.PositiveSmallIntegerField(
        "minutes to bring it",
        default=90,
        validators=[MinValueValidator(15), MaxValueValidator(1440)],
        help_text="Promised to buyers who want it as soon as possible.",
    )
    takes_bank = models.BooleanField("takes bank transfers", default=False)
    bank_account = models.CharField(
        max_length=120, blank=True, help_text="Bank, name and number, as the buyer needs them."
    )
    takes_foreign_empties = models.BooleanField("takes empties of other brands", default=False)
    cover_days = models.PositiveSmallIntegerField(
        "days of stock to keep",
        default=14,
        validators=[MinValueValidator(1), MaxValueValidator(90)],
        help_text="How long an order to a supplier should last, as suggested to you.",
    )
    approval_limit = models.PositiveIntegerField(
        default=0, help_text="Orders up to this total need no admin."
    )
    status = models.CharField(
        max_length=10, choices=StationStatus.choices, default=StationStatus.APPLIED
    )
    status_reason = models.CharField(max_length=240, blank=True)
    applicant = models.ForeignKey(User, models.PROTECT, related_name="applications")
    applied_at = models.DateTimeField(default=clock.now, editable=False)
    decided_at = models.DateTimeField(null=True, blank=True)
    rating_sum = models.PositiveIntegerField(default=0)
    rating_count = models.PositiveIntegerField(default=0)
    rating_average = models.GeneratedField(
        expression=models.Case(
            models.When(
                rating_count__gt=0,
                then=models.F("rating_sum") * 10 / models.F("rating_count"),
            ),
            default=0,
            output_field=models.IntegerField(),
        ),
        output_field=models.IntegerField(),
        db_persist=True,
        help_text="Tenths of a star, 0 while nobody rated.",
    )

    objects = StationQuerySet.as_manager()

    granted: frozenset[Permission] = frozenset()  # what the person who asks may do here

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(rating_sum__gte=models.F("rating_count"))
                & Q(rating_sum__lte=models.F("rating_count") * 5),
                name="station_ratings_are_1_to_5",
            ),
            models.UniqueConstraint(
                fields=["applicant"],
                condition=Q(status="applied"),
                name="one_waiting_application_per_person",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["rejected", "suspended"]) | ~Q(status_reason=""),
                name="rejected_and_suspended_stations_say_why",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "applied_at"], name="station_by_status"),
            models.Index(fields=["-rating_average"], name="station_by_rating"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("station:board", args=[self.slug])

    @property
    def status_tone(self) -> str:
        return STATION_TONES[StationStatus(self.status)]

    @property
    def rating(self) -> float | None:
        return self.rating_sum / self.rating_count if self.rating_count else None


class Membership(models.Model):
    """A person's work at a station; without a `load_limit` they carry as much as they like."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    station = models.ForeignKey(Station, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)
    load_limit = models.PositiveSmallIntegerField(
        "cylinders on one trip",
        default=8,
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(200)],
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "station"], name="one_membership_per_person_and_station"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()} at {self.station}"

    def get_absolute_url(self) -> str:
        """The page this person's day at the station begins on."""
        return reverse("today:station", args=[self.station.slug])


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> Self:
        return self.filter(
            accepted_at=None, revoked_at=None, created_at__gt=clock.now() - INVITATION_LIFE
        )


class Invitation(models.Model):
    """A manager's letter to somebody who should work at the station.

    Only the digest of the token is kept; the token itself is in the letter.
    """

    station = models.ForeignKey(Station, models.CASCADE, related_name="invitations")
    email = models.EmailField("e-mail")
    role = models.CharField(max_length=10, choices=Role.choices)
    token = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "station",
                Lower("email"),
                condition=Q(accepted_at=None, revoked_at=None),
                name="one_waiting_invitation_per_email_and_station",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.station}"


class Address(models.Model):
    """Where a buyer wants gas brought."""

    user = models.ForeignKey(User, models.CASCADE, related_name="addresses")
    label = models.CharField(max_length=30, default="Home")
    district = models.CharField(max_length=40)
    line = models.CharField("street, house, landmark", max_length=160)
    position = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.line}, {self.district}"
