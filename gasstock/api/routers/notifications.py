"""What people should know: the inbox of the site."""

from django.shortcuts import get_object_or_404
from ninja import Query, Router
from ninja.responses import Status

from gasstock.api.auth import signed_in
from gasstock.api.document import refuses
from gasstock.api.http import ApiRequest
from gasstock.api.idempotency import idempotent
from gasstock.api.pagination import Listed, Paging, listed
from gasstock.api.schemas.notifications import AskedNotices, NoticeOut, notice_of
from gasstock.core.paging import newest_first
from gasstock.notifications import services
from gasstock.notifications.models import Notification

router = Router(tags=["Notifications"])


@router.get(
    "notifications/",
    response=Listed[NoticeOut],
    operation_id="listNotifications",
    summary="My inbox",
)
@signed_in
def list_notices(
    request: ApiRequest, asked: Query[AskedNotices], paging: Query[Paging]
) -> Listed[NoticeOut]:
    """What I should know, the latest first."""
    rows = Notification.objects.shown().filter(user=request.user)
    page = newest_first(rows.unread() if asked.unread else rows, paging.cursor, size=paging.limit)
    return listed(NoticeOut, page, notice_of)


@router.post(
    "notifications/{int:pk}/read/",
    response=NoticeOut,
    operation_id="readNotification",
    summary="I have read it",
)
@signed_in
@refuses(404)
@idempotent
def read(request: ApiRequest, pk: int) -> Status[NoticeOut]:
    notice = services.mark_read(request.user, notification=_find(request, pk))
    notice.refresh_from_db()
    return Status(200, notice_of(notice))


@router.delete(
    "notifications/{int:pk}/",
    response={204: None},
    operation_id="dismissNotification",
    summary="Take it out of my inbox",
)
@signed_in
@refuses(404)
def dismiss(request: ApiRequest, pk: int) -> Status[None]:
    services.dismiss(request.user, notification=_find(request, pk))
    return Status(204, None)


def _find(request: ApiRequest, pk: int) -> Notification:
    return get_object_or_404(Notification.objects.shown(), pk=pk, user=request.user)
