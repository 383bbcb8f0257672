from typing import Any

from django.urls import URLPattern, URLResolver, include, path

from gasstock.accounts.access import public
from gasstock.api.main import Api, api


def addresses(api: Api) -> list[URLPattern | URLResolver]:
    """Return where an API is found.

    To Django every address is public: its token is asked for inside. Without its slash it is
    none, for a redirect would turn a POST into a GET.
    """
    routes, app_name, namespace = api.urls
    for route in routes:
        view: Any = route.callback
        view.should_append_slash = False
        route.callback = public(view)
    return [path("api/v1/", (routes, app_name, namespace))]


urlpatterns = [*addresses(api), path("_allauth/", include("allauth.headless.urls"))]
