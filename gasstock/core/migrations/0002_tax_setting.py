"""The tax within prices: none until an admin sets one."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0001_platform_and_books'),
    ]

    operations = [
        migrations.AddField(
            model_name='platformsettings',
            name='tax_name',
            field=models.CharField(blank=True, default='', max_length=12),
        ),
        migrations.AddField(
            model_name='platformsettings',
            name='tax_rate',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='tax rate, in hundredths of a percent'),
        ),
        migrations.AddConstraint(
            model_name='platformsettings',
            constraint=models.CheckConstraint(condition=models.Q(('tax_rate', 0), models.Q(('tax_rate__lte', 5000), models.Q(('tax_name', ''), _negated=True)), _connector='OR'), name='a_tax_has_a_name_and_at_most_half'),
        ),
    ]
