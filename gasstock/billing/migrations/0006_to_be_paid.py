"""An index of what is to be paid, by the day it is due: few of all invoices."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0005_by_moment"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                condition=models.Q(("status", "approved")),
                fields=["station", "due_on"],
                name="invoice_to_be_paid",
            ),
        ),
    ]
