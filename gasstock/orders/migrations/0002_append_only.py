from django.db import migrations

from gasstock.core.append_only import ForbidChange


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]

    operations = [ForbidChange("orders_orderevent")]
