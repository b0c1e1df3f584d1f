"""The gate of a rewrite, and the hunks that break something."""

from __future__ import annotations

import pytest

from chatspace.core.rewriting.assess import Answer, assess
from chatspace.core.rewriting.check import PassagePair, check
from chatspace.core.rewriting.rewrite import Rewrite

LIST = "Three things:\n\n- one thing\n- another thing\n  - a nested thing\n\nThat is all of it.\n"
TABLE = "| a | b |\n| --- | --- |\n| 1 | 2 |\n"


def rewritten(before: str, after: str, instruction: str = "shorter", *, keep: bool = False) -> Rewrite:
    return assess(PassagePair.all_of(before), instruction, Answer(after), keep_structure=keep)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (LIST, "Three things:\n\none thing, another thing, a nested thing\n\nThat is all of it.\n"),
        (LIST, LIST.replace("  - a nested", "- a nested")),
        (TABLE, "a is 1 and b is 2\n"),
        ("Run:\n\n```sh\nmake\n```\n", "Run:\n\nmake\n"),
        ("Text.", "  \n"),
    ],
    ids=["list", "nesting", "table", "code", "empty"],
)
def test_lost_structure_is_blocked(before: str, after: str) -> None:
    made = rewritten(before, after)
    assert made.gate.status == "rejected"
    assert any(finding.severity == "block" for finding in made.gate.findings)


@pytest.mark.parametrize(
    ("before", "after", "instruction"),
    [
        (
            LIST,
            "Three things: one thing, another thing, a nested thing.\n\nThat is all of it.\n",
            "Turn the list into prose",
        ),
        (TABLE, "a is 1 and b is 2\n", "No table, please"),
        ("Run:\n\n```sh\nmake\n```\n", "Run make.\n", "Take out the code"),
    ],
    ids=["list", "table", "code"],
)
def test_what_the_instruction_asks_for_is_no_loss_unless_the_profile_keeps_structure(
    before: str, after: str, instruction: str
) -> None:
    assert rewritten(before, after, instruction).gate.status == "passed"
    assert rewritten(before, after, instruction, keep=True).gate.status == "rejected"


def test_only_the_hunks_that_break_the_structure_are_blocked() -> None:
    after = LIST.replace("Three things", "Things").replace(
        "- one thing\n- another thing", "- one thing\n\nanother thing"
    )
    made = rewritten(LIST, after)
    states = {hunk.before: hunk.blocked for hunk in made.hunks}
    assert states["Three things:"] is None
    assert any(states.values())
    assert [hunk.before for hunk in made.allowed] == [before for before, blocked in states.items() if not blocked]


@pytest.mark.parametrize(
    ("whole", "passage", "after"),
    [
        ("One.\n\nTwo.\n\n- three\n", "Two.", "Two.\n\n```\nnever closed"),
        ("One\ntwo\n\nFour.\n", "two", "==="),
        ("One two three.\n", "two", "two\n\n# Head"),
    ],
    ids=["fence", "setext", "heading"],
)
def test_structure_outside_the_passage_cannot_change(whole: str, passage: str, after: str) -> None:
    at = whole.index(passage)
    report = check(PassagePair(whole, (at, at + len(passage))), after, "shorter", complete=True)
    assert report.status == "rejected"
    assert any(finding.check == "outside" for finding in report.findings)


def test_a_plain_rewrite_in_the_middle_of_a_text_passes() -> None:
    whole = f"# Head\n\nTwo is here.\n\n{LIST}"
    report = check(PassagePair(whole, (8, 20)), "Two is very much there, at length.", "longer", complete=True)
    assert report.status == "passed"


def test_a_figure_that_the_text_does_not_have_is_flagged_on_its_hunk() -> None:
    made = rewritten("It costs $4,200 now. Maria Lopez likes it.", "It costs $4,900 now. Maria Lopez loves it.")
    first, second = made.hunks
    assert [flag.actual for flag in first.flags] == ["$4,900"]
    assert second.flags == ()


def test_a_figure_from_elsewhere_in_the_text_or_from_a_source_is_not_new() -> None:
    passage = PassagePair("It is dear.\n\nThe price is $4,200.", (0, 11))
    assert assess(passage, "", Answer("It is dear at $4,200.")).hunks[0].flags == ()
    told = assess(
        PassagePair.all_of("It is dear."), "", Answer("It is dear at $99."), sources=[("brief", "Price: $99")]
    )
    assert told.hunks[0].flags == ()


def test_a_cut_reply_is_marked_and_ends_as_the_passage_did() -> None:
    made = assess(
        PassagePair.all_of("One is really here. Two is there. Three."), "", Answer("One is here. Tw", complete=False)
    )
    assert made.status == "truncated"
    assert made.after == "One is here. Two is there. Three."
