from django.urls import path

from gasstock.orders.views import bills, handover, station, station_ratings

app_name = "station"
urlpatterns = [
    path("at/<slug:station>/orders/", station.board, name="board"),
    path("at/<slug:station>/orders/<str:number>/", station.order, name="order"),
    path("at/<slug:station>/orders/<str:number>/approve/", station.order_approve, name="order_approve"),
    path("at/<slug:station>/orders/<str:number>/reject/", station.order_reject, name="order_reject"),
    path("at/<slug:station>/orders/<str:number>/dispatch/", station.order_dispatch, name="order_dispatch"),
    path("at/<slug:station>/orders/<str:number>/cancel/", station.order_cancel, name="order_cancel"),
    path("at/<slug:station>/orders/<str:number>/deliver/", handover.order_deliver, name="order_deliver"),
    path("at/<slug:station>/orders/<str:number>/invoice/", bills.order_invoice, name="order_invoice"),
    path("at/<slug:station>/orders/<str:number>/pay/", bills.order_pay, name="order_pay"),
    path("at/<slug:station>/runs/", handover.runs, name="runs"),
    path("at/<slug:station>/riders/", handover.riders, name="riders"),
    path("at/<slug:station>/riders/<int:pk>/return/", handover.rider_return, name="rider_return"),
    path("at/<slug:station>/ratings/", station_ratings.ratings, name="ratings"),
    path("at/<slug:station>/ratings/<int:pk>/reply/", station_ratings.rating_reply, name="rating_reply"),
]
