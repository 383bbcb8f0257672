from django.urls import path

from gasstock.orders.views import customers

app_name = "customers"
AT = "at/<slug:station>/customers"
urlpatterns = [
    path("customers/", customers.all_customers, name="all"),
    path("customers/<int:pk>/", customers.customer, name="one"),
    path(f"{AT}/", customers.station_customers, name="here"),
    path(f"{AT}/<int:pk>/", customers.station_customer, name="one_here"),
]
