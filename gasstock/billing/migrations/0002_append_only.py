from django.db import migrations

from gasstock.core.append_only import ForbidChange


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]

    operations = [ForbidChange("billing_creditnote")]
