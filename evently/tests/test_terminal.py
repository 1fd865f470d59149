"""Colour for a terminal that wants it, and for nothing else."""

from io import StringIO

import pytest

from evently.management import terminal

pytestmark = pytest.mark.once


class Screen(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


def printed(stream):
    table = terminal.table("name")
    table.add_row("x" * 150)
    terminal.console(stream).print(table)
    return stream.getvalue()


@pytest.fixture(autouse=True)
def _colours(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


def test_table_on_a_terminal_has_style():
    assert "\x1b[" in printed(Screen())


def test_table_with_no_color_has_none(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")

    assert "\x1b" not in printed(Screen())


def test_table_in_a_pipe_has_no_style_and_is_not_cut():
    shown = printed(StringIO())

    assert "\x1b" not in shown
    assert "x" * 150 in shown


def test_progress_shows_on_a_terminal_only():
    assert not terminal.progress(Screen()).disable
    assert terminal.progress(StringIO()).disable
