from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from gasstock.accounts.models import Station, User
from gasstock.audit.services import record
from gasstock.core import clock
from gasstock.orders.errors import AlreadyRated, NotDelivered
from gasstock.orders.models import HANDED_OVER, EventKind, Order, Rating
from gasstock.orders.services.timeline import tell_buyer, tell_station, write_event


@transaction.atomic
def rate_order(actor: User, *, order: Order, stars: int, comment: str = "") -> Rating:
    """Give a delivered order 1 to 5 stars, once. Raises NotDelivered, AlreadyRated."""
    if order.status not in HANDED_OVER:
        raise NotDelivered(order)
    try:
        with transaction.atomic():
            rating = Rating.objects.create(
                order=order,
                station=order.station,
                buyer=actor,
                stars=stars,
                comment=comment,
            )
    except IntegrityError as error:
        raise AlreadyRated(order) from error
    Station.objects.filter(pk=order.station_id).update(
        rating_sum=F("rating_sum") + stars, rating_count=F("rating_count") + 1
    )
    write_event(actor, order, EventKind.RATED, note=f"{stars} of 5")
    tell_station(
        actor,
        order,
        EventKind.RATED,
        format_lazy(_("{person} gave {stars} of 5 stars."), person=actor.first_name, stars=stars),
    )
    return rating


@transaction.atomic
def reply_to_rating(actor: User, *, rating: Rating, reply: str) -> Rating:
    """Answer in the station's name; a second answer replaces the first, the audit keeps both."""
    record(actor, "rating.replied", rating, before=rating.reply, after=reply)
    rating.reply, rating.replied_by, rating.replied_at = reply, actor, clock.now()
    rating.save(update_fields=["reply", "replied_by", "replied_at"])
    text = format_lazy(_("{station} answered your rating."), station=rating.station)
    tell_buyer(rating.order, EventKind.RATED, text)
    return rating
