from django.urls import path

from gasstock.reports.views import dashboards

app_name = "today"
urlpatterns = [
    path("at/<slug:station>/today/", dashboards.station, name="station"),
    path("platform/", dashboards.platform, name="platform"),
    path("my/", dashboards.mine, name="mine"),
]
