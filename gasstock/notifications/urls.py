from django.urls import path

from gasstock.notifications import views

app_name = "notices"
urlpatterns = [
    path("notices/", views.inbox, name="inbox"),
    path("notices/read-all/", views.read_all, name="read_all"),
    path("notices/<int:pk>/read/", views.read, name="read"),
    path("notices/<int:pk>/dismiss/", views.dismiss, name="dismiss"),
]
