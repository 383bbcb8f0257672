from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_delivery")]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("delivered_at__isnull", False)),
                fields=["-delivered_at", "-id"],
                name="order_by_handover",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("delivered_at__isnull", False)),
                fields=["station", "-delivered_at", "-id"],
                name="order_by_station_handover",
            ),
        ),
    ]
