from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def sum_up_anew(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """What is summed up knows nothing of the new column; until it does, days are read live."""
    for name in ("RolledDay", "DirtyDay", "DayMove", "DaySale", "DayTill"):
        apps.get_model("reports", name).objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("reports", "0002_days_before")]

    operations = [
        migrations.AddField("daysale", "costed_goods", models.BigIntegerField(default=0)),
        migrations.RunPython(sum_up_anew, migrations.RunPython.noop),
    ]
