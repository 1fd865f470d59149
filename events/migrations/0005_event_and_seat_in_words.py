"""Name the fields in words that are translated. It changes no table."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0004_event_is_cancelling'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='event',
            options={'ordering': ['-start_time', '-id'], 'verbose_name': 'event', 'verbose_name_plural': 'events'},
        ),
        migrations.AlterModelOptions(
            name='seat',
            options={'ordering': ['event', 'position'], 'verbose_name': 'seat', 'verbose_name_plural': 'seats'},
        ),
        migrations.AlterField(
            model_name='event',
            name='created_at',
            field=models.DateTimeField(auto_now_add=True, verbose_name='created at'),
        ),
        migrations.AlterField(
            model_name='event',
            name='description',
            field=models.TextField(blank=True, max_length=10000, verbose_name='description'),
        ),
        migrations.AlterField(
            model_name='event',
            name='end_time',
            field=models.DateTimeField(verbose_name='end time'),
        ),
        migrations.AlterField(
            model_name='event',
            name='is_cancelling',
            field=models.BooleanField(default=False, editable=False, verbose_name='is cancelling'),
        ),
        migrations.AlterField(
            model_name='event',
            name='max_per_user',
            field=models.PositiveIntegerField(blank=True, help_text='How many seats one person may have booked at a time; empty: no limit.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100000)], verbose_name='max per user'),
        ),
        migrations.AlterField(
            model_name='event',
            name='name',
            field=models.CharField(max_length=200, verbose_name='name'),
        ),
        migrations.AlterField(
            model_name='event',
            name='start_time',
            field=models.DateTimeField(verbose_name='start time'),
        ),
        migrations.AlterField(
            model_name='event',
            name='status',
            field=models.CharField(choices=[('draft', 'Draft'), ('published', 'Published'), ('cancelled', 'Cancelled')], default='published', max_length=9, verbose_name='status'),
        ),
        migrations.AlterField(
            model_name='event',
            name='timezone',
            field=models.CharField(default='UTC', help_text='An IANA name.', max_length=64, verbose_name='timezone'),
        ),
        migrations.AlterField(
            model_name='event',
            name='total_seats',
            field=models.PositiveIntegerField(validators=[django.core.validators.MaxValueValidator(100000)], verbose_name='total seats'),
        ),
        migrations.AlterField(
            model_name='event',
            name='venue',
            field=models.CharField(max_length=200, verbose_name='venue'),
        ),
        migrations.AlterField(
            model_name='event',
            name='version',
            field=models.PositiveIntegerField(default=1, editable=False, verbose_name='version'),
        ),
        migrations.AlterField(
            model_name='seat',
            name='event',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='seats', to='events.event', verbose_name='event'),
        ),
        migrations.AlterField(
            model_name='seat',
            name='held_for',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='held for'),
        ),
        migrations.AlterField(
            model_name='seat',
            name='held_until',
            field=models.DateTimeField(blank=True, null=True, verbose_name='held until'),
        ),
        migrations.AlterField(
            model_name='seat',
            name='position',
            field=models.PositiveIntegerField(help_text='Seats are sold in this order.', verbose_name='position'),
        ),
        migrations.AlterField(
            model_name='seat',
            name='seat_number',
            field=models.CharField(max_length=32, verbose_name='seat number'),
        ),
        migrations.AlterField(
            model_name='seat',
            name='status',
            field=models.CharField(choices=[('available', 'Available'), ('held', 'Held'), ('booked', 'Booked'), ('blocked', 'Blocked')], default='available', max_length=9, verbose_name='status'),
        ),
    ]
