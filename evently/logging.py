"""Structured logs: JSON in production, readable lines in development, the request's id in each."""

import logging
from typing import Any

import orjson
import structlog

# Python looks these up for each line, and no line of ours tells them (its HOWTO on logging, in
# "Optimization").
logging._srcfile = None  # type: ignore[attr-defined]  where in the source
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False

# What every line has, be it logged by structlog or by Python's logging.
MEMBERS = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def _as_json(line: dict[str, Any], **how: Any) -> str:
    return orjson.dumps(line, default=how["default"], option=orjson.OPT_NON_STR_KEYS).decode()


class JsonLines(structlog.stdlib.ProcessorFormatter):
    """Renders what structlog has made ready as it is, where the library copies each record."""

    def format(self, record: logging.LogRecord) -> str:
        if isinstance(record.msg, dict):
            return _as_json(record.msg, default=repr)
        return super().format(record)


RENDERERS = {
    "json": [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_as_json)],
    "text": [structlog.dev.ConsoleRenderer(colors=False)],
}
LOGGERS = {
    # Its handlers are Django's own defaults; ours is the root's.
    "django": {"handlers": [], "level": "INFO", "propagate": True},
    "django.server": {"handlers": [], "propagate": True},
    # The request log has a line for every answer, with the traceback of a failure.
    "django.request": {"level": "CRITICAL"},
    # Whoever tries other hosts' names gets a 400, and no traceback in our log.
    "django.security.DisallowedHost": {"level": "CRITICAL"},
}


def logging_settings(log_format: str) -> dict[str, Any]:
    """Configure structlog and return the settings for Python's logging, which it writes through."""
    formatter = JsonLines if log_format == "json" else structlog.stdlib.ProcessorFormatter
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *MEMBERS,
            structlog.processors.format_exc_info,
            formatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    processors = [formatter.remove_processors_meta, *RENDERERS[log_format]]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": formatter,
                "foreign_pre_chain": MEMBERS,
                "processors": processors,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": LOGGERS,
    }
