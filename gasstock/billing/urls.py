from django.urls import path

from gasstock.billing.views import invoices, shifts

app_name = "billing"
urlpatterns = [
    path("at/<slug:station>/invoices/", invoices.invoices, name="invoices"),
    path("at/<slug:station>/invoices/<int:pk>/", invoices.invoice, name="invoice"),
    path("invoices/<int:pk>/", invoices.my_invoice, name="my_invoice"),
    path("all-invoices/", invoices.all_invoices, name="all_invoices"),
    path("at/<slug:station>/drawer/", shifts.shift, name="shift"),
    path("at/<slug:station>/drawer/open/", shifts.shift_open, name="shift_open"),
    path("at/<slug:station>/drawers/", shifts.shifts, name="shifts"),
    path("at/<slug:station>/drawers/<int:pk>/", shifts.shift_report, name="shift_report"),
    path("at/<slug:station>/drawers/<int:pk>/in/", shifts.shift_pay_in, name="shift_pay_in"),
    path("at/<slug:station>/drawers/<int:pk>/out/", shifts.shift_pay_out, name="shift_pay_out"),
    path("at/<slug:station>/drawers/<int:pk>/safe/", shifts.shift_drop, name="shift_drop"),
    path("at/<slug:station>/drawers/<int:pk>/count/", shifts.shift_count, name="shift_count"),
    path("at/<slug:station>/drawers/<int:pk>/why/", shifts.shift_explain, name="shift_explain"),
    path("at/<slug:station>/drawers/<int:pk>/accept/", shifts.shift_accept, name="shift_accept"),
]
