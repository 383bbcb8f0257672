from gasstock.accounts.models import Station, User
from gasstock.core.htmx import HtmxRequest


class Request(HtmxRequest):
    """A request as our views know it: signed in, and perhaps from htmx."""

    user: User
    station: Station  # where `requires` let them in
