"""The rewrite stage: what is asked, what is made of the reply, and texts that don't fit."""

from __future__ import annotations

import pytest

from chatspace.core.stages.rewrite import cleaned


@pytest.mark.parametrize(
    "reply",
    [
        "One is here.",
        "  One is here.\n\n",
        "```markdown\nOne is here.\n```",
        "```\nOne is here.\n```",
        "Here is the revised passage:\n\nOne is here.",
        "Sure! Here's a shorter version:\n\n```md\nOne is here.\n```",
        "“One is here.”",
        '"One is here."',
        "Gerne: hier ist der Text.\n\nOne is here.",
        "Hier ist die kürzere Fassung:\n\nOne is here.",
    ],
)
def test_what_models_wrap_round_a_text_is_taken_off(reply: str) -> None:
    assert cleaned(reply, "\nOne is really here.\n\n") == "\nOne is here.\n\n"


@pytest.mark.parametrize(
    "passage",
    [
        "```sh\nmake\n```",
        "“Quiet.”",
        "Here is the list:\n\n- one",
        "Sure enough it was quiet.\nAnd more.",
        "“One,” she said. “Two.”",
    ],
)
def test_what_the_passage_has_itself_stays(passage: str) -> None:
    assert cleaned(passage, passage) == passage


def test_an_empty_reply_stays_empty() -> None:
    assert cleaned(" \n", "One.\n") == ""
