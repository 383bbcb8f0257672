from django.urls import path

from gasstock.reports.views import reports, saved

app_name = "reports"
AT = "at/<slug:station>/reports"
ALL = "reports"
urlpatterns = [
    path(f"{AT}/", reports.index, name="index"),
    path(f"{AT}/views/<int:pk>/", saved.view, name="view"),
    path(f"{AT}/views/<int:pk>/delete/", saved.view_delete, name="view_delete"),
    path(f"{AT}/<slug:name>/", reports.report, name="report"),
    path(f"{AT}/<slug:name>/save/", saved.save, name="save"),
    path(f"{AT}/<slug:name>.csv", reports.csv, name="csv"),
    path(f"{AT}/<slug:name>.xlsx", reports.xlsx, name="xlsx"),
    path(f"{ALL}/", reports.platform_index, name="platform_index"),
    path(f"{ALL}/views/<int:pk>/", saved.platform_view, name="platform_view"),
    path(f"{ALL}/views/<int:pk>/delete/", saved.platform_view_delete, name="platform_view_delete"),
    path(f"{ALL}/<slug:name>/", reports.platform_report, name="platform_report"),
    path(f"{ALL}/<slug:name>/save/", saved.platform_save, name="platform_save"),
    path(f"{ALL}/<slug:name>.csv", reports.platform_csv, name="platform_csv"),
    path(f"{ALL}/<slug:name>.xlsx", reports.platform_xlsx, name="platform_xlsx"),
]
