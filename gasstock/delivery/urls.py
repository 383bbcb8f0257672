from django.urls import path

from gasstock.delivery.views import buyer, custody, dispatch, homecoming, riders, runs
from gasstock.orders import converters  # noqa: F401 makes <order_number:…> known

app_name = "delivery"
AT = "at/<slug:station>"
urlpatterns = [
    path(f"{AT}/deliveries/", dispatch.board, name="board"),
    path(f"{AT}/deliveries/assign/", dispatch.assign, name="assign"),
    path(f"{AT}/deliveries/send/", dispatch.send, name="send"),
    path(f"{AT}/deliveries/<int:pk>/reassign/", dispatch.reassign, name="reassign"),
    path(f"{AT}/deliveries/<int:pk>/unassign/", dispatch.unassign, name="unassign"),
    path(f"{AT}/orders/<slug:number>/send/", dispatch.order_send, name="order_send"),
    path(f"{AT}/custody/", custody.custody, name="custody"),
    path(f"{AT}/runs/", runs.runs, name="runs"),
    path(f"{AT}/runs/depart/", runs.depart, name="depart"),
    path(f"{AT}/runs/<slug:number>/", runs.run, name="run"),
    path(f"{AT}/runs/<slug:number>/failed/", runs.run_failed, name="run_failed"),
    path(f"{AT}/runs/<slug:number>/back/", runs.run_back, name="run_back"),
    path(f"{AT}/runs/<slug:number>/again/", runs.run_again, name="run_again"),
    path(f"{AT}/runs/<slug:number>/move/", runs.run_move, name="run_move"),
    path(f"{AT}/runs/<slug:number>/photo/<int:pk>.webp", runs.photo, name="photo"),
    path(f"{AT}/riders/", riders.riders, name="riders"),
    path(f"{AT}/riders/<int:pk>/count/", homecoming.rider_count, name="rider_count"),
    path(f"{AT}/homecomings/", homecoming.homecomings, name="homecomings"),
    path(f"{AT}/homecomings/<int:pk>/", homecoming.homecoming, name="homecoming"),
    path(f"{AT}/homecomings/<int:pk>/post/", homecoming.homecoming_post, name="homecoming_post"),
    path("orders/<order_number:number>/answer/", buyer.answer, name="answer"),
]
