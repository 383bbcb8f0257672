from typing import Annotated

from pydantic import BaseModel, Field

from gasstock.api.schemas.base import In, Moment, Out, Words
from gasstock.orders.models import Rating


class AskedRatings(BaseModel):
    station: str = Field("", max_length=60, description="Slug.")


class NewFeedback(In):
    order: Annotated[Words, Field(max_length=16, examples=["KGP-7F4K2M"])]
    rating: Annotated[int, Field(strict=True, ge=1, le=5)]
    comment: Annotated[str, Field(max_length=500, examples=["Fast, and friendly."])] = ""


class RatingOut(Out):
    """What a buyer, who is told by first name, said of a station, and what it answered."""

    id: int
    station: str = Field(description="Slug.")
    rating: int = Field(description="1 to 5 stars.")
    comment: str
    by: str
    at: Moment
    reply: str
    replied_at: Moment | None


class FeedbackOut(RatingOut):
    order: str


def rating_of(rating: Rating) -> RatingOut:
    return RatingOut(
        id=rating.pk,
        station=rating.station.slug,
        rating=rating.stars,
        comment=rating.comment,
        by=rating.buyer.first_name,
        at=rating.created_at,
        reply=rating.reply,
        replied_at=rating.replied_at,
    )


def feedback_of(rating: Rating) -> FeedbackOut:
    return FeedbackOut(order=rating.order.number, **rating_of(rating).model_dump())
