from django.urls import path

from gasstock.notifications.views import inbox, outbox, preferences, sms

app_name = "notices"
urlpatterns = [
    path("notices/", inbox.inbox, name="inbox"),
    path("notices/read-all/", inbox.read_all, name="read_all"),
    path("notices/dismiss-read/", inbox.dismiss_read, name="dismiss_read"),
    path("notices/preferences/", preferences.preferences, name="preferences"),
    path("notices/<int:pk>/read/", inbox.read, name="read"),
    path("notices/<int:pk>/dismiss/", inbox.dismiss, name="dismiss"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/<int:pk>/again/", outbox.message_again, name="message_again"),
    path("sms/<str:token>/report/", sms.sms_report, name="sms_report"),
    path("sms/<str:token>/reply/", sms.sms_reply, name="sms_reply"),
]
