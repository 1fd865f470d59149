"""The image and the compose file, as far as they can be read without Docker."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from evently import checks

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
PINNED = re.compile(r"[\w.-]+(\[[\w,]+])?==[\d.]+(post\d+)?")
SECRET = "kA7-Zq0pWm3xTn9vLb5rGd1sHf8-cYu4_eJx6iNo2aBt0wVz-gQ5s"
# Debugging is for a checkout, never for a container.
NOT_IN_A_CONTAINER = {"DEBUG"}


def read(name):
    return (ROOT / name).read_text()


def instructions(stage):
    """Return the Dockerfile's lines of the stage that is counted from 0."""
    return read("Dockerfile").split("\nFROM ")[stage + 1].splitlines()


@pytest.fixture
def compose():
    return yaml.safe_load(read("docker-compose.yml"))


@pytest.fixture
def services(compose):
    return compose["services"]


@pytest.fixture
def production(settings):
    settings.EVENTLY_DEMO = False
    return settings


def default_of(variable):
    [default] = set(re.findall(rf"\$\{{{variable}:-([^}}]+)}}", read("docker-compose.yml")))
    return default


# --- The compose file ---------------------------------------------------------------------------


def test_compose_services_wait_for_what_they_need(services):
    healthy, started = {"condition": "service_healthy"}, {"condition": "service_started"}
    migrated = {"condition": "service_completed_successfully"}

    assert {name: service.get("depends_on") for name, service in services.items()} == {
        "db": None,
        "redis": None,
        "migrate": {"db": healthy},
        # Evently counts by itself while Redis is away, so it needn't be healthy yet.
        "api": {"db": healthy, "migrate": migrated, "redis": started},
        "worker": {"db": healthy, "migrate": migrated},
    }


def test_compose_health_is_asked_of_database_and_api_only(services):
    assert {name: service["healthcheck"].get("test") for name, service in services.items()} == {
        "db": ["CMD", "pg_isready", "--quiet", "--host=127.0.0.1", "--username=evently"],
        "redis": ["CMD", "redis-cli", "ping"],
        "migrate": None,
        "api": ["CMD", "deploy/healthcheck", "/readyz"],
        "worker": None,
    }


def test_compose_publishes_the_api_alone_to_this_machine(services):
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}

    assert published == {"api": ["${EVENTLY_BIND:-127.0.0.1}:${PORT:-8000}:8000"]}


def test_compose_keeps_the_data_where_the_image_has_them_from_18_on(compose, services):
    assert services["db"]["volumes"] == ["database:/var/lib/postgresql"]
    assert compose["volumes"] == {"database": None}


def test_compose_pins_the_database(services):
    assert re.fullmatch(r"postgres:18\.\d+-[a-z]+", services["db"]["image"])


def test_compose_pins_redis_which_keeps_nothing(services):
    assert re.fullmatch(r"redis:8\.\d+\.\d+-[a-z]+", services["redis"]["image"])
    assert services["redis"]["command"][:5] == ["redis-server", "--save", "", "--appendonly", "no"]
    assert "volumes" not in services["redis"]


def test_compose_counts_calls_in_redis(services):
    assert services["api"]["environment"]["CACHE_URL"] == "${CACHE_URL:-redis://redis:6379/0}"


def test_compose_redis_can_change_nothing(services):
    redis = services["redis"]

    assert (redis["read_only"], redis["cap_drop"], redis["security_opt"], redis["user"]) == (
        True,
        ["ALL"],
        ["no-new-privileges:true"],
        "999:999",
    )


@pytest.mark.parametrize("name", ["migrate", "api", "worker"])
def test_compose_containers_of_ours_can_change_nothing(services, name):
    service = services[name]

    assert (service["read_only"], service["tmpfs"], service["cap_drop"], service["init"]) == (
        True,
        ["/tmp"],
        ["ALL"],
        True,
    )


def test_compose_runs_the_commands_that_exist(services):
    assert services["worker"]["command"] == ["python", "manage.py", "worker"]
    assert services["migrate"]["command"] == ["deploy/migrate"]
    assert (ROOT / "deploy/migrate").stat().st_mode & 0o111
    assert (ROOT / "evently/management/commands/worker.py").is_file()


