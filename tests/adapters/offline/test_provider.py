"""The embedded engine answers every step by rule: the source's own words, within the limits, the same every time."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.adapters.offline.provider import OfflineProvider
from chatspace.core.calls.call import Finished, ProviderEvent, Request, TextDelta, Turn, UsageReported
from chatspace.core.document import Source
from chatspace.core.errors import ModelError
from chatspace.core.profiles.profile import CountRule, Profile, Step, Target
from chatspace.core.runs.by_rule import extract
from chatspace.core.runs.payload import payload
from chatspace.core.stages.gate import check_extraction
from chatspace.core.structure import parse
from chatspace.core.text.length import measure
from chatspace.core.text.sentences import sentences
from chatspace.core.text.similarity import near_duplicates
from tests.properties import examples

BRIEF = """\
# Brief: Launch of the Tern 4 heat pump

Client: Nordvik AB
Deadline: 12 February 2027
Word count: 600

## Background

Nordvik has built heat pumps in Umeå since 1994. The Tern 4 is made for terraced houses, where the outdoor unit stands
three metres from the neighbour's window. Last winter the company tested it in 240 homes across Sweden, Germany and
Scotland. Households used 22 % less electricity than with the Tern 3.

## Key messages

- Quiet: 38 dB at three metres in night mode
- Easy to install
  - Fits through a standard door (78 cm wide)
    - No crane needed
- Built to last: a 10-year warranty on the compressor

## Facts and figures

| Property | Tern 3 | Tern 4 |
|---|---|---|
| Noise at 3 m | 47 dB | 38 dB |
| Price before grants | €9,400 | €8,900 |

The Tern 4 costs €8,900 before grants.[^1] Orders open on 3 March 2027, and the first units ship in May. See the
[data sheet][sheet].

```python
noise = {"Tern 3": 47, "Tern 4": 38}
```

[^1]: Without installation.

[sheet]: https://nordvik.example/tern4

## What people say

Maria Lopez took part in the test in Dundee. "I had to go outside and put my hand on it," she said. "Only then did I
believe it was running."

## Target audience

- Owners of terraced houses built before 1990

## Tone of voice

