from django.urls import include, path

from gasstock.accounts.raw import site

urlpatterns = [
    path("", include("gasstock.api.urls")),
    path("", include("gasstock.core.urls")),
    path("", include("gasstock.accounts.urls")),
    path("", include("gasstock.accounts.urls_platform")),
    path("", include("gasstock.notifications.urls")),
    path("", include("gasstock.catalog.urls")),
    path("", include("gasstock.inventory.urls")),
    path("", include("gasstock.billing.urls")),
    path("", include("gasstock.purchasing.urls")),
    path("", include("gasstock.delivery.urls")),
    path("", include("gasstock.reports.urls")),
    path("", include("gasstock.reports.urls_today")),
    path("", include("gasstock.orders.urls_approvals")),
    path("", include("gasstock.orders.urls_station")),
    path("", include("gasstock.orders.urls_counter")),
    path("", include("gasstock.orders.urls_customers")),
    path("", include("gasstock.orders.urls_shop")),
    path("account/", include("allauth.urls")),
    path("django-admin/", site.urls),
]
handler400 = "gasstock.core.views.bad_request"
handler403 = "gasstock.core.views.permission_denied"
handler404 = "gasstock.core.views.not_found"
handler500 = "gasstock.core.views.server_error"
