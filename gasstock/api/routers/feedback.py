"""What buyers say of stations."""

from ninja import Query, Router
from ninja.responses import Status

from gasstock.accounts.models import Station
from gasstock.api.auth import public, signed_in
from gasstock.api.document import refuses
from gasstock.api.http import ApiRequest
from gasstock.api.idempotency import idempotent
from gasstock.api.own import own_order
from gasstock.api.pagination import Listed, Paging, listed
from gasstock.api.schemas.feedback import (
    AskedRatings,
    FeedbackOut,
    NewFeedback,
    RatingOut,
    feedback_of,
    rating_of,
)
from gasstock.core.paging import newest_first
from gasstock.orders.errors import AlreadyRated, NotDelivered
from gasstock.orders.models import Rating
from gasstock.orders.services.ratings import rate_order

router = Router(tags=["Feedback"])


@router.post(
    "feedback/", response={201: FeedbackOut}, operation_id="rateOrder", summary="Rate an order"
)
@signed_in
@refuses(403, 404, NotDelivered, AlreadyRated)
@idempotent
def rate(request: ApiRequest, body: NewFeedback) -> Status[FeedbackOut]:
    """Give an order of mine that was delivered 1 to 5 stars, once."""
    order = own_order(request, body.order)
    comment = body.comment.strip()
    rating = rate_order(request.user, order=order, stars=body.rating, comment=comment)
    return Status(201, feedback_of(rating))


@router.get(
    "ratings/", response=Listed[RatingOut], operation_id="listRatings", summary="What buyers say"
)
@public
def list_ratings(
    request: ApiRequest, asked: Query[AskedRatings], paging: Query[Paging]
) -> Listed[RatingOut]:
    """Of one station, or of all that sell; the latest first."""
    rows = Rating.objects.filter(station__in=Station.objects.selling())
    if asked.station:
        rows = rows.filter(station__slug=asked.station)
    page = newest_first(rows.select_related("station", "buyer"), paging.cursor, size=paging.limit)
    return listed(RatingOut, page, rating_of)
