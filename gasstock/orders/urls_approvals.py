from django.urls import path

from gasstock.orders.views import approvals

app_name = "approvals"
urlpatterns = [
    path("approvals/", approvals.queue, name="queue"),
    path("approvals/bulk/", approvals.bulk, name="bulk"),
    path("approvals/order/<int:pk>/approve/", approvals.order_approve, name="order_approve"),
    path("approvals/order/<int:pk>/reject/", approvals.order_reject, name="order_reject"),
    path("approvals/invoice/<int:pk>/approve/", approvals.invoice_approve, name="invoice_approve"),
    path("approvals/invoice/<int:pk>/reject/", approvals.invoice_reject, name="invoice_reject"),
    path("approvals/invoice/<int:pk>/paid/", approvals.invoice_paid, name="invoice_paid"),
    path("approvals/station/<int:pk>/approve/", approvals.station_approve, name="station_approve"),
    path("approvals/station/<int:pk>/reject/", approvals.station_reject, name="station_reject"),
]
