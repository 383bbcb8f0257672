from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

MODULES = [
    ("", "gasstock.core.urls"),
    ("", "gasstock.accounts.urls"),
    ("", "gasstock.notifications.urls"),
    ("", "gasstock.catalog.urls"),
    ("", "gasstock.inventory.urls"),
    ("", "gasstock.billing.urls"),
    ("", "gasstock.orders.urls_approvals"),
    ("", "gasstock.orders.urls_station"),
    ("", "gasstock.orders.urls_shop"),
    ("account/", "allauth.urls"),
]
urlpatterns: list[URLPattern | URLResolver] = []
for prefix, module in MODULES:  # FOR THE TIME OF BUILDING: parts that have not landed are left out
    try:
        if find_spec(module):
            urlpatterns.append(path(prefix, include(module)))
    except ImportError as error:
        print("urls left out:", module, error)
handler400 = "gasstock.core.views.bad_request"
handler403 = "gasstock.core.views.permission_denied"
handler404 = "gasstock.core.views.not_found"
handler500 = "gasstock.core.views.server_error"
