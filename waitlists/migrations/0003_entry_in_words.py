"""Name the fields in words that are translated. It changes no table."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0005_event_and_seat_in_words'),
        ('waitlists', '0002_places_in_line'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='waitlistentry',
            options={'ordering': ['id'], 'verbose_name': 'waitlist entry', 'verbose_name_plural': 'waitlist entries'},
        ),
        migrations.AlterField(
            model_name='waitlistentry',
            name='created_at',
            field=models.DateTimeField(verbose_name='created at'),
        ),
        migrations.AlterField(
            model_name='waitlistentry',
            name='ended_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='ended at'),
        ),
        migrations.AlterField(
            model_name='waitlistentry',
            name='event',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='events.event', verbose_name='event'),
        ),
        migrations.AlterField(
            model_name='waitlistentry',
            name='offered_seat',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='events.seat', verbose_name='offered seat'),
        ),
        migrations.AlterField(
            model_name='waitlistentry',
            name='place',
            field=models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='place'),
        ),
        migrations.AlterField(
            model_name='waitlistentry',
            name='status',
            field=models.CharField(choices=[('waiting', 'Waiting'), ('offered', 'Offered'), ('accepted', 'Accepted'), ('lapsed', 'Lapsed'), ('left', 'Left'), ('closed', 'Closed')], default='waiting', max_length=8, verbose_name='status'),
        ),
        migrations.AlterField(
            model_name='waitlistentry',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name='user'),
        ),
    ]
