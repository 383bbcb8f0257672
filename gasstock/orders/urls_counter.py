from django.urls import URLPattern, path

from gasstock.orders.views import counter

app_name = "counter"
AT = "at/<slug:station>/counter"
urlpatterns: list[URLPattern] = [
    path(f"{AT}/", counter.till, name="till"),
    path(f"{AT}/sell/", counter.sale_make, name="sell"),
    path(f"{AT}/sum/", counter.sale_sum, name="sum"),
    path(f"{AT}/buyers/", counter.buyers, name="buyers"),
    path(f"{AT}/buyers/<int:pk>/", counter.buyer, name="buyer"),
    path(f"{AT}/sales/", counter.sales, name="sales"),
    path(f"{AT}/sales/<slug:number>/", counter.sale, name="sale"),
    path(f"{AT}/sales/<slug:number>/void/", counter.sale_void, name="sale_void"),
    path(f"{AT}/sales/<slug:number>/pay/", counter.sale_pay, name="sale_pay"),
    path(f"{AT}/sales/<slug:number>/receipt/", counter.receipt, name="receipt"),
    path("orders/<slug:number>/receipt/", counter.my_receipt, name="my_receipt"),
]