def test_compose_passes_every_setting_on(services):
    read_by_settings = set(
        re.findall(r'(?:env\.\w+|choice|number|flag)\(\s*"([A-Z_]+)"', read("evently/settings.py"))
    )
    read_by_opentelemetry = {"OTEL_EXPORTER_OTLP_HEADERS"}

    passed_on = set(services["api"]["environment"])

    known = read_by_settings | read_by_opentelemetry
    assert passed_on == known - NOT_IN_A_CONTAINER


# --- Production refuses the compose file's defaults ---------------------------------------------


def test_production_refuses_the_secret_key_of_the_compose_file(production):
    production.SECRET_KEY = default_of("SECRET_KEY")

    assert [error.id for error in checks.check_secret_key()] == ["evently.E003"]


def test_production_refuses_the_database_password_of_the_compose_file(production, monkeypatch):
    database = production.DATABASES["default"]
    monkeypatch.setitem(database, "PASSWORD", default_of("POSTGRES_PASSWORD"))

    assert [error.id for error in checks.check_database_password()] == ["evently.E006"]


def test_production_takes_another_database_password(production, monkeypatch):
    monkeypatch.setitem(production.DATABASES["default"], "PASSWORD", "Jd8sTq21xxPw")

    assert checks.check_database_password() == []


def test_demo_takes_the_database_password_of_the_compose_file(settings, monkeypatch):
    settings.EVENTLY_DEMO = True
    database = settings.DATABASES["default"]
    monkeypatch.setitem(database, "PASSWORD", default_of("POSTGRES_PASSWORD"))

    assert checks.check_database_password() == []


def test_demo_is_what_the_compose_file_makes_unless_told_otherwise():
    assert default_of("EVENTLY_DEMO") == "1"


def test_production_by_the_example_is_served():
    blank = {"SECRET_KEY": SECRET, "POSTGRES_PASSWORD": "Jd8sTq21xxPw"}
    lines = re.findall(r"^([A-Z_]+)=(.*)$", read(".env.example"), re.MULTILINE)
    example = {name: value or blank[name] for name, value in lines}
    example["CACHE_URL"] = default_of("CACHE_URL")
    example["DATABASE_URL"] = f"postgresql://evently:{example['POSTGRES_PASSWORD']}@db/evently"

    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env=os.environ | example,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stderr) == (0, "")


# --- The image ----------------------------------------------------------------------------------


def test_image_starts_from_a_pinned_slim_python_and_then_from_itself():
    first, *rest = re.findall(r"^FROM (\S+)", read("Dockerfile"), re.MULTILINE)

    assert re.fullmatch(r"python:3\.11\.\d+-slim-[a-z]+", first)
    assert rest == ["base", "base"]


def test_image_runs_as_a_user_without_rights():
    assert "USER 10001:10001" in instructions(2)


def test_image_serves_on_8000_with_the_config_of_the_repository():
    assert "EXPOSE 8000" in instructions(2)
    assert instructions(2)[-1] == (
        'CMD ["gunicorn", "--config", "deploy/gunicorn.conf.py", '
        '"--worker-tmp-dir", "/dev/shm", "evently.wsgi"]'
    )


def test_image_tells_its_health_without_the_database():
    [check] = [line for line in instructions(2) if line.startswith("HEALTHCHECK")]

    assert check.endswith('CMD ["deploy/healthcheck", "/healthz"]')


def test_image_leaves_secrets_data_tests_and_history_out():
    left_out = set(read(".dockerignore").splitlines())

    assert left_out >= {".env*", "data", ".git", ".venv", "**/tests", "requirements-dev.txt"}


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-extras.txt", "requirements-dev.txt"]
)
def test_requirements_are_pinned_to_exact_versions(name):
    lines = [line for line in read(name).splitlines() if line and not line.startswith(("#", "-r "))]

    assert [line for line in lines if not PINNED.fullmatch(line)] == []
