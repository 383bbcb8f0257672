from django.urls import path

from gasstock.orders import converters  # noqa: F401 makes <order_number:…> known
from gasstock.orders.views import cart, checkout, mine, storefront

app_name = "shop"
urlpatterns = [
    path("", storefront.home, name="home"),
    path("gas/<int:pk>/", storefront.listing, name="listing"),
    path("cylinders/", mine.cylinders, name="cylinders"),
    path("cart/", cart.cart, name="cart"),
    path("cart/add/<int:pk>/", cart.cart_add, name="cart_add"),
    path("cart/line/<int:pk>/", cart.cart_line, name="cart_line"),
    path("checkout/", checkout.checkout, name="checkout"),
    path("orders/", mine.orders, name="orders"),
    path("orders/<order_number:number>/", mine.order, name="order"),
    path("orders/<order_number:number>/timeline/", mine.order_timeline, name="order_timeline"),
    path("orders/<order_number:number>/cancel/", mine.order_cancel, name="order_cancel"),
    path("orders/<order_number:number>/rate/", mine.order_rate, name="order_rate"),
    path("orders/<order_number:number>/again/", mine.order_again, name="order_again"),
]
