from django.urls import path

from gasstock.accounts.views import audit, platform

app_name = "platform"
urlpatterns = [
    path("platform/settings/", platform.settings, name="settings"),
    path("platform/roles/", platform.roles, name="roles"),
    path("platform/audit/", audit.audit, name="audit"),
    path("platform/audit.csv", audit.audit_csv, name="audit_csv"),
    path("platform/system/", platform.state, name="system"),
    path("platform/system/check-books/", platform.check_books, name="check_books"),
]
