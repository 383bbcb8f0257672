from django.urls import path

from gasstock.billing.views import invoices

app_name = "billing"
urlpatterns = [
    path("at/<slug:station>/invoices/", invoices.invoices, name="invoices"),
    path("at/<slug:station>/invoices/<int:pk>/", invoices.invoice, name="invoice"),
    path("invoices/<int:pk>/", invoices.my_invoice, name="my_invoice"),
    path("all-invoices/", invoices.all_invoices, name="all_invoices"),
]
