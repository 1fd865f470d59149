"""The record of changes: rows are added, and nothing else ever happens to them."""

from typing import Any, NoReturn

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from evently.audit.actions import Action, Subject
from evently.audit.actor import ActorKind
from evently.audit.errors import AppendOnly


class AuditRecordQuerySet(models.QuerySet["AuditRecord"]):
    def update(self, **changes: Any) -> NoReturn:
        raise AppendOnly

    def delete(self) -> NoReturn:
        raise AppendOnly


class AuditRecord(models.Model):
    """One change: who did what to which row, when, and what it was before and after.

    It holds ids and no personal data (a reason is staff's own words, which must name nobody), and
    refers to nothing by a foreign key: it outlives the rows that it tells of, and erasing a person
    leaves it alone.
    """

    # First of all, where the row belongs to an event: what a sharded table is divided by.
    event_id = models.BigIntegerField(_("event"), null=True)
    at = models.DateTimeField(_("at"))
    actor_kind = models.CharField(_("actor"), max_length=6, choices=ActorKind)
    actor_id = models.BigIntegerField(_("actor id"), null=True)
    action = models.CharField(_("action"), max_length=20, choices=Action)
    subject = models.CharField(_("subject"), max_length=7, choices=Subject)
    subject_id = models.BigIntegerField(_("subject id"))
    user_id = models.BigIntegerField(_("user"), null=True, help_text=_("Whom it concerns."))
    request_id = models.CharField(_("request id"), max_length=64, null=True)  # noqa: DJ001  none is none, not ""
    before = models.JSONField(_("before"), null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(_("after"), null=True, encoder=DjangoJSONEncoder)

    objects = AuditRecordQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("audit record")
        verbose_name_plural = _("audit records")
        # Each leads to the newest rows of a kind, however many there are.
        indexes = [
            models.Index(fields=["event_id", "at", "id"], name="audit_of_event"),
            models.Index(fields=["user_id", "at", "id"], name="audit_of_user"),
            models.Index(fields=["actor_id", "at", "id"], name="audit_by_actor"),
            models.Index(fields=["action", "at", "id"], name="audit_by_action"),
            models.Index(fields=["subject", "subject_id", "at", "id"], name="audit_of_subject"),
            models.Index(fields=["at", "id"], name="audit_by_time"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(actor_kind="user", actor_id__isnull=False)
                | Q(actor_kind="admin")
                | Q(actor_kind__in=["nobody", "system"], actor_id__isnull=True),
                name="audit_actor_named_when_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} #{self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly
