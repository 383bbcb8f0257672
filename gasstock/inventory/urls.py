from django.urls import path

from gasstock.inventory import views

app_name = "stock"
AT = "at/<slug:station>/listings"
urlpatterns = [
    path(f"{AT}/", views.listings, name="listings"),
    path(f"{AT}/add/", views.listing_add, name="listing_add"),
    path(f"{AT}/<int:pk>/", views.listing_edit, name="listing_edit"),
    path(f"{AT}/<int:pk>/publish/", views.listing_publish, name="listing_publish"),
    path(f"{AT}/<int:pk>/unpublish/", views.listing_unpublish, name="listing_unpublish"),
    path(f"{AT}/<int:pk>/retire/", views.listing_retire, name="listing_retire"),
    path(f"{AT}/<int:pk>/moves/", views.listing_moves, name="listing_moves"),
]
