from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_station_by_rating'),
        ('delivery', '0003_latest_first'),
        ('orders', '0005_by_handover'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='attempt',
            index=models.Index(fields=['created_at'], name='attempt_by_moment'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('departed_at__isnull', False)), fields=['departed_at', 'station'], name='delivery_by_departure'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('ended_at__isnull', False)), fields=['ended_at', 'station'], name='delivery_by_end'),
        ),
    ]