Calm and exact. Do not mention the recall of the Tern 2.
"""
PLAIN_PROFILE = Profile("offline", ("chat", "draft", "copy"), "offline/draft", "")
DRAFTER = Profile("drafter", ("draft",), "offline/draft", "")


def payload_of(*texts: str) -> str:
    extractions = []
    for index, text in enumerate(texts):
        structure = parse(text)
        source = Source(f"source{index}.md", text, f"sha256:{index}")
        extractions.append(extract(source, structure, check_extraction(structure)))
    return payload(extractions).text


async def events_of(
    step: Step, user: str, variables: Mapping[str, Any] | None = None, profile: Profile = DRAFTER
) -> list[ProviderEvent]:
    target = Target(profile, f"offline/{step}", "this machine", local=True)
    turns = (Turn("system", "A recipe."), Turn("user", user))
    return [event async for event in OfflineProvider().stream(Request(step, target, turns, variables or {}))]


async def reply(step: Step, user: str, variables: Mapping[str, Any] | None = None, profile: Profile = DRAFTER) -> str:
    events = await events_of(step, user, variables, profile)
    return "".join(event.text for event in events if isinstance(event, TextDelta))


async def copy_of(user: str, field: str, limit: int, count: int, rule: CountRule = "characters") -> list[str]:
    variables = {"field": field, "limit": limit, "count": count, "rule": rule}
    variants: list[str] = json.loads(await reply("copy", user, variables))["variants"]
    return variants


def squeezed(text: str) -> str:
    return " ".join(text.split())


# The port


async def test_a_reply_comes_in_small_pieces_then_usage_then_its_end() -> None:
    events = await events_of("draft", payload_of(BRIEF))
    *pieces, usage, end = events
    assert len(pieces) > 5
    assert all(isinstance(piece, TextDelta) and len(piece.text.split()) <= 10 for piece in pieces)
    assert isinstance(usage, UsageReported)
    assert usage.usage.estimated
    assert usage.usage.input > 0 < usage.usage.output
    assert end == Finished("stop")


@pytest.mark.parametrize("step", ["extract", "draft", "copy", "story", "chat"])
async def test_the_same_request_gets_the_same_reply(step: Step) -> None:
    user = payload_of(BRIEF)
    assert await events_of(step, user) == await events_of(step, user)


@pytest.mark.parametrize("user", ["", " \n", payload_of(""), payload_of("", " \n")])
async def test_nothing_to_draft_from_is_an_error_that_says_so(user: str) -> None:
    with pytest.raises(ModelError, match="nothing to write") as raised:
        await events_of("draft", user)
    assert not raised.value.transient


async def test_other_tasks_run_while_a_reply_is_streamed() -> None:
    seen: list[str] = []

    async def other() -> None:
        seen.append("other")

    stream = OfflineProvider().stream(
        Request("chat", Target(DRAFTER, "offline/chat", "this machine", local=True), (Turn("user", "hi"),))
    )
    async for _ in stream:
        if not seen:
            task = asyncio.create_task(other())
    await task
    assert seen == ["other"]


@given(
    st.one_of(st.text(), st.text(alphabet='#*-_[]()>`|\n \t"“„a.1:;,{}')),
    st.sampled_from(["draft", "copy", "rewrite", "story", "chat"]),
)
@examples(150)
def test_any_text_gets_a_reply_or_a_model_error(user: str, step: Step) -> None:
    try:
        events = asyncio.run(
            events_of(step, user, {"words": 5, "count": 2, "limit": 20, "instruction": "shorter, fix grammar, plain"})
        )
    except ModelError:
        return
    assert events[-1] == Finished("stop")


# Extract


async def test_extract_adds_nothing_to_what_rules_found() -> None:
    assert json.loads(await reply("extract", payload_of(BRIEF))) == {"entities": [], "key_points": [], "metadata": {}}


# Draft


async def test_a_draft_has_a_title_a_lead_and_the_sections_in_their_order() -> None:
    draft = await reply("draft", payload_of(BRIEF))
    headings = [line for line in draft.splitlines() if line.startswith("#")]
    assert headings == [
        "# Launch of the Tern 4 heat pump",
        "## Key messages",
        "## Facts and figures",
        "## What people say",
    ]
    lead = draft.split("\n\n")[1]
    assert lead.startswith("Nordvik has built heat pumps in Umeå since 1994.")
    assert "22 % less electricity" in lead


async def test_lists_tables_code_notes_and_links_are_kept_verbatim() -> None:
    draft = await reply("draft", payload_of(BRIEF))
    source = parse(BRIEF)
    shown = [block for block in source.blocks if block.kind in ("list", "table", "code", "footnote")]
    for block in shown[:-1]:  # the last list describes the audience
        assert BRIEF[slice(*block.span)].strip() in draft
    assert "[sheet]: https://nordvik.example/tern4" in draft


async def test_what_a_brief_says_to_its_writer_stays_out_of_the_draft() -> None:
    draft = await reply("draft", payload_of(BRIEF))
    for inside in ("Word count", "Deadline", "Owners of terraced houses", "Tern 2", "Brief:"):
        assert inside not in draft


PLAN = (
    "## Plan\n\n- Blog post of 600 words\n- Search ads, budget €45,000\n\n## What we don't say\n\nThat it is silent.\n"
)


async def test_a_plan_in_a_brief_is_no_story_and_elsewhere_it_is() -> None:
    story = "## What is new\n\nThe fan is larger. This brief tells all.\n\n"
    brief = await reply("draft", payload_of(f"---\ntitle: Launch brief, Tern 4\n---\n\n# The Tern 4\n\n{story}{PLAN}"))
    assert brief == "# The Tern 4\n\n## What is new\n\nThe fan is larger.\n"
    post = await reply("draft", payload_of(f"# The Tern 4\n\n{story}{PLAN}"))
    assert PLAN.strip() in post
    assert "This brief tells all." in post


async def test_notes_for_a_writer_and_nothing_else_are_drafted_from_whole() -> None:
    draft = await reply("draft", payload_of("# Brief\n\n## Tone\n\nCalm and exact.\n"))
    assert "Calm and exact." in draft


async def test_a_profile_that_keeps_structure_keeps_all_of_it() -> None:
    keeping = Profile("keeper", ("draft",), "offline/draft", "", keep_structure=True)
    draft = await reply("draft", payload_of(BRIEF), {"words": 40}, keeping)
    kept, source = parse(draft), parse(BRIEF)
    assert [item.text for item in kept.items] == [item.text for item in source.items]
    assert [item.depth for item in kept.items] == [item.depth for item in source.items]
    assert [table.rows for table in kept.tables] == [table.rows for table in source.tables]
    assert [code.content for code in kept.codes] == [code.content for code in source.codes]


@pytest.mark.parametrize("words", [60, 120, 200])
async def test_a_draft_keeps_near_the_words_asked_for(words: int) -> None:
    draft = await reply("draft", payload_of(BRIEF), {"words": words})
    assert 0.6 * words <= len(draft.split()) <= 1.2 * words


async def test_a_sentence_that_leans_on_another_never_comes_without_it() -> None:
    mice = "Mice lived there, in boxes of old letters and maps."
    text = f"# Loft\n\n## One\n\nThe loft was cold. It had no door. {mice}\n\n## Two\n\nA stair led up.\n"
    for words in range(5, 40):
        draft = await reply("draft", payload_of(text), {"words": words})
        assert "It had no door" not in draft or "The loft was cold. It had no door." in draft


async def test_further_sources_stand_below_the_first_ones_title() -> None:
    draft = await reply(
        "draft", payload_of("# First\n\nOne came early.\n", "# Second\n\nTwo came late.\n\n## Detail\n\nVery late.\n")
    )
    assert [line for line in draft.splitlines() if line.startswith("#")] == ["# First", "## Second", "### Detail"]


async def test_a_source_that_is_no_payload_is_drafted_from_as_it_is() -> None:
    draft = await reply("draft", BRIEF)
    assert draft.startswith("# Launch of the Tern 4 heat pump\n\nNordvik has built heat pumps")


async def test_the_draft_of_a_profile_for_short_texts_is_short() -> None:
    draft = await reply("draft", payload_of(BRIEF), {"words": None}, PLAIN_PROFILE)
    assert len(draft.split()) <= 140


WORDS = st.sampled_from(
    "the pump a quiet house of 38 dB saves 22 % it and €8,900 in Umeå which was Tern 4 12.5 however, (so far)".split(
        " "
    )
)
SENTENCE = st.lists(WORDS, min_size=1, max_size=14).map(lambda words: " ".join(words).capitalize() + ".")
PARAGRAPH = st.lists(SENTENCE, min_size=1, max_size=4).map(" ".join)
BLOCK = st.one_of(
    PARAGRAPH,
    PARAGRAPH,
    SENTENCE.map(lambda sentence: f"## {sentence.rstrip('.')}"),
    st.lists(SENTENCE, min_size=1, max_size=3).map(lambda items: "\n".join(f"- {item}" for item in items)),
    SENTENCE.map(lambda sentence: f"| A | B |\n|---|---|\n| one | {sentence} |"),
    SENTENCE.map(lambda sentence: f"```\n{sentence}\n```"),
)
DOCUMENT = st.lists(BLOCK, min_size=1, max_size=8).map(lambda blocks: "\n\n".join(("# A title", "It stands.", *blocks)))


@given(DOCUMENT, st.one_of(st.none(), st.integers(1, 80)))
@examples(60)
def test_every_sentence_of_a_draft_stands_in_its_source(text: str, words: int | None) -> None:
    draft = asyncio.run(reply("draft", payload_of(text), {"words": words}))
    source = squeezed(text)
    for start, end in sentences(draft):
        assert squeezed(draft[start:end]) in source


@given(DOCUMENT)
@examples(40)
def test_a_draft_without_a_length_keeps_every_sentence(text: str) -> None:
    draft = squeezed(asyncio.run(reply("draft", payload_of(text))))
    for block in parse(text).blocks:
        if block.kind != "heading":
            assert squeezed(text[slice(*block.span)]) in draft


# Copy


async def test_headlines_say_different_things_of_the_source() -> None:
    headlines = await copy_of(payload_of(BRIEF), "headline", 30, 8, "wide")
    assert len(headlines) >= 5
    assert "Launch of the Tern 4 heat pump" in headlines
    assert any("€8,900" in headline for headline in headlines)
    assert not near_duplicates(headlines)
    for headline in headlines:
        assert headline[0].isupper() or not headline[0].isalpha()
        assert headline[-1] not in ".,;:-–"


async def test_descriptions_are_sentences() -> None:
    descriptions = await copy_of(payload_of(BRIEF), "description", 90, 4, "wide")
    assert len(descriptions) >= 3
    assert all(re.search(r"[.!?]\"?$", description) for description in descriptions)
    assert all(len(description.split()) >= 4 for description in descriptions)


async def test_a_condition_or_a_list_is_never_cut_into_another_claim() -> None:
    text = (
        "# Grants\n\nThe grant covers up to 70 % of the price in Germany. Free entry only applies before noon. "
        "The company tested pumps across Sweden, Germany and Scotland. Nobody was hurt in the test, fire or flood."
    )
    for limit in range(15, 60):
        for variant in await copy_of(payload_of(text), "headline", limit, 10):
            assert "across Sweden" not in variant or "Scotland" in variant
            assert "70 %" not in variant or "up to" in variant
            assert "Free entry" not in variant or "before noon" in variant
            assert "hurt in the test" not in variant or "flood" in variant


async def test_a_price_keeps_what_makes_it_true() -> None:
    for limit in range(15, 60):
        for variant in await copy_of(payload_of(BRIEF), "headline", limit, 10):
            assert "costs €8,900" not in variant or "before grants" in variant


async def test_nothing_meant_for_the_writer_becomes_copy() -> None:
    for field, limit in (("headline", 30), ("description", 90), ("teaser", 300)):
        joined = " ".join(await copy_of(payload_of(BRIEF), field, limit, 10))
        assert not re.search("Owners of|Tern 2|Calm|Deadline|Word count|600", joined)


async def test_a_path_is_one_or_more_words_without_a_slash() -> None:
    first = await copy_of(payload_of(BRIEF), "path1", 15, 2)
    second = await copy_of(payload_of(BRIEF), "path2", 15, 2)
    assert first
    assert all(re.fullmatch(r"[\w-]+", path) and len(path) <= 15 for path in (*first, *second))
    assert not set(first) & set(second)


async def test_a_post_is_a_passage_in_the_sources_order() -> None:
    posts = await copy_of(payload_of(BRIEF), "post", 280, 3, "x-weighted")
    assert posts
    flat = squeezed(BRIEF.replace("[^1]", "").replace("[data sheet][sheet]", "data sheet"))
    for post in posts:
        assert measure(post, "x-weighted") <= 280
        places = [flat.index(post[start:end]) for start, end in sentences(post)]
        assert places == sorted(places)


async def test_too_little_room_gives_no_variant_rather_than_a_cut_one() -> None:
    assert await copy_of(payload_of(BRIEF), "headline", 3, 5) == []
    assert await copy_of(payload_of(BRIEF), "headline", 0, 5) == []


@given(
    DOCUMENT,
    st.sampled_from(["headline", "description", "teaser", "post", "path1"]),
    st.integers(0, 320),
    st.integers(0, 6),
    st.sampled_from(["characters", "wide", "x-weighted"]),
)
@examples(80)
def test_copy_is_whole_words_of_the_source_within_its_limit(
    text: str, field: str, limit: int, count: int, rule: CountRule
) -> None:
    variants = asyncio.run(copy_of(payload_of(text), field, limit, count, rule))
    assert len(variants) <= count
    assert len(set(variants)) == len(variants)
    known = set(re.findall(r"\w+", text.lower()))
    for variant in variants:
        assert measure(variant, rule) <= limit
        assert set(re.findall(r"\w+", variant.lower())) <= known


# Rewrite


@pytest.mark.parametrize(
    ("instruction", "before", "after"),
    [
        ("fix grammar", "The the pump , is  quiet;it runs..", "The pump, is quiet; it runs."),
        ("shorter", "In order to save, it really is a very old door.", "To save, it is an old door."),
        ("kürzer", "Das ist eigentlich nicht wirklich gut für die Leute.", "Das ist nicht wirklich gut für die Leute."),
        (
            "plainer",
            "The team measured each step of a build with great care and patience, and they found that the slowest of "
            "all the steps was the one that installed the packages that nobody used.",
            "The team measured each step of a build with great care and patience. They found that the slowest of "
            "all the steps was the one that installed the packages that nobody used.",
        ),
        ("fix typos", "He had had enough. That that is, is.", "He had had enough. That that is, is."),
        ("shorter", "It is not really loud.", "It is not really loud."),
    ],
)
async def test_a_rewrite_does_what_a_rule_can(instruction: str, before: str, after: str) -> None:
    assert await reply("rewrite", before, {"instruction": instruction}) == after


async def test_a_rewrite_leaves_alone_what_no_rule_can_do() -> None:
    text = "In order to save , we ran.\n\n- one\n  - two\n"
    assert await reply("rewrite", text, {"instruction": "translate into French"}) == text


async def test_code_quotes_links_and_tables_are_never_rewritten() -> None:
    text = (
        'Say "in order to" or `in order to` or [x](http://a.b/in-order-to).\n\n'
        "```\nvery  very  in order to\n```\n\n| in order to | very good |\n|---|---|\n| a  b | c ,d |\n"
    )
    assert await reply("rewrite", text, {"instruction": "shorter and fix grammar"}) == text


# Story


async def test_openings_are_passages_of_the_source_told_apart_by_tone() -> None:
    openings = json.loads(await reply("story", payload_of(BRIEF), {"openings": 3}))["openings"]
    assert len(openings) == 3
    flat = squeezed(BRIEF.replace("[^1]", "").replace("[data sheet][sheet]", "data sheet"))
    for opening in openings:
        assert set(opening) == {"tone", "text"}
        assert opening["text"] in flat
    assert len({opening["text"].split(".")[0] for opening in openings}) == 3
    by_tone = {opening["tone"]: opening["text"] for opening in openings}
    assert re.search(r"\d", by_tone["figure"])
    assert '"I had to go outside' in by_tone["voice"]


@pytest.mark.parametrize("tone", ["a warm voice", ["a warm voice"]])
async def test_a_tone_asked_for_names_the_opening_that_has_it(tone: str | Sequence[str]) -> None:
    (opening,) = json.loads(await reply("story", payload_of(BRIEF), {"openings": 1, "tone": tone}))["openings"]
    assert opening["tone"] == "a warm voice"
    assert "Maria Lopez" in opening["text"]


async def test_a_tone_that_the_source_lacks_is_not_claimed() -> None:
    (opening,) = json.loads(await reply("story", payload_of(BRIEF), {"openings": 1, "tone": "question"}))["openings"]
    assert opening["tone"] == "plain"


# Chat


async def test_chat_says_that_there_is_no_model_and_how_to_get_one() -> None:
    answer = await reply("chat", "What is the capital of France?")
    assert "no language model" in answer
    for way in (
        "OPENAI_API_KEY",
        "ANTHROPIC_API_KEY",
        "GEMINI_API_KEY",
        "Ollama",
        "ctrl+o",
        "/extract",
        "/draft",
        "/copy",
    ):
        assert way in answer
    assert "Paris" not in answer
    assert len(answer.split()) < 120


async def test_chat_describes_a_longer_text_by_rule() -> None:
    answer = await reply("chat", BRIEF)
    assert f"{len(BRIEF.split())} words" in answer
    assert "€8,900" in answer
    assert "reading ease" in answer
