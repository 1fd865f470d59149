"""The staff site in its reader's language, and the API in English all the same."""

import re

import pytest
from django.utils import translation

from tests.staff import page, superuser
from tests.translations import LANGUAGES, catalogue, compiled, compiled_here, texts
from waitlists.models import WaitlistEntry

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%d|%%|\{\}")


@pytest.mark.once
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_and_no_other(language):
    said = {message.id for message in catalogue(language) if message.id}
    missing = [
        message.id
        for message in catalogue(language)
        if not (all(message.string) if isinstance(message.id, tuple) else message.string)
    ]

    assert said == texts()
    assert missing == []


@pytest.mark.once
@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_what_is_filled_in(language):
    wrong = [
        message.id
        for message in catalogue(language)
        for source, said in zip(_forms(message.id), _forms(message.string), strict=True)
        if sorted(PLACEHOLDER.findall(source)) != sorted(PLACEHOLDER.findall(said))
    ]

    assert wrong == []


@pytest.mark.once
@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalogue_is_as_the_readable_one(language):
    assert compiled_here(language) == compiled(catalogue(language))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "said"),
    [("de", "Wartelisteneintrag zur Änderung"), ("fr", "entrée de la file"), ("en", "waitlist")],
)
def test_console_speaks_the_language_that_is_asked_for(language, said):
    response = superuser().get(
        page("changelist", WaitlistEntry), headers={"Accept-Language": language}
    )

    assert said in response.content.decode()
    assert response["Content-Language"] == language


@pytest.mark.django_db
def test_language_that_is_chosen_is_remembered():
    staff = superuser()
    staff.post("/staff/language/", {"language": "de", "next": "/staff/"})

    response = staff.get(page("changelist", WaitlistEntry))

    assert "Wartelisten" in response.content.decode()


@pytest.mark.django_db
def test_api_speaks_english_after_a_page_in_german(client, holder):
    superuser().get(page("changelist", WaitlistEntry), headers={"Accept-Language": "de"})

    problem = client.post(
        "/waitlists",
        {},
        content_type="application/json",
        headers={"Accept-Language": "de", "X-User-ID": str(holder.id)},
    ).json()

    assert problem["errors"][0]["detail"] == "This field is required."
    assert translation.get_language() == "en"


def _forms(text):
    return [text] if isinstance(text, str) else list(text)
