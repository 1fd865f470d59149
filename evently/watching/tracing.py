"""Traces of requests and of the statements they send to the database, for OpenTelemetry.

Imported only where a collector is configured. OpenTelemetry's own instrumentation of Django
records addresses, queries and user agents; here a span tells of nobody: a path is its pattern, a
statement goes without its values, a failure without its message.
"""

import os
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from evently.api.middleware import method_of, route_of

tracer = trace.get_tracer("evently")
propagator = TraceContextTextMapPropagator()


def start() -> None:
    """Send spans to the collector, in batches and from a thread of their own.

    OpenTelemetry reads its other variables itself, such as OTEL_EXPORTER_OTLP_HEADERS.
    """
    os.environ.setdefault("OTEL_SERVICE_NAME", "evently")
    version = settings.SPECTACULAR_SETTINGS["VERSION"]
    provider = TracerProvider(resource=Resource.create({"service.version": version}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    connection_created.connect(_watch)


class RequestTrace:
    """Makes a span of every request, as part of the caller's trace where they name one.

    (W3C Trace Context.) Log lines carry the trace's id.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        callers = propagator.extract(request.headers)
        method = method_of(request)
        with tracer.start_as_current_span(method, callers, SpanKind.SERVER) as span:
            trace_id = trace.format_trace_id(span.get_span_context().trace_id)
            structlog.contextvars.bind_contextvars(trace_id=trace_id)
            response = self.get_response(request)
            route = route_of(request)
            span.update_name(f"{method} {route}")
            span.set_attributes(
                {
                    "http.request.method": method,
                    "http.route": route,
                    "http.response.status_code": response.status_code,
                    "evently.request_id": request.id,
                }
            )
            if response.status_code >= 500:
                span.set_status(StatusCode.ERROR)
        return response


def _watch(connection: Any, **kwargs: Any) -> None:
    if _traced not in connection.execute_wrappers:  # it may be one that connects again
        connection.execute_wrappers.append(_traced)


def _traced(execute: Callable, sql: str, params: Any, many: bool, context: dict) -> Any:
    """Make a span of a statement that is sent for a request; the worker's are nobody's."""
    if not trace.get_current_span().is_recording():
        return execute(sql, params, many, context)
    with tracer.start_as_current_span(
        sql.split(maxsplit=1)[0],
        kind=SpanKind.CLIENT,
        attributes={
            "db.system.name": context["connection"].vendor,
            "db.query.text": sql,
        },
        # Its message may quote a row.
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            return execute(sql, params, many, context)
        except Exception as failure:
            span.set_status(StatusCode.ERROR)
            span.set_attribute("error.type", type(failure).__name__)
            raise
