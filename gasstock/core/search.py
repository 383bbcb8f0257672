from django.http import HttpRequest

LONGEST = 80  # characters; nothing to be found has more


def words_of(request: HttpRequest) -> str:
    """Return what was typed into the search box (`q`), without NUL, which no database holds."""
    return request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
