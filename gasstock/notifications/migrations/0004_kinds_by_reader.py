"""What was told to a station or an admin about an order has a kind of its own now."""

from django.db import migrations
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr

PLACES = (("/at/", "desk."), ("/approvals/", "approval."))


def split(apps, schema_editor):
    notices = apps.get_model("notifications", "Notification").objects.filter(kind__startswith="order.")
    for path, thing in PLACES:
        notices.filter(url__startswith=path).update(kind=Concat(Value(thing), Substr(F("kind"), 7)))


def join(apps, schema_editor):
    notices = apps.get_model("notifications", "Notification").objects.all()
    for _path, thing in PLACES:
        kinds = notices.filter(kind__startswith=thing)
        kinds.update(kind=Concat(Value("order."), Substr(F("kind"), len(thing) + 1)))


class Migration(migrations.Migration):

    dependencies = [
        ("notifications", "0003_preferences_and_sms"),
    ]

    operations = [
        migrations.RunPython(split, join),
    ]
