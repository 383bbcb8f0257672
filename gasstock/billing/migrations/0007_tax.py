"""The tax of invoices and credit notes; those that are there have none."""

from django.db import migrations, models

from gasstock.core.append_only import ForbidChange


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0006_to_be_paid'),
    ]

    operations = [
        migrations.AddField(
            model_name='creditnote',
            name='tax',
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='invoice',
            name='tax',
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='invoice',
            name='tax_name',
            field=models.CharField(blank=True, default='', max_length=12),
        ),
        migrations.AddField(
            model_name='invoice',
            name='tax_rate',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(('tax', 0), ('tax_rate__gt', 0), _connector='OR'), name='no_tax_without_a_rate'),
        ),
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(fields=['approved_at'], name='invoice_by_approval'),
        ),
        migrations.AddIndex(
            model_name='creditnote',
            index=models.Index(fields=['created_at'], name='credit_note_by_moment'),
        ),
        ForbidChange("billing_creditnote"),
    ]
