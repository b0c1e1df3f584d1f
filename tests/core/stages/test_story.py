"""Openings read from replies of every form: nothing crashes, nothing that can be read is lost."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.chat.openings import CUT, NOT_AS_ASKED, Proposal, as_markdown
from chatspace.core.stages.story import parse_reply

WORDS = st.text(min_size=1, max_size=60).map(str.strip).filter(bool)
OPENINGS = st.lists(st.tuples(st.sampled_from(["plain", "warm", 'dry "ish"']), WORDS), min_size=1, max_size=4)


def written(openings: list[tuple[str, str]], *, ascii_: bool = True) -> str:
    listed = [{"tone": tone, "text": text} for tone, text in openings]
    return json.dumps({"openings": listed}, ensure_ascii=ascii_)


@given(st.text(), st.booleans())
def test_no_reply_breaks_it(text: str, whole: bool) -> None:
    openings, problem = parse_reply(text, whole=whole)
    assert openings or problem or not whole


@given(st.text(alphabet='{}[]":,\\text1.\n '), st.booleans())
def test_no_nearly_json_breaks_it(text: str, whole: bool) -> None:
    parse_reply(text, whole=whole)


@given(OPENINGS, st.sampled_from(["{}", "```json\n{}\n```", "Here you are:\n{}\n"]))
def test_the_json_asked_for_is_read_as_it_is(openings: list[tuple[str, str]], around: str) -> None:
    found, problem = parse_reply(around.replace("{}", written(openings)))
    assert not problem
    assert [each.text for each in found] == [text for _, text in openings]
    assert [each.tone for each in found] == [tone for tone, _ in openings]


@given(OPENINGS, st.data(), st.booleans())
def test_of_a_cut_reply_every_whole_opening_is_kept_and_the_broken_one_is_marked(
    openings: list[tuple[str, str]], data: st.DataObject, ascii_: bool
) -> None:
    whole = written(openings, ascii_=ascii_)
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    ends = [whole.index("}", whole.index(json.dumps(text, ensure_ascii=ascii_))) for _, text in openings]
    found, problem = parse_reply(cut, whole=False)
    if '"text"' not in cut:
        return  # nothing of an opening was in it
    assert not problem
    complete = [each.text for each in found if not each.problem]
    done = [text for (_, text), end in zip(openings, ends, strict=True) if end <= len(cut)]
    assert complete[: len(done)] == done[: len(complete)] or done == complete[: len(done)]
    for each in found:
        if each.problem:
            assert each.problem == CUT
            assert each == found[-1]


@pytest.mark.parametrize(
    "reply",
    [
        "1. **Warm.** The house is quiet.\n\n2. **dry** It costs $4,200.",
        "Here are two:\n\n1) (Warm) The house is quiet.\n2) *dry* — It costs $4,200.",
        "### Opening 1: **Warm**\nThe house is quiet.\n\n### Opening 2: **dry**\nIt costs $4,200.",
    ],
)
def test_a_numbered_list_is_read_with_its_tones(reply: str) -> None:
    found, problem = parse_reply(reply)
    assert not problem
    assert [(each.tone.lower(), each.text) for each in found] == [
        ("warm", "The house is quiet."),
        ("dry", "It costs $4,200."),
    ]


def test_a_cut_numbered_list_marks_its_last() -> None:
    found, _ = parse_reply("1. The house is quiet.\n2. It co", whole=False)
    assert [each.problem for each in found] == ["", CUT]


def test_quotation_marks_that_break_the_json_lose_nothing() -> None:
    found, problem = parse_reply('{"openings": [{"tone": "x", "text": "He said "no", and left."}, {"text": "Two."}]}')
    assert [each.text for each in found] == ['He said "no", and left.', "Two."]
    assert problem == "the JSON is broken"
    assert {each.problem for each in found} == {NOT_AS_ASKED}


def test_prose_is_kept_as_one_opening_and_marked() -> None:
    assert parse_reply("The house is quiet [1].")[0] == (Proposal("", "The house is quiet [1].", NOT_AS_ASKED),)


@pytest.mark.parametrize("reply", ['{"openings": []}', '{"openings": [{"tone": "dry"}]}', "", '{"openings": [3]}'])
def test_a_reply_without_an_opening_says_so(reply: str) -> None:
    found, problem = parse_reply(reply)
    assert not found
    assert problem


def test_the_text_of_the_reply_names_what_is_wrong_with_an_opening() -> None:
    text = as_markdown([Proposal("dry", "One."), Proposal("", "Tw", CUT)])
    assert text == "**1** · dry\n\nOne.\n\n**2** · cut off\n\nTw"
