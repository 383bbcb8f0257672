from django.urls import URLPattern, URLResolver, include, path

from gasstock.orders.views import areas, bills, handover, station, station_ratings

app_name = "station"
order_urls: list[URLPattern | URLResolver] = [
    path("", station.order, name="order"),
    path("approve/", station.order_approve, name="order_approve"),
    path("reject/", station.order_reject, name="order_reject"),
    path("cancel/", station.order_cancel, name="order_cancel"),
    path("deliver/", handover.order_deliver, name="order_deliver"),
    path("invoice/", bills.order_invoice, name="order_invoice"),
    path("pay/", bills.order_pay, name="order_pay"),
]
station_urls: list[URLPattern | URLResolver] = [
    path("orders/", station.board, name="board"),
    path("orders/<slug:number>/", include(order_urls)),
    path("settings/delivery/", areas.delivery_settings, name="delivery_settings"),
    path("ratings/", station_ratings.ratings, name="ratings"),
    path("ratings/<int:pk>/reply/", station_ratings.rating_reply, name="rating_reply"),
]
urlpatterns = [path("at/<slug:station>/", include(station_urls))]
