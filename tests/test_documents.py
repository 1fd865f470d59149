"""What README and ARCHITECTURE name is really there."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).parent.parent
DOCUMENTS = ["README.md", "ARCHITECTURE.md", "RELIABILITY.md"]
# Read by the gunicorn configuration and the scripts, not by settings.py.
OUTSIDE_SETTINGS = {
    "PORT",
    "EVENTLY_BIND",
    "PROMETHEUS_MULTIPROC_DIR",
    "TEST_DATABASE_URL",
}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_document_names_only_paths_that_exist(document):
    text = (ROOT / document).read_text()
    named = re.findall(
        r"`([a-z_.]+/[\w./-]*\.(?:py|toml|md|yml|txt)|[a-z_]+\.(?:py|md|yml))`", text
    )

    missing = [name for name in named if not (ROOT / name).exists() and not _is_room(name)]

    assert missing == []


def test_readme_lists_every_setting_and_no_other():
    source = (ROOT / "evently" / "settings.py").read_text()
    read = set(re.findall(r'(?:env\.\w+|choice|number|flag)\(\s*"([A-Z_]+)"', source))
    readme = (ROOT / "README.md").read_text()
    listed = set(re.findall(r"^\| `([A-Z_]+)`", readme, re.MULTILINE))

    assert listed - OUTSIDE_SETTINGS == read


def test_readme_lists_every_endpoint(client):
    readme = (ROOT / "README.md").read_text()
    listed = set(re.findall(r"`(?:GET|POST|PUT|PATCH|DELETE)[A-Z|,/ ]* (/[\w{}/-]*)", readme))
    described = set(client.get("/schema").json()["paths"])

    assert described - listed == set()


def _is_room(name: str) -> bool:
    """Tell whether a bare file name is one that several apps have."""
    return "/" not in name and any(ROOT.glob(f"*/{name}"))
