from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_station_by_rating'),
        ('billing', '0004_promised_payments'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(fields=['created_at'], name='payment_by_moment'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('reversed_at__isnull', False)), fields=['reversed_at'], name='payment_by_reversal'),
        ),
        migrations.AddIndex(
            model_name='shift',
            index=models.Index(condition=models.Q(('counted_at__isnull', False)), fields=['counted_at', 'station'], name='shift_by_count'),
        ),
    ]
