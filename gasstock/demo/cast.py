"""Who takes part: people, the stations they run, and what stands on the shelves."""

import re
from dataclasses import dataclass, field
from random import Random

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.utils.text import slugify

from gasstock.accounts.models import Station, User
from gasstock.accounts.permissions import Role
from gasstock.accounts.services import accept_invitation, add_address, invite_member
from gasstock.demo import people
from gasstock.demo.market import LANDMARKS, ROADS
from gasstock.inventory.models import Listing
from gasstock.notifications.models import Message

PASSWORD = "gasstock-demo"  # noqa: S105 the demo tells it to everybody
SIGN_INS = {
    "admin": ("admin@demo.example", "Christian Ndayisaba"),
    "manager": ("manager@demo.example", "Claire Mukamana"),
    "clerk": ("clerk@demo.example", "Aline Mutesi"),
    "rider": ("rider@demo.example", "Eric Nshimiyimana"),
    "buyer": ("buyer@demo.example", "Marie Uwase"),
}
PREFIXES = ("788", "783", "785", "722", "730")


@dataclass
class Outlet:
    """A station with those who work there and what it sells."""

    station: Station
    manager: User
    busy: int
    clerks: list[User] = field(default_factory=list)
    riders: list[User] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)
    kept: dict[str, int] = field(default_factory=dict)  # by SKU: not for who just drops in

    def listing(self, sku: str) -> Listing:
        return next(each for each in self.listings if each.variant.sku == sku)


@dataclass
class Customer:
    """A buyer, where they live, and the stations they know."""

    user: User
    district: str
    line: str
    outlets: list[Outlet]
    is_kitchen: bool = False


class Registry:
    """Makes accounts. Nobody but the five of the sign-ins has a password."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self._password = make_password(PASSWORD)
        self._names: set[str] = set()
        self._count = 0

    def sign_in(self, key: str) -> User:
        """Register one of the people whose password everybody knows."""
        email, name = SIGN_INS[key]
        return self.register(name, email=email, password=self._password)

    def register(self, name: str = "", *, email: str = "", password: str = "") -> User:
        name = name or self.new_name()
        self._count += 1
        email = email or f"{slugify(name)}.{self._count}@mail.example"
        user = User(email=email, name=name, phone=self.new_phone())
        user.password = password or make_password(None)
        user.save()
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        return user

    def new_name(self) -> str:
        while True:
            name = f"{self.dice.choice(people.GIVEN)} {self.dice.choice(people.FAMILY)}"
            if name not in self._names or len(self._names) > len(people.GIVEN) * 20:
                self._names.add(name)
                return name

    def new_phone(self) -> str:
        return f"+250{self.dice.choice(PREFIXES)}{self.dice.randrange(1_000_000):06d}"

    def new_line(self, district: str) -> str:
        """A place to bring gas to: a street and a house in Kigali, elsewhere a landmark."""
        if district not in ROADS:
            return self.dice.choice(LANDMARKS).capitalize()
        street = f"{ROADS[district]} {self.dice.randint(3, 240)} {self.dice.choice(('Ave', 'St'))}"
        return f"{street}, house {self.dice.randint(1, 90)}, {self.dice.choice(LANDMARKS)}"


def hire(outlet: Outlet, role: Role, user: User) -> None:
    """Invite `user` to the station and let them open the link of the letter."""
    invite_member(outlet.manager, station=outlet.station, email=user.email, role=role)
    letter = Message.objects.filter(to=user.email, is_secret=True).latest("pk")
    link = re.search(r"/invitation/([\w-]+)/", letter.body)
    if link is None:
        raise ValueError("The letter has no invitation in it.")
    accept_invitation(user, token=link[1])
    (outlet.riders if role == Role.RIDER else outlet.clerks).append(user)


def new_customer(
    registry: Registry,
    district: str,
    outlets: list[Outlet],
    *,
    kitchen: str = "",
    user: User | None = None,
    line: str = "",
) -> Customer:
    """Register somebody who lives in the district and buys at `outlets`."""
    user = user or registry.register(kitchen)
    line = line or registry.new_line(district)
    add_address(user, label="Kitchen" if kitchen else "Home", district=district, line=line)
    return Customer(user, district, line, outlets, is_kitchen=bool(kitchen))
