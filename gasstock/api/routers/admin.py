"""What waits for an admin and what becomes of it; people, customers and roles."""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query, Router
from ninja.responses import Status

from gasstock.accounts import services
from gasstock.accounts.errors import (
    AccountClosed,
    LastAdmin,
    LastManager,
    NotOnYourself,
    OwnApplication,
    StationIsAlready,
)
from gasstock.accounts.models import Station, StationStatus, User
from gasstock.accounts.permissions import Role
from gasstock.api.auth import admin_only, signed_in
from gasstock.api.document import refuses
from gasstock.api.errors import FieldError, Invalid
from gasstock.api.http import ApiRequest
from gasstock.api.idempotency import idempotent
from gasstock.api.pagination import Listed, Paging, listed
from gasstock.api.schemas.admin import (
    AskedCustomers,
    AskedPending,
    AskedUsers,
    Customer,
    Paid,
    RoleOut,
    StationCase,
    Suspension,
    UserChange,
    UserOut,
    Work,
    all_roles,
    customer_of,
    station_of,
    user_of,
)
from gasstock.api.schemas.invoices import InvoiceOut, InvoiceRow, invoice_of, row_of
from gasstock.api.schemas.methods import method_of
from gasstock.api.schemas.orders import OrderOut, order_of
from gasstock.api.schemas.steps import Rejection
from gasstock.billing.errors import (
    NothingToPay,
    OwnInvoice,
    ReferenceMissing,
    WrongInvoiceStatus,
)
from gasstock.billing.models import Invoice
from gasstock.billing.papers import whole
from gasstock.core.paging import newest_first, oldest_first
from gasstock.orders.customers import Habit, customers, habits_of
from gasstock.orders.errors import MethodNotTaken
from gasstock.orders.models import Order
from gasstock.orders.queue import Asked, narrowed
from gasstock.orders.queue import stations as stations_to_read
from gasstock.orders.services import money

router = Router(tags=["Admin"])


# --- What waits ---------------------------------------------------------------------------------


@router.get(
    "admin/orders/pending/",
    response=Listed[OrderOut],
    operation_id="listPendingOrders",
    summary="Orders that wait for approval",
)
@admin_only
def list_pending_orders(
    request: ApiRequest, asked: Query[AskedPending], paging: Query[Paging]
) -> Listed[OrderOut]:
    """The oldest first."""
    rows = narrowed("order", _wish(request, asked), Order.objects.for_details())
    page = oldest_first(rows, paging.cursor, size=paging.limit)
    return listed(OrderOut, page, lambda order: order_of(order, request.user))


@router.get(
    "admin/invoices/pending/",
    response=Listed[InvoiceRow],
    operation_id="listPendingInvoices",
    summary="Invoices that wait for approval",
)
@admin_only
def list_pending_invoices(
    request: ApiRequest, asked: Query[AskedPending], paging: Query[Paging]
) -> Listed[InvoiceRow]:
    """The oldest first."""
    bills = Invoice.objects.select_related("station")
    rows = narrowed("invoice", _wish(request, asked), bills)
    return listed(InvoiceRow, oldest_first(rows, paging.cursor, size=paging.limit), row_of)


@router.get(
    "admin/stations/pending/",
    response=Listed[StationCase],
    operation_id="listPendingStations",
    summary="Stations that want to sell",
)
@admin_only
def list_pending_stations(
    request: ApiRequest, asked: Query[AskedPending], paging: Query[Paging]
) -> Listed[StationCase]:
    """The oldest first."""
    rows = narrowed("station", _wish(request, asked), stations_to_read())
    return listed(StationCase, oldest_first(rows, paging.cursor, size=paging.limit), station_of)


# --- Invoices -----------------------------------------------------------------------------------


