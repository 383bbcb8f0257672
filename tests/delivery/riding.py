"""What the tests of the rider's pages send and read."""

import io
import re

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from gasstock.delivery.models import CollectedCash
from gasstock.orders.models import LineKind

RUNS = "/at/kimironko/runs/"
DEPART = f"{RUNS}depart/"
NBSP = "\u00a0"


def url_of(delivery, page="run"):
    return reverse(f"delivery:{page}", args=[delivery.station.slug, delivery.order.number])


def typed(delivery, given=None, empties=None, **more):
    """What is typed at the door: everything against as many empties, its cash and its code."""
    line = delivery.order.lines.get()
    given = line.quantity if given is None else given
    data = {f"delivered_{line.pk}": given, "cash": "21,000", "code": delivery.order.code} | more
    if line.kind == LineKind.EXCHANGE:
        data[f"empties_{line.pk}"] = given if empties is None else empties
    return data


def hand_over(client, delivery, **more):
    answer = client.post(url_of(delivery), typed(delivery, **more), follow=True)
    delivery.refresh_from_db()
    return answer


def taken(delivery):
    return sum(x.payment.amount for x in CollectedCash.objects.filter(delivery=delivery))


def text_of(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def photo_of(size=(400, 300), kind="JPEG"):
    kept = io.BytesIO()
    Image.effect_noise(size, 60).save(kept, kind)
    return SimpleUploadedFile("door.jpg", kept.getvalue(), "image/jpeg")
