"""What all tests share: people in their roles, and a client that speaks JSON."""

import pytest
from django.db import transaction
from django.test import TransactionTestCase, override_settings
from prometheus_client import REGISTRY
from rest_framework.test import APIClient

from evently.api.counters import counter
from events.halls import forget_halls
from events.next_seat import forget_all
from tests.emptying import empty_tables
from tests.factories import AdminFactory, EventFactory, UserFactory
from tests.served import forget_prepared


class Client(APIClient):
    """A client that sends JSON, and names its caller as the header mode wants it."""

    default_format = "json"

    def as_user(self, user):
        self.defaults["HTTP_X_USER_ID"] = str(user.id)
        return self

    def as_admin(self):
        self.defaults["HTTP_X_USER_ROLE"] = "admin"
        return self


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """The longest begin first, lest one core waits for the other: those that may take longer.

    What uses the suite's own database stays in Django's order: what commits comes last.
    """
    items.sort(
        key=lambda item: (
            item.get_closest_marker("django_db") is not None
            or item.get_closest_marker("timeout") is None
        )
    )


@pytest.fixture(scope="session", autouse=True)
def emptied_quickly():
    """After a test that committed, only what it filled is emptied."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: empty_tables())
        yield


@pytest.fixture(scope="module")
def around_a_module(django_db_setup, django_db_blocker):
    """A transaction for what is made once for many tests, whose own are savepoints in it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="session", autouse=True)
def cheap_settings():
    """Every client makes the middleware anew, which would read all static files each time.

    And nobody is to guess a test's passwords.
    """
    quick = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with override_settings(WHITENOISE_AUTOREFRESH=True, PASSWORD_HASHERS=quick):
        yield


@pytest.fixture(scope="session", autouse=True)
def prepared_once():
    """Databases for tests that serve are copies of one, which goes at the end."""
    yield
    forget_prepared()


@pytest.fixture(autouse=True)
def nothing_counted():
    """The process counts calls for all tests, and a caller's id comes back in the next one."""
    counter.cache_clear()


@pytest.fixture(autouse=True)
def every_hall_anew():
    """An event's id comes back in the next test, too."""
    forget_all()
    forget_halls()


@pytest.fixture
def client():
    """Nobody."""
    return Client()


@pytest.fixture
def holder(db):
    return UserFactory(username="holder")


@pytest.fixture
def stranger(db):
    return UserFactory(username="stranger")


@pytest.fixture
def admin(db):
    return AdminFactory(username="admin")


@pytest.fixture
def as_holder(holder):
    return Client().as_user(holder)


@pytest.fixture
def as_stranger(stranger):
    return Client().as_user(stranger)


@pytest.fixture
def as_admin(admin):
    return Client().as_user(admin).as_admin()


@pytest.fixture
def event(db):
    return EventFactory()


@pytest.fixture
def risen():
    """Return by how much a figure has risen since the test began."""
    before = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in REGISTRY.collect()
        for sample in family.samples
    }

    def since(name, **labels):
        now = REGISTRY.get_sample_value(name, labels) or 0
        return now - before.get((name, *sorted(labels.items())), 0)

    return since
