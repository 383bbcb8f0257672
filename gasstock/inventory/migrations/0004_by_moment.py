from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_station_by_rating'),
        ('catalog', '0002_variant_by_name'),
        ('inventory', '0003_station_day'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='depositentry',
            index=models.Index(fields=['created_at', 'station'], name='deposit_by_moment'),
        ),
    ]
