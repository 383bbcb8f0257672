from django.urls import path

from gasstock.purchasing.views import drafting, orders, receiving, suppliers

app_name = "purchasing"
BUY = "at/<slug:station>/purchases"
FROM = "at/<slug:station>/suppliers"
urlpatterns = [
    path(f"{BUY}/", orders.orders, name="orders"),
    path(f"{BUY}/new/", drafting.order_new, name="order_new"),
    path(f"{BUY}/new/rows/", drafting.new_rows, name="new_rows"),
    path(f"{BUY}/row/<int:row>/", drafting.order_row, name="order_row"),
    path(f"{BUY}/low/<int:pk>/", drafting.draft_for, name="draft_for"),
    path(f"{BUY}/receipts/<slug:number>/", orders.receipt, name="receipt"),
    path(f"{BUY}/<int:pk>/", orders.order, name="order"),
    path(f"{BUY}/<int:pk>/change/", drafting.order_change, name="order_change"),
    path(f"{BUY}/<int:pk>/change/rows/", drafting.change_rows, name="change_rows"),
    path(f"{BUY}/<int:pk>/send/", orders.order_send, name="order_send"),
    path(f"{BUY}/<int:pk>/discard/", orders.order_discard, name="order_discard"),
    path(f"{BUY}/<int:pk>/cancel/", orders.order_cancel, name="order_cancel"),
    path(f"{BUY}/<int:pk>/close/", orders.order_close, name="order_close"),
    path(f"{BUY}/<int:pk>/pdf/", orders.order_pdf, name="order_pdf"),
    path(f"{BUY}/<int:pk>/print/", orders.order_print, name="order_print"),
    path(f"{BUY}/<int:pk>/receive/", receiving.order_receive, name="order_receive"),
    path(f"{FROM}/", suppliers.suppliers, name="suppliers"),
    path(f"{FROM}/add/", suppliers.supplier_add, name="supplier_add"),
    path(f"{FROM}/<int:pk>/", suppliers.supplier, name="supplier"),
    path(f"{FROM}/<int:pk>/change/", suppliers.supplier_change, name="supplier_change"),
    path(f"{FROM}/<int:pk>/retire/", suppliers.supplier_retire, name="supplier_retire"),
    path(f"{FROM}/<int:pk>/bring-back/", suppliers.supplier_bring_back, name="supplier_bring_back"),
]
