"""How gunicorn serves Evently; what differs between machines comes from the environment."""

import os

bind = [f"0.0.0.0:{os.environ.get('PORT', '8000')}"]
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4
timeout = 30
graceful_timeout = 30
keepalive = 5
max_requests = 100_000
max_requests_jitter = 10_000
# Nothing but the listening socket is opened.
control_socket_disable = True
# A header whose name could pass for another one (X_User_ID) is dropped.
header_map = "drop"
