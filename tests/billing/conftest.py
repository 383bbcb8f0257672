from collections.abc import Callable

import pytest

from gasstock.accounts.models import Station, User
from gasstock.accounts.permissions import Role
from gasstock.billing.models import Invoice, InvoiceStatus, LineKind
from gasstock.billing.services.invoices import (
    Bill,
    Bills,
    Party,
    approve_invoice,
    draft_invoice,
    submit_invoice,
)
from tests.factories import make_admin, make_member, make_station, make_user

REFILL = Bill(LineKind.GOODS, "SP 12 kg, refill", 20_000)
NEW = Bill(LineKind.GOODS, "SP 12 kg, new cylinder", 22_000)
DEPOSIT = Bill(LineKind.DEPOSIT, "Deposit, SP 12 kg cylinder", 30_000)
DELIVERY = Bill(LineKind.DELIVERY, "Delivery", 1_000)

MakeInvoice = Callable[..., Invoice]


@pytest.fixture
def admin(db: None) -> User:
    return make_admin()


@pytest.fixture
def station(db: None) -> Station:
    return make_station("kimironko", code="KGP", name="Kimironko Gas Point")


@pytest.fixture
def manager(station: Station) -> User:
    return make_member(make_user(), station, Role.MANAGER)


@pytest.fixture
def clerk(station: Station) -> User:
    return make_member(make_user(), station, Role.CLERK)


@pytest.fixture
def rider(station: Station) -> User:
    return make_member(make_user(), station, Role.RIDER)


@pytest.fixture
def buyer(db: None) -> User:
    return make_user(name="Marie Uwase")


@pytest.fixture
def make_invoice(station: Station, buyer: User, clerk: User, admin: User) -> MakeInvoice:
    """An invoice of `bills`, brought as far as `to`: a draft, submitted or approved."""

    def make(
        bills: Bills | None = None,
        to: InvoiceStatus = InvoiceStatus.DRAFT,
        *,
        station: Station = station,
        buyer: User = buyer,
        reference: str = "KGP-ABC234",
    ) -> Invoice:
        invoice = draft_invoice(
            buyer,
            station=station,
            party=Party(buyer, buyer.name, "+250788412906", "KG 7 Ave"),
            reference=reference,
            bills=Bills({REFILL: 2, DELIVERY: 1}) if bills is None else bills,
        )
        if to != InvoiceStatus.DRAFT:
            invoice = submit_invoice(clerk, invoice=invoice)
        if to == InvoiceStatus.APPROVED:
            invoice = approve_invoice(admin, invoice=invoice)
        return invoice

    return make
