"""The dispatch board as tests ask for it and read it."""

import re

BOARD = "/at/kimironko/deliveries/"
ORDERS = "/at/kimironko/orders/"


def htmx(target="board", page=BOARD):
    here = f"http://testserver{page}"
    return {"HX-Request": "true", "HX-Target": target, "HX-Current-URL": here, "Referer": here}


def part(html, key):
    """What stands in one part of the board, as a reader sees it."""
    piece = html.split(f'id="{key}"')[1]
    for end in {"assign", "road", "back"} - {key}:
        piece = piece.split(f'id="{end}"')[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", piece))


def promised(order, *, until, since=None):
    order.promised_from, order.promised_until = since, until
    order.save()
    return order
