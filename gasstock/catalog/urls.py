from django.urls import path

from gasstock.catalog import views

app_name = "catalog"
urlpatterns = [
    path("catalogue/", views.home, name="home"),
    path("catalogue/categories/", views.categories, name="categories"),
    path("catalogue/categories/add/", views.category_add, name="category_add"),
    path("catalogue/categories/<int:pk>/", views.category_edit, name="category"),
    path("catalogue/categories/<int:pk>/delete/", views.category_delete, name="category_delete"),
    path("catalogue/brands/", views.brands, name="brands"),
    path("catalogue/brands/add/", views.brand_add, name="brand_add"),
    path("catalogue/brands/<int:pk>/", views.brand_edit, name="brand"),
    path("catalogue/brands/<int:pk>/delete/", views.brand_delete, name="brand_delete"),
    path("catalogue/products/add/", views.product_add, name="product_add"),
    path("catalogue/products/<int:pk>/", views.product_edit, name="product"),
    path("catalogue/products/<int:pk>/retire/", views.product_retire, name="product_retire"),
    path("catalogue/products/<int:pk>/unretire/", views.product_unretire, name="product_unretire"),
    path("catalogue/products/<int:pk>/delete/", views.product_delete, name="product_delete"),
    path("catalogue/products/<int:pk>/sizes/add/", views.variant_add, name="variant_add"),
    path("catalogue/sizes/<int:pk>/", views.variant_edit, name="variant"),
    path("catalogue/sizes/<int:pk>/retire/", views.variant_retire, name="variant_retire"),
    path("catalogue/sizes/<int:pk>/unretire/", views.variant_unretire, name="variant_unretire"),
    path("catalogue/sizes/<int:pk>/delete/", views.variant_delete, name="variant_delete"),
]
