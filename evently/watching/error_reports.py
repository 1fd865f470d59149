"""Reports of what failed unforeseen, for Sentry. Imported only where its address is configured.

Nothing of a request is sent but its method, its path's pattern and its id: Sentry's integrations,
which send more, are left off. So are the variables of the code that failed and the messages of
exceptions, since either may hold what people sent; the log has the messages, beside that id.
"""

from typing import Any

import sentry_sdk
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import got_request_exception
from django.http import HttpRequest
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.utils import BadDsn

from evently.api.middleware import method_of, route_of

LEFT_OUT = "see the log"


def start() -> None:
    """Report every request that ends in a 500, and whatever ends a process."""
    try:
        sentry_sdk.init(
            settings.SENTRY_DSN,
            release=f"evently@{settings.SPECTACULAR_SETTINGS['VERSION']}",
            default_integrations=False,
            auto_enabling_integrations=False,
            integrations=[ExcepthookIntegration(), AtexitIntegration(lambda *_: None)],
            send_default_pii=False,
            include_local_variables=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            ignore_errors=[KeyboardInterrupt],
            before_send=_without_messages,
        )
    except BadDsn:
        raise ImproperlyConfigured("SENTRY_DSN can't be understood.") from None
    got_request_exception.connect(_report)


def _report(request: HttpRequest, **kwargs: Any) -> None:
    # Sent for what nobody foresaw: neither refusals nor a database that is away get here.
    with sentry_sdk.new_scope() as scope:
        scope.set_transaction_name(f"{method_of(request)} {route_of(request)}")
        scope.set_tag("request_id", request.id)
        sentry_sdk.capture_exception()


def _without_messages(event: dict[str, Any], hint: dict[str, Any]) -> dict[str, Any]:
    for exception in event["exception"]["values"]:
        exception["value"] = LEFT_OUT
    return event
