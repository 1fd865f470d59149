"""The worker's sign of life, for people who look at the dashboard."""

from django.db import models

from evently import transactions


class WorkerPass(models.Model):
    """When a worker last did all that was due. One row for all of them."""

    ONLY = 1

    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"pass of {self.at}"


def note_pass() -> None:
    """Write down that a pass ended now."""
    now = transactions.database_now()
    transactions.run(
        lambda: WorkerPass.objects.update_or_create(pk=WorkerPass.ONLY, defaults={"at": now})
    )
