from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.utils import timezone


def mark_days(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Have every day with sales summed up."""
    DirtyDay = apps.get_model("reports", "DirtyDay")
    orders = apps.get_model("orders", "Order").objects.filter(status__in=["delivered", "closed"])
    days = {
        (station, timezone.localdate(moment))
        for station, moment in orders.values_list("station", "delivered_at").iterator()
    }
    DirtyDay.objects.bulk_create(
        [DirtyDay(station_id=station, day=day) for station, day in sorted(days)], batch_size=500
    )


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_reports"), ("orders", "0005_by_handover")]

    operations = [migrations.RunPython(mark_days, migrations.RunPython.noop)]
