"""Titles made of what was said first, without a model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.chat.titles import TITLE_LENGTH, title_from


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Three titles for a piece on quiet heating", "Three titles for a piece on quiet heating"),
        ("\n\n## A **bold** start\nand more", "A bold start"),
        ("- [ ] buy `milk`", "buy milk"),
        ("1. First point", "First point"),
        ("/draft brief.md --words 300", "Draft of brief"),
        ("/draft --words 300 --tone 'warm, calm' briefs/tern-4_launch.md", "Draft of tern 4 launch"),
        ('/draft brief.md --with "other notes.md" --with=third.md', "Draft of brief"),
        ("/draft\n# Plan\n\nIt costs $4,200.", "Draft of Plan"),
        ("/draft", "Draft"),
        ("/copy brief.md --channel google-ads", "Copy for brief"),
        ("/extract C:\\notes\\plan.docx", "Outline of plan"),
        ("/compare Which opening is best?", "Which opening is best?"),
        ("/story", "Story"),
        ("/etc/hosts looks odd", "/etc/hosts looks odd"),
        ("@brief.md write the launch post", "write the launch post"),
        ("@brief.md @notes/prices.csv: what changed?", "what changed?"),
        ("Draft the post from @notes/brief.md, 600 words", "Draft the post from brief, 600 words"),
        ("@brief.md", "brief"),
        ("mail maria@example.test today", "mail maria@example.test today"),
        ("> It was said before\n> twice\n\nSay it shorter", "Say it shorter"),
        ("> only what was said", "only what was said"),
        ("```python\nprint(1)\n```\nExplain this", "Explain this"),
        ("```python\nprint(1)\n```", "print(1)"),
        ("See [the report](https://example.test/a) first", "See the report first"),
        ("2 * 3 * 4 is what?", "2 * 3 * 4 is what?"),
        ("snake_case and __dunder__", "snake_case and dunder"),
        ("word " * 40, "word word word word word word word word word word word word …"),
        ("x" * 200, "x" * TITLE_LENGTH),
        ("寒い冬の話を書いて", "寒い冬の話を書いて"),
        ("***\n---\n", "Untitled"),
        ("", "Untitled"),
    ],
)
def test_a_title_says_what_the_conversation_is_about(text: str, title: str) -> None:
    assert title_from(text) == title


@given(st.text(max_size=300) | st.text("/@->`#*_ \n\"'[]()a.b-", max_size=80))
def test_any_text_has_a_title_of_one_line(text: str) -> None:
    title = title_from(text)
    assert title
    assert len(title) <= TITLE_LENGTH + 2
    assert len(title.splitlines()) == 1
