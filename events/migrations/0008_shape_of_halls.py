"""Let a seat tell where it is in a hall that has a shape."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0007_event_cancel_until'),
    ]

    operations = [
        migrations.AddField(
            model_name='seat',
            name='is_accessible',
            field=models.BooleanField(db_default=False, default=False, verbose_name='is accessible'),
        ),
        migrations.AddField(
            model_name='seat',
            name='number',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='number'),
        ),
        migrations.AddField(
            model_name='seat',
            name='place',
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name='place'),
        ),
        migrations.AddField(
            model_name='seat',
            name='row',
            field=models.CharField(blank=True, db_default='', default='', max_length=6, verbose_name='row'),
        ),
        migrations.AddField(
            model_name='seat',
            name='section',
            field=models.CharField(blank=True, db_default='', default='', max_length=20, verbose_name='section'),
        ),
    ]
