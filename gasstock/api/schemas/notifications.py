from pydantic import BaseModel, Field

from gasstock.api.schemas.base import Moment, Out
from gasstock.notifications.models import Notification


class AskedNotices(BaseModel):
    unread: bool = Field(False, description="Only what was not read yet.")


class NoticeOut(Out):
    id: int
    kind: str = Field(description="Thing and fact.", examples=["order.approved"])
    text: str
    url: str = Field(description="A page of the site; may be empty.", examples=["/orders/"])
    created_at: Moment
    read_at: Moment | None
    is_read: bool


def notice_of(notice: Notification) -> NoticeOut:
    return NoticeOut(
        id=notice.pk,
        kind=notice.kind,
        text=notice.text,
        url=notice.url,
        created_at=notice.created_at,
        read_at=notice.read_at,
        is_read=notice.is_read,
    )
