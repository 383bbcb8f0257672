from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("billing", "0007_tax")]

    operations = [
        migrations.AddIndex(
            "invoice",
            models.Index(
                fields=["buyer"], name="invoice_owed_by_buyer", condition=Q(status="approved")
            ),
        ),
    ]
