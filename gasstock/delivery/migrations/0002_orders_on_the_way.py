from django.db import migrations
from django.db.migrations.state import StateApps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def write_deliveries(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give the orders that are on the way already the delivery that they would have by now."""
    Delivery = apps.get_model("delivery", "Delivery")
    orders = apps.get_model("orders", "Order").objects.filter(status="dispatched", deliveries=None)
    Delivery.objects.bulk_create(
        Delivery(
            order_id=order.pk,
            station_id=order.station_id,
            rider_id=order.rider_id,
            assigned_by_id=order.rider_id,
            assigned_at=order.dispatched_at,
            departed_at=order.dispatched_at,
            status="on_the_way",
        )
        for order in orders.order_by("pk")
    )


class Migration(migrations.Migration):

    dependencies = [("delivery", "0001_initial")]

    operations = [migrations.RunPython(write_deliveries, migrations.RunPython.noop)]
