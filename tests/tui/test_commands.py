"""What counts as a command, and what stands behind it."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.errors import ChatspaceError, UsageError
from chatspace.tui.commands import COMMANDS, ParsedCommand, parse_slash


@pytest.mark.parametrize(
    ("line", "typed"),
    [
        ("/draft brief.md", ParsedCommand("draft", "brief.md", {})),
        ("/draft my brief.md --words 300", ParsedCommand("draft", "my brief.md", {"words": 300})),
        ("/copy --channel=google-ads brief.md", ParsedCommand("copy", "brief.md", {"channel": "google-ads"})),
        ("/draft\n# Plan\n\n--words stays text", ParsedCommand("draft", "# Plan\n\n--words stays text", {})),
        ("/draft a.md --with b.md --with c.md", ParsedCommand("draft", "a.md", {}, ("b.md", "c.md"))),
        ("/help", ParsedCommand("help", "")),
        ("/batch in -o out --fresh -j 8", ParsedCommand("batch", "in", {"output": "out", "fresh": True, "jobs": "8"})),
        ("/draft -o.md", ParsedCommand("draft", "-o.md")),
    ],
)
def test_a_command_is_told_from_its_text_and_options(line: str, typed: ParsedCommand) -> None:
    assert parse_slash(line) == typed


def test_the_words_of_a_command_keep_what_was_quoted() -> None:
    typed = parse_slash("/batch 'my briefs' b.md --channel ad")
    assert typed
    assert typed.words == ("my briefs", "b.md")


@pytest.mark.parametrize("line", ["Hello", "/etc/hosts is a file", "// a comment", " /draft"])
def test_other_lines_are_messages(line: str) -> None:
    assert parse_slash(line) is None


@pytest.mark.parametrize(
    "line",
    [
        "/darft x",
        "/draft x --wrods 3",
        "/draft x --words",
        "/draft x --words many",
        "/draft x --words 0",
        "/draft x --words nan",
    ],
)
def test_a_slip_is_refused_with_what_to_do(line: str) -> None:
    with pytest.raises(UsageError):
        parse_slash(line)


@given(st.text(), st.sampled_from(sorted(COMMANDS)))
def test_no_text_behind_a_command_breaks_it(text: str, name: str) -> None:
    with contextlib.suppress(ChatspaceError):
        typed = parse_slash(f"/{name} {text}")
        assert typed is None or typed.name == name
