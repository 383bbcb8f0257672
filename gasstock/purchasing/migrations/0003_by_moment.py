from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_station_by_rating'),
        ('purchasing', '0002_receipt_by_moment'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='purchaseorder',
            index=models.Index(condition=models.Q(('submitted_at__isnull', False)), fields=['submitted_at', 'station'], name='purchase_by_submission'),
        ),
        migrations.AddIndex(
            model_name='purchaseorder',
            index=models.Index(condition=models.Q(('ended_at__isnull', False)), fields=['ended_at', 'station'], name='purchase_by_end'),
        ),
    ]
