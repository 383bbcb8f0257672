"""How the tests of dashboards ask for cards."""

import re
from html import unescape

TODAY, MINE, PLATFORM = "/at/kimironko/today/", "/my/", "/platform/"


def card(name, page=TODAY):
    """What htmx says when it asks for a card."""
    here = f"http://testserver{page}"
    return {
        "HX-Request": "true",
        "HX-Target": f"card-{name}",
        "HX-Current-URL": here,
        "Referer": here,
    }


def shown(client, name, page=TODAY):
    answer = client.get(page, headers=card(name, page))
    assert answer.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())
