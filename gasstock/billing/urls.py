from django.urls import path

from gasstock.billing import views

app_name = "billing"
urlpatterns = [
    path("at/<slug:station>/invoices/", views.invoices, name="invoices"),
    path("at/<slug:station>/invoices/<int:pk>/", views.invoice, name="invoice"),
    path("invoices/<int:pk>/", views.my_invoice, name="my_invoice"),
    path("all-invoices/", views.all_invoices, name="all_invoices"),
]
