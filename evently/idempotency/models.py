"""What was answered to a request that carried an `Idempotency-Key`."""

from datetime import timedelta

from django.db import models
from django.db.models.functions import Now

KEPT_FOR = timedelta(hours=24)


class StoredAnswerQuerySet(models.QuerySet["StoredAnswer"]):
    def kept(self) -> "StoredAnswerQuerySet":
        """Those that still count, by the database's clock."""
        return self.filter(created_at__gte=Now() - KEPT_FOR)

    def expired(self) -> "StoredAnswerQuerySet":
        return self.filter(created_at__lt=Now() - KEPT_FOR)


class StoredAnswer(models.Model):
    """The answer that one key of one caller stands for.

    Its row is inserted as the first statement of the transaction that does what was asked, and
    completed as its last one, so it is committed with the answer or not at all.
    """

    pk = models.CompositePrimaryKey("caller", "key")
    caller = models.CharField(max_length=32)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="Of the request: a hash.")
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(null=True)
    body = models.TextField(null=True)  # noqa: DJ001  null until the answer is known
    created_at = models.DateTimeField()

    objects = StoredAnswerQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="answer_by_age")]

    def __str__(self) -> str:
        return f"answer to {self.key}"