@router.post(
    "invoices/{int:pk}/approve/",
    response=InvoiceOut,
    operation_id="approveInvoice",
    summary="Approve an invoice",
)
@signed_in
@refuses(404, WrongInvoiceStatus, OwnInvoice)
@idempotent
def approve_invoice(request: ApiRequest, pk: int) -> Status[InvoiceOut]:
    """Make it final, for admins; not for the one who sent it."""
    invoice = money.approve_bill(request.user, invoice=_to_decide(request.user, pk))
    return _answer(invoice)


@router.post(
    "invoices/{int:pk}/reject/",
    response=InvoiceOut,
    operation_id="rejectInvoice",
    summary="Send an invoice back",
)
@signed_in
@refuses(404, WrongInvoiceStatus)
@idempotent
def reject_invoice(request: ApiRequest, pk: int, body: Rejection) -> Status[InvoiceOut]:
    """The station reads why, and may send it again."""
    found = _to_decide(request.user, pk)
    return _answer(money.reject_bill(request.user, invoice=found, reason=body.reason))


@router.post(
    "invoices/{int:pk}/mark-as-paid/",
    response=InvoiceOut,
    operation_id="markInvoicePaid",
    summary="Record the rest of an invoice as received",
)
@signed_in
@refuses(404, WrongInvoiceStatus, NothingToPay, MethodNotTaken)
@idempotent
def mark_invoice_paid(request: ApiRequest, pk: int, body: Paid) -> Status[InvoiceOut]:
    """An approved invoice is paid by it; one that is paid stays as it is."""
    found = _to_decide(request.user, pk)
    method = method_of(found.station, body.method)
    try:
        invoice = money.mark_bill_paid(
            request.user, invoice=found, method=method, reference=body.reference
        )
    except ReferenceMissing as error:
        raise Invalid({"reference": str(error)}) from error
    return _answer(invoice)


# --- Stations -----------------------------------------------------------------------------------


@router.post(
    "stations/{slug:slug}/approve/",
    response=StationCase,
    operation_id="approveStation",
    summary="Let a station sell",
)
@signed_in
@refuses(404, StationIsAlready, OwnApplication)
@idempotent
def approve_station(request: ApiRequest, slug: str) -> Status[StationCase]:
    """Approve an application; or let a suspended station sell again."""
    found = _station_to_decide(request.user, slug)
    if found.status == StationStatus.SUSPENDED:
        services.reinstate_station(request.user, station=found)
    else:
        services.approve_station(request.user, station=found)
    return Status(200, station_of(stations_to_read().get(pk=found.pk)))


@router.post(
    "stations/{slug:slug}/suspend/",
    response=StationCase,
    operation_id="suspendStation",
    summary="Stop a station from selling",
)
@signed_in
@refuses(404, StationIsAlready)
@idempotent
def suspend_station(
    request: ApiRequest, slug: str, body: Suspension | None = None
) -> Status[StationCase]:
    """It leaves the shop; its open orders go on. Its managers read why."""
    found = _station_to_decide(request.user, slug)
    reason = (body and body.reason) or _("No reason was given.")
    services.suspend_station(request.user, station=found, reason=reason)
    return Status(200, station_of(stations_to_read().get(pk=found.pk)))


# --- People -------------------------------------------------------------------------------------


@router.get("admin/users/", response=Listed[UserOut], operation_id="listUsers", summary="Everybody")
@admin_only
def list_users(
    request: ApiRequest, asked: Query[AskedUsers], paging: Query[Paging]
) -> Listed[UserOut]:
    """Who has an account, the newest first."""
    people = User.objects.matching(asked.q).in_role((asked.role or "").lower())
    page = newest_first(_with_work(people), paging.cursor, size=paging.limit)
    return listed(UserOut, page, user_of)


@router.get(
    "admin/users/{int:pk}/", response=UserOut, operation_id="getUser", summary="One account"
)
@admin_only
def get_user(request: ApiRequest, pk: int) -> UserOut:
    return user_of(get_object_or_404(_with_work(User.objects.all()), pk=pk))


@router.patch(
    "admin/users/{int:pk}/",
    response=UserOut,
    operation_id="changeUser",
    summary="Change what somebody may do",
)
@admin_only
@refuses(NotOnYourself, LastAdmin, LastManager, AccountClosed)
def change_user(request: ApiRequest, pk: int, body: UserChange) -> UserOut:
    """All of it or, where something is refused, nothing."""
    person = get_object_or_404(User, pk=pk)
    roles = None if body.memberships is None else _roles(body.memberships)
    services.change_user(
        request.user,
        user=person,
        is_active=body.is_active,
        is_admin=body.is_admin,
        roles=roles,
    )
    return user_of(_with_work(User.objects.all()).get(pk=pk))


@router.delete(
    "admin/users/{int:pk}/",
    response={204: None},
    operation_id="deactivateUser",
    summary="Close an account",
)
@admin_only
@refuses(NotOnYourself, LastAdmin)
def deactivate_user(request: ApiRequest, pk: int) -> Status[None]:
    """Sign somebody out and lock them out; nothing of theirs is deleted."""
    services.deactivate_user(request.user, user=get_object_or_404(User, pk=pk))
    return Status(204, None)


@router.get(
    "admin/customers/",
    response=Listed[Customer],
    operation_id="listCustomers",
    summary="Who buys",
)
@admin_only
def list_customers(
    request: ApiRequest, asked: Query[AskedCustomers], paging: Query[Paging]
) -> Listed[Customer]:
    """Who bought something, or has an account for nothing else; the newest first."""
    page = newest_first(customers().matching(asked.q), paging.cursor, size=paging.limit)
    habits = habits_of(page.rows)
    return listed(Customer, page, lambda user: customer_of(user, habits.get(user.pk, Habit())))


@router.get("roles/", response=Listed[RoleOut], operation_id="listRoles", summary="Roles")
@admin_only
def list_roles(request: ApiRequest) -> Listed[RoleOut]:
    """Who may do what; all on one page."""
    return Listed[RoleOut](items=all_roles(), next=None)


# --- Looking up ---------------------------------------------------------------------------------


def _wish(request: ApiRequest, asked: AskedPending) -> Asked:
    return Asked(user=request.user, words=asked.q.strip(), station=asked.station)


def _to_decide(user: User, pk: int) -> Invoice:
    """An invoice, for admins. Who may look at it is told that they may do no more."""
    found = get_object_or_404(Invoice.objects.select_related("station"), pk=pk)
    is_buyers = found.buyer_id == user.pk and found.number is not None
    _refuse_others(user, found.station, sees=is_buyers)
    return found


def _station_to_decide(user: User, slug: str) -> Station:
    found = get_object_or_404(Station, slug=slug)
    _refuse_others(user, found, sees=found.applicant_id == user.pk)
    return found


def _refuse_others(user: User, station: Station, *, sees: bool) -> None:
    """Let admins on. Raises PermissionDenied for who `sees` it or works there, else Http404."""
    if user.is_admin:
        return
    if sees or user.memberships.filter(station=station).exists():
        raise PermissionDenied
    raise Http404


def _answer(invoice: Invoice) -> Status[InvoiceOut]:
    return Status(200, invoice_of(whole(Invoice.objects.all()).get(pk=invoice.pk)))


def _with_work(people: QuerySet[User]) -> QuerySet[User]:
    return people.prefetch_related("memberships__station")


def _roles(work: Sequence[Work]) -> dict[Station, Role]:
    """Where somebody is to work. Raises Invalid."""
    known = Station.objects.in_bulk([each.station for each in work], field_name="slug")
    errors, roles = [], {}
    for n, each in enumerate(work):
        station = known.get(each.station)
        if station is None:
            errors.append(FieldError(f"memberships.{n}.station", "There is no such station."))
        elif station in roles:
            errors.append(FieldError(f"memberships.{n}.station", "It is there twice."))
        else:
            roles[station] = Role(each.role)
    if errors:
        raise Invalid(errors)
    return roles
