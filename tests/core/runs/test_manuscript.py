"""A draft as it grows: what is shown is what is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.runs.manuscript import COPY_FOLLOWS, Apart, Manuscript


def section(text: str, heading: str | None = "Plan", *, begins: bool = True, title: str = "", size: int = 1_000) -> str:
    shown: list[str] = []
    manuscript = Manuscript(shown.append)
    reply = manuscript.section(heading, begins=begins, title=title)
    for start in range(0, len(text), size):
        reply.hear(text[start : start + size])
    assert reply.end() == manuscript.text == "".join(shown)
    return manuscript.text


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        ("## Plan\n\nText.\n", "## Plan\n\nText."),
        ("Text.\n\nMore.\n\n\n", "## Plan\n\nText.\n\nMore."),
        ("# Own heading\n\nText.\n\n## Below\n\nMore.", "## Own heading\n\nText.\n\n### Below\n\nMore."),
        ("#### Deep\n\nText.\n\n##### Below", "## Deep\n\nText.\n\n### Below"),
        ("\n\n## Plan\nText.", "## Plan\nText."),
        ("Text.\n\n# Loud\n\nMore.", "## Plan\n\nText.\n\n## Loud\n\nMore."),
        ("```sh\n# not a heading\n\nls\n```\n\nText.", "## Plan\n\n```sh\n# not a heading\n\nls\n```\n\nText."),
        ("```markdown\n## Plan\n\nText.\n```", "## Plan\n\nText."),
        ("#hashtag first", "## Plan\n\n#hashtag first"),
        ("- one\n  - two\n\n- three", "## Plan\n\n- one\n  - two\n\n- three"),
    ],
)
def test_a_section_stands_under_its_heading_at_its_level(reply: str, kept: str) -> None:
    for size in (1, 3, 1_000):
        assert section(reply, size=size) == kept


def test_a_section_that_goes_on_has_no_second_heading() -> None:
    assert section("## Plan\n\nText.", begins=False) == "Text."
    assert section("## More of it\n\nText.", begins=False) == "### More of it\n\nText."


def test_the_title_comes_before_the_first_section_and_only_with_text() -> None:
    assert section("Text.", title="Warm") == "# Warm\n\n## Plan\n\nText."
    assert section("", title="Warm") == ""


def test_where_headings_do_not_belong_none_is_added_or_changed() -> None:
    assert section("# One\n\nText.", heading=None) == "# One\n\nText."
    assert section("Text.", heading=None) == "Text."


def test_sections_are_parted_by_a_blank_line() -> None:
    manuscript = Manuscript(lambda text: None)
    for heading, text in (("One", "First.\n\n\n"), ("Two", "\nSecond.")):
        reply = manuscript.section(heading)
        reply.hear(text)
        reply.end()
    assert manuscript.text == "## One\n\nFirst.\n\n## Two\n\nSecond."


@given(st.text(alphabet="#` \n\tab~-\r\u2028", max_size=80), st.integers(1, 9))
def test_a_section_does_not_depend_on_its_pieces(text: str, size: int) -> None:
    assert section(text, size=size) == section(text)


@given(st.text(alphabet="#`markdown \n\tab", max_size=60), st.integers(1, 9))
def test_a_whole_reply_is_kept_as_it_comes(text: str, size: int) -> None:
    shown: list[str] = []
    manuscript = Manuscript(shown.append)
    reply = manuscript.whole()
    for start in range(0, len(text), size):
        reply.hear(text[start : start + size])
    reply.end()
    assert manuscript.text == "".join(shown)
    if "```" not in text:
        assert manuscript.text == text


@given(
    st.integers(1, 30),
    st.sampled_from(["", "# A\n\nText with = and == in it.", "===", "A\n\n\n"]),
    st.sampled_from(["", '{"a": []}']),
)
def test_what_stands_behind_the_mark_is_kept_apart_however_it_comes(size: int, text: str, copy: str) -> None:
    shown: list[str] = []
    apart = Apart()
    whole = f"{text}\n\n{COPY_FOLLOWS}\n{copy}"
    for start in range(0, len(whole), size):
        apart.hear(whole[start : start + size], shown.append)
    apart.end(shown.append)
    assert "".join(shown).rstrip() == text.rstrip()
    assert apart.text.strip() == copy


@given(st.text(alphabet="= COPY\na", max_size=60), st.integers(1, 9))
def test_without_the_mark_everything_is_text(text: str, size: int) -> None:
    if COPY_FOLLOWS in text:
        return
    shown: list[str] = []
    apart = Apart()
    for start in range(0, len(text), size):
        apart.hear(text[start : start + size], shown.append)
    apart.end(shown.append)
    assert ("".join(shown), apart.text) == (text, "")
