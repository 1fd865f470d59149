"""What makes an endpoint's POST idempotent under the `Idempotency-Key` header."""

import hashlib
import json
import re
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

from django.http import HttpResponse
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from evently import transactions
from evently.api.errors import NotYet
from evently.api.exceptions import ChangedMeanwhile, IdempotencyKeyInUse
from evently.api.renderers import OrjsonRenderer
from evently.idempotency.models import StoredAnswer
from evently.idempotency.services import AnsweredBefore, Claim, Once
from evently.metrics import replayed

T = TypeVar("T")

# A bare key, or a string of a structured field (RFC 8941, section 3.3.3), as the draft has it. A
# comma stands between two keys: a field that is sent twice arrives as one.
KEY_PATTERN = r'[!#-+\--~]{1,255}|"(?:[ !#-\[\]-~]|\\["\\]){1,255}"'
LASTING = {404, 409}
# For another try may go better.
PASSING = (ChangedMeanwhile, IdempotencyKeyInUse, NotYet)


class Idempotent:
    """Mixed into every API view: a POST that carries a key is done and answered once.

    Its answer is committed with what it tells of, or alone when it is a lasting refusal (404,
    409). Whatever else goes wrong isn't kept, so the key may be used again.
    """

    request: Request

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        _ = self.idempotency_key  # a bad one is refused before anything is done

    def once(self, service: Callable[[], Any], answer: Callable[[Any], Response]) -> Response:
        """Call a service and make its outcome an answer, under the request's key if it has one."""
        if self.idempotency_key is None:
            return answer(service())
        once = Once(self._claim, answer, _parts)
        with transactions.accompanied(once):
            service()
        if once.given is None:
            raise RuntimeError("The service opened no transaction that could keep the answer.")
        return once.given

    def handle_exception(self, exc: Exception) -> Any:
        if isinstance(exc, AnsweredBefore):
            return _replay(exc.answer)
        response = super().handle_exception(exc)  # type: ignore[misc]
        try:
            self._keep_refusal(exc, response)
        # The request was answered before, or its key is another's, or the database is away.
        except Exception as reason:
            return self.handle_exception(reason)
        return response

    def claimant(self) -> str:
        """Return whose key it is: two callers may choose the same one."""
        caller = self.caller  # type: ignore[attr-defined]
        if caller.user is not None:
            return f"user:{caller.user.id}"
        return "admin" if caller.is_admin else "nobody"

    @cached_property
    def idempotency_key(self) -> str | None:
        """The request's key; None where it has none, or needs none."""
        raw = self.request.META.get("HTTP_IDEMPOTENCY_KEY")
        if raw is None or self.request.method != "POST":
            return None
        if not re.fullmatch(KEY_PATTERN, raw):
            raise exceptions.ValidationError(
                {"Idempotency-Key": "Send one key of 1 to 255 printable ASCII characters."},
                code="invalid",
            )
        return re.sub(r"\\(.)", r"\1", raw[1:-1]) if raw.startswith('"') else raw

    @cached_property
    def _claim(self) -> Claim:
        request = self.request
        content = json.dumps(request.data, sort_keys=True)
        asked = f"{request.method} {request.get_full_path()}\n{content}"
        fingerprint = hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()
        return Claim(self.claimant(), self.idempotency_key or "", fingerprint)

    def _keep_refusal(self, exc: Exception, response: Response) -> None:
        is_lasting = response.status_code in LASTING and not isinstance(exc, PASSING)
        is_invalid = isinstance(exc, exceptions.ValidationError)
        if not (is_lasting or is_invalid) or not self._is_readable:
            return
        if is_lasting:
            with transactions.accompanied(Once(self._claim, lambda _: response, _parts)):
                transactions.run(lambda: None)
        # What was right when it was done may look wrong now, such as a name that is taken since.
        else:
            self._claim.look_up()

    @property
    def _is_readable(self) -> bool:
        """Tell whether the request has a key, and a body that can be read."""
        try:
            return self.idempotency_key is not None and self._claim is not None
        except exceptions.APIException:
            return False


def _parts(response: Response) -> dict[str, Any]:
    kept = {name: value for name, value in response.items() if name != "Content-Type"}
    if response.data is not None:
        kept["Content-Type"] = response.content_type or OrjsonRenderer.media_type
    body = OrjsonRenderer().render(response.data).decode()
    return {"status": response.status_code, "headers": kept, "body": body}


def _replay(answer: StoredAnswer) -> HttpResponse:
    replayed.inc()
    headers = answer.headers | {"Idempotent-Replayed": "true"}
    response = HttpResponse(answer.body, status=answer.status, headers=headers)
    if not answer.body:
        del response["Content-Type"]  # Django's own
    return response
