from django.urls import path

from gasstock.inventory.views import listings

app_name = "stock"
AT = "at/<slug:station>/listings"
urlpatterns = [
    path(f"{AT}/", listings.listings, name="listings"),
    path(f"{AT}/add/", listings.listing_add, name="listing_add"),
    path(f"{AT}/<int:pk>/", listings.listing_edit, name="listing_edit"),
    path(f"{AT}/<int:pk>/publish/", listings.listing_publish, name="listing_publish"),
    path(f"{AT}/<int:pk>/unpublish/", listings.listing_unpublish, name="listing_unpublish"),
    path(f"{AT}/<int:pk>/retire/", listings.listing_retire, name="listing_retire"),
    path(f"{AT}/<int:pk>/moves/", listings.listing_moves, name="listing_moves"),
]
