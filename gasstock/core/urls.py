from django.urls import path

from gasstock.core import views

app_name = "core"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("help/", views.help_page, name="help"),
    path("safety/", views.safety, name="safety"),
    path("language/", views.set_language, name="set_language"),
]
