"""How long an answer is kept."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from evently.idempotency.models import StoredAnswer
from evently.idempotency.services import clear_expired_answers

pytestmark = pytest.mark.django_db


def keep_answer(key, *, age):
    return StoredAnswer.objects.create(
        caller="user:1", key=key, fingerprint="", status=204, headers={}, body="",
        created_at=Now() - age,
    )  # fmt: skip


def test_answers_older_than_a_day_are_cleared():
    keep_answer("old", age=timedelta(hours=24, minutes=1))
    keep_answer("young", age=timedelta(hours=23, minutes=59))

    assert (clear_expired_answers(), clear_expired_answers()) == (1, 0)
    assert [answer.key for answer in StoredAnswer.objects.all()] == ["young"]
