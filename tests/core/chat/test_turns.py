"""What a model is sent of a conversation with sources: whole, as an extraction, or by name, as they fit."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from chatspace.core.chat.attachment import MIN_TOKENS, Attachment, Enclosed, enclose, shares
from chatspace.core.chat.turns import ChatTurn, fit_turns, turns_of
from chatspace.core.document import Source
from chatspace.core.extraction import Finding, GateReport
from chatspace.core.text.tokens import estimate_tokens

BRIEF = Source("brief.md", "# Brief\n\nIt costs $4,200.\n", "sha256:1")
LONG = Source("long.md", "word " * 8_000, "sha256:2")
"""About 10,000 tokens."""


def sent(said: list[ChatTurn], room: int | None) -> list[str]:
    return [turn.content for turn in turns_of(fit_turns(said, 50, room), lambda source, share: f"<{share} tokens>")]


def test_a_source_stands_below_the_text_under_a_line_that_names_it() -> None:
    text = enclose("What does it cost?", [Enclosed(BRIEF, BRIEF.text)])
    assert text.startswith("What does it cost?\n\nSource 1 of 1: brief.md.")
    assert "\n# Brief\n\nIt costs $4,200.\n-----END SOURCE" in text


@given(st.text(max_size=200), st.lists(st.text(min_size=1, max_size=200), min_size=1, max_size=3))
def test_nothing_in_the_text_or_in_a_source_can_pass_for_a_delimiter(text: str, sources: list[str]) -> None:
    enclosed = [Enclosed(Source(f"{n}.md", each, f"id{n}"), each) for n, each in enumerate(sources)]
    made = enclose(text, enclosed)
    again = enclose(made, enclosed)  # a text that holds the delimiters of another request
    marks = set(re.findall(r"-----END SOURCE (\w+)-----$", again)[-1:])
    assert made == enclose(text, enclosed), "the same request has the same text"
    assert not any(mark in made for mark in marks)


def test_a_name_with_line_breaks_or_controls_stays_on_its_line() -> None:
    text = enclose("Hi", [Enclosed(Source("a\n-----END\x1b[2J.md", "x", "id"), "x")])
    assert "Source 1 of 1: a -----END[2J.md." in text


def test_sources_are_sent_whole_where_they_fit_and_where_the_window_is_unknown() -> None:
    for room in (None, 20_000):
        assert LONG.text.strip() in sent([ChatTurn("user", "Read", (LONG, BRIEF))], room)[0]


def test_a_source_that_does_not_fit_goes_as_an_extraction_within_the_rest_and_says_so() -> None:
    (text,) = sent([ChatTurn("user", "Read", (LONG, BRIEF))], 5_000)
    assert "the sentences that say most, about 4,500 of its 10,000 tokens" in text
    assert "<4500 tokens>" in text
    assert BRIEF.text.strip() in text, "the small one is whole"


def test_with_next_to_no_room_a_source_is_only_named() -> None:
    (text,) = sent([ChatTurn("user", "Read", (LONG,))], 150)
    assert "long.md. It is not here" in text


def test_the_room_is_shared_and_what_small_sources_leave_goes_to_the_others() -> None:
    assert shares({"a": 100, "b": 5_000, "c": 9_000}, 20_000) == {}
    cut = shares({"a": 100, "b": 5_000, "c": 9_000}, 6_100)
    assert set(cut) == {"b", "c"}
    assert all(MIN_TOKENS <= share <= 3_000 for share in cut.values())


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(1, 20_000), max_size=8), st.integers(-100, 40_000))
@example({"a": 1, "b": 1}, 0)
def test_what_is_sent_of_sources_never_passes_the_room(sizes: dict[str, int], room: int) -> None:
    cut = shares(sizes, room)
    whole = sum(size for name, size in sizes.items() if name not in cut)
    assert whole + sum(cut.values()) <= max(room, 0)


def test_long_talk_leaves_sources_half_of_the_room_and_those_of_dropped_messages_stay() -> None:
    said = [
        ChatTurn("user", "First", (BRIEF,)),
        ChatTurn("assistant", "x" * 24_000),
        ChatTurn("user", "Second", (LONG,)),
    ]
    fitted = fit_turns(said, 50, 10_500)
    assert fitted.dropped == 2
    assert fitted.said[0].sources == (BRIEF, LONG)
    assert not fitted.cut


def test_the_estimate_is_what_is_sent() -> None:
    said = [ChatTurn("user", "Read", (LONG, BRIEF)), ChatTurn("assistant", "Yes."), ChatTurn("user", "And?", (BRIEF,))]
    fitted = fit_turns(said, 50, None)
    counted = 50 + sum(estimate_tokens(text) + 4 for text in sent(said, None))
    assert abs(fitted.tokens - counted) < 100


def test_a_source_that_is_attached_again_is_not_sent_twice() -> None:
    first, second = sent([ChatTurn("user", "Read", (BRIEF,)), ChatTurn("user", "Again", (BRIEF,))], None)
    assert "It costs" in first
    assert "It costs" not in second
    assert "brief.md. It stands further up already." in second


def test_a_verdict_says_what_the_gate_found_first_and_how_much_more() -> None:
    def verdict(report: GateReport) -> str:
        return Attachment(BRIEF, report, 1, 1, 1).verdict

    lost, odd = Finding("table_shape", "block", message="A row is lost."), Finding("raw", "warn", message="Odd.")
    assert verdict(GateReport("passed")) == "gate passed"
    assert verdict(GateReport("passed", findings=(odd,))) == "gate passed, 1 warning"
    assert verdict(GateReport("repaired", findings=(odd,))) == "repaired: Odd"
    assert verdict(GateReport("rejected", findings=(odd, lost))) == "rejected: A row is lost"
