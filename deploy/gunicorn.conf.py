"""How gunicorn serves Evently; what differs between machines comes from the environment."""

import os

from evently.settings import LOGGING

bind = [f"{os.environ.get('EVENTLY_BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"]
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4
timeout = 30
graceful_timeout = 20
keepalive = 5
max_requests = 100_000
max_requests_jitter = 10_000
# Nothing but the listening socket is opened.
control_socket_disable = True
# As long as gunicorn allows: 200 characters each for search and venue, percent-encoded, fit.
limit_request_line = 8190
# A header whose name could pass for another one (X_User_ID) is dropped.
header_map = "drop"
# Its own lines look like Evently's, in JSON where those are.
logconfig_dict = LOGGING | {
    "loggers": LOGGING["loggers"] | {"gunicorn.error": {"handlers": [], "propagate": True}}
}
