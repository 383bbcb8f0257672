from django.urls import path

from gasstock.accounts.views import admin, profile, sell, team

app_name = "people"
urlpatterns = [
    path("home/", profile.home, name="home"),
    path("profile/", profile.profile, name="profile"),
    path("profile/addresses/add/", profile.address_add, name="address_add"),
    path("profile/addresses/<int:pk>/", profile.address_edit, name="address_edit"),
    path("profile/addresses/<int:pk>/delete/", profile.address_delete, name="address_delete"),
    path("sell/", sell.sell, name="sell"),
    path("invitation/<str:token>/", team.invitation, name="invitation"),
    path("invitation/<str:token>/accept/", team.invitation_accept, name="invitation_accept"),
    path("at/<slug:station>/settings/", sell.station_settings, name="station_settings"),
    path("at/<slug:station>/team/", team.team, name="team"),
    path("at/<slug:station>/team/invite/", team.invite, name="invite"),
    path("at/<slug:station>/team/<int:pk>/role/", team.member_role, name="member_role"),
    path("at/<slug:station>/team/<int:pk>/load/", team.member_load, name="member_load"),
    path("at/<slug:station>/team/<int:pk>/remove/", team.member_remove, name="member_remove"),
    path("at/<slug:station>/team/invitations/<int:pk>/revoke/", team.uninvite, name="uninvite"),
    path("users/", admin.users, name="users"),
    path("users/<int:pk>/", admin.user, name="user"),
    path("users/<int:pk>/stations/add/", admin.user_work_add, name="user_work_add"),
    path("users/<int:pk>/stations/<int:work>/role/", admin.user_work_role, name="user_work_role"),
    path("users/<int:pk>/stations/<int:work>/end/", admin.user_work_end, name="user_work_end"),
    path("users/<int:pk>/make-admin/", admin.user_make_admin, name="user_make_admin"),
    path("users/<int:pk>/remove-admin/", admin.user_remove_admin, name="user_remove_admin"),
    path("users/<int:pk>/deactivate/", admin.user_deactivate, name="user_deactivate"),
    path("users/<int:pk>/reactivate/", admin.user_reactivate, name="user_reactivate"),
    path("users/<int:pk>/sign-out/", admin.user_sign_out, name="user_sign_out"),
    path("stations/", admin.stations, name="stations"),
    path("stations/<slug:slug>/", admin.station, name="station"),
    path("stations/<slug:slug>/limit/", admin.station_limit, name="station_limit"),
    path("stations/<slug:slug>/approve/", admin.station_approve, name="station_approve"),
    path("stations/<slug:slug>/reject/", admin.station_reject, name="station_reject"),
    path("stations/<slug:slug>/suspend/", admin.station_suspend, name="station_suspend"),
    path("stations/<slug:slug>/reinstate/", admin.station_reinstate, name="station_reinstate"),
]
