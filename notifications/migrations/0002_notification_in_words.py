"""Name the fields in words that are translated. It changes no table."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='notification',
            options={'ordering': ['-id'], 'verbose_name': 'notification', 'verbose_name_plural': 'notifications'},
        ),
        migrations.AlterField(
            model_name='notification',
            name='attempts',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='attempts'),
        ),
        migrations.AlterField(
            model_name='notification',
            name='booking_id',
            field=models.BigIntegerField(null=True, verbose_name='booking id'),
        ),
        migrations.AlterField(
            model_name='notification',
            name='created_at',
            field=models.DateTimeField(verbose_name='created at'),
        ),
        migrations.AlterField(
            model_name='notification',
            name='deliver_at',
            field=models.DateTimeField(null=True, verbose_name='deliver at'),
        ),
        migrations.AlterField(
            model_name='notification',
            name='delivered_at',
            field=models.DateTimeField(null=True, verbose_name='delivered at'),
        ),
        migrations.AlterField(
            model_name='notification',
            name='event_id',
            field=models.BigIntegerField(null=True, verbose_name='event id'),
        ),
        migrations.AlterField(
            model_name='notification',
            name='is_read',
            field=models.BooleanField(default=False, verbose_name='is read'),
        ),
        migrations.AlterField(
            model_name='notification',
            name='kind',
            field=models.CharField(choices=[('booking_confirmed', 'Booking confirmed'), ('booking_cancelled', 'Booking cancelled'), ('waitlist_joined', 'Waitlist joined'), ('seat_offered', 'Seat offered'), ('offer_lapsed', 'Offer lapsed'), ('event_changed', 'Event changed'), ('event_cancelled', 'Event cancelled'), ('event_deleted', 'Event deleted')], max_length=20, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='notification',
            name='message',
            field=models.CharField(max_length=1000, verbose_name='message'),
        ),
        migrations.AlterField(
            model_name='notification',
            name='user',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL, verbose_name='user'),
        ),
    ]
