"""How gunicorn serves Evently; what differs between machines comes from the environment."""

import atexit
import gc
import os
import queue
import select
import shutil
import tempfile
from pathlib import Path

import gunicorn.glogging
import gunicorn.util
from gunicorn.workers.gthread import ThreadWorker


def remove(folder, maker):
    if os.getpid() == maker:  # and not one of its children
        shutil.rmtree(folder, ignore_errors=True)


# Where the processes share their figures. Named before anything imports prometheus_client, which
# looks only then. A reload (SIGHUP) reads this anew, finds the name and keeps the folder.
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="evently-metrics-")
    atexit.register(remove, os.environ["PROMETHEUS_MULTIPROC_DIR"], os.getpid())

from evently.api import unreadable  # noqa: E402
from evently.settings import EVENTLY_PGBOUNCER, LANES, LOGGING, WEB_CONCURRENCY  # noqa: E402
from evently.watching import files  # noqa: E402

STALLED_BODY_SECONDS = 5
STAY_MILLISECONDS = 2

bind = [f"{os.environ.get('EVENTLY_BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"]
workers = WEB_CONCURRENCY
# Twice as many as may be busy with requests at a time (see evently/api/transport.py): whatever the
# database does, there is one to tell that the process is alive.
threads = 2 * LANES


class Worker(ThreadWorker):
    """Threads that stay with a connection while no other one waits for a thread.

    gunicorn's own gives a connection back to its main thread after every request, which then waits
    for the next one and looks for a thread: that costs a booking a tenth of its time.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._waiting = queue.SimpleQueue()

    def enqueue_req(self, conn):
        self._waiting.put(conn)
        super().enqueue_req(conn)

    def handle(self, conn):
        self._waiting.get()
        keeps = super().handle(conn)
        while keeps is True and self.alive and self._waiting.empty() and goes_on(conn.sock):
            keeps = super().handle(conn)
        return keeps


def goes_on(sock):
    """Tell whether more is sent on a connection soon."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(STAY_MILLISECONDS))


worker_class = Worker
# For whatever is read outside of a transaction. PgBouncer takes no such thing at a connection's
# start; there the role has these limits. Commands have none.
raw_env = []
if not EVENTLY_PGBOUNCER and "PGOPTIONS" not in os.environ:
    raw_env.append("PGOPTIONS=-c statement_timeout=3s -c lock_timeout=1s")
# Loaded once, before the processes are forked, which share what they don't change: with it a
# process has about half the memory of its own. Reloading (SIGHUP) takes new settings, not new code.
preload_app = True
timeout = 30
graceful_timeout = 20
keepalive = 5
max_requests = 100_000
max_requests_jitter = 10_000
# Nothing but the listening socket is opened.
control_socket_disable = True
# As long as gunicorn allows: 200 characters each for search and venue, percent-encoded, fit.
limit_request_line = 8190
# What gunicorn refuses by itself is told as Evently's own refusals are, and never in HTML.
gunicorn.util.write_error = unreadable.refuse
# A header whose name could pass for another one (X_User_ID) is dropped.
header_map = "drop"


class Logger(gunicorn.glogging.Logger):
    def access(self, *args):
        """Evently's own log has a line for each request; gunicorn need not compose another."""


logger_class = Logger
# Its own lines look like Evently's, in JSON where those are.
logconfig_dict = LOGGING | {
    "loggers": LOGGING["loggers"] | {"gunicorn.error": {"handlers": [], "propagate": True}}
}


def on_starting(server):
    if not server.master_pid:  # else an earlier master is at work, whose figures go on (SIGUSR2)
        files.empty(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]))


def when_ready(server):
    # What is there by now stays: looking through it for garbage would copy it to each process.
    gc.collect()
    gc.freeze()


def post_fork(server, worker):
    # A request makes thousands of objects, and nearly all go with it: looked through after each
    # 700 of them, as Python does by itself, they cost a booking a tenth of its time.
    gc.set_threshold(10_000, 20, 20)


def child_exit(server, worker):
    try:
        files.tidy(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]))
    except Exception:  # such as of a full disk; no figure is worth the server
        server.log.exception("The figures of process %s were left where they are.", worker.pid)


def pre_request(worker, request):
    # Whoever promises a body and sends none would keep a thread for ever.
    request.unreader.sock.settimeout(STALLED_BODY_SECONDS)
