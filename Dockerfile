# The image of the API, of the worker and of every `manage.py` command.

FROM python:3.11.15-slim-bookworm AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/opt/venv/bin:$PATH
WORKDIR /srv/evently

FROM base AS build
ARG REQUIREMENTS=requirements.txt
COPY requirements.txt requirements-extras.txt ./
RUN python -m venv /opt/venv \
    && pip install --no-cache-dir --disable-pip-version-check -r $REQUIREMENTS
COPY . .
# Production's settings, since only they name static files after their content. The key is
# needed by the settings, used for nothing, and not in the image.
RUN EVENTLY_DEMO=0 SECRET_KEY=unused DATABASE_URL=sqlite://:memory: \
    python manage.py collectstatic --no-input

FROM base
RUN groupadd --gid 10001 evently \
    && useradd --uid 10001 --gid evently --no-create-home --home-dir /tmp evently \
    && install --directory --owner=evently --group=evently data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/evently .
# Code and libraries belong to root; `data` is all that the process may write, and needs only where
# the database is SQLite. By number, so that a cluster can see that it isn't root.
USER 10001:10001
# All of the container's addresses; and where matplotlib keeps what it finds out about fonts.
ENV EVENTLY_BIND=0.0.0.0 MPLCONFIGDIR=/tmp/matplotlib
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["deploy/healthcheck", "/healthz"]
# Workers show that they live by touching a file, which must not wait for a disk.
CMD ["gunicorn", "--config", "deploy/gunicorn.conf.py", "--worker-tmp-dir", "/dev/shm", "evently.wsgi"]
