"""The copy stage: variants within the limits of a channel, asked for again where they aren't, never cut."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from chatspace.core.calls.call import Finished, Request, TextDelta, Turn
from chatspace.core.errors import ModelError
from chatspace.core.profiles.options import Options
from chatspace.core.runs.run import RunResult, Variant
from chatspace.core.text.tokens import estimate_tokens
from tests.core.runs.running import (
    AnsweringProvider,
    Desk,
    Say,
    copy_of,
    default_answer,
    every_field,
    source,
    variants,
)

FITTING = [f"Warm rooms {number}" for number in range(8)]
TOO_LONG = "Quiet heat for every house in the whole of the valley"
ONE_AT_A_TIME = "Write {{ count }} of {{ field }}, {{ limit }} long. Too long: {{ too_long }}"
FAILURE: Sequence[ModelError] = [ModelError("The server said no", kind="unauthorized")]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def reply(**fields: object) -> str:
    """A reply for google-ads: these fields, and for the others what fits."""
    usual = {"headline": FITTING, "description": ["Warm.", "Quiet.", "Low.", "New."], "path1": ["a-b", "c-d"]}
    return json.dumps({**usual, "path2": ["e-f", "g-h"], **fields})


class Writer:
    """Gives the replies to copy in their order, then what fits; every other step is answered well."""

    def __init__(self, *replies: Say) -> None:
        self.replies = list(replies)
        self.requests: list[Request] = []

    def __call__(self, request: Request) -> Say:
        if request.step != "copy":
            return default_answer(request)
        self.requests.append(request)
        if self.replies:
            return self.replies.pop(0)
        return every_field(request, lambda number: f"word{number}")

    @property
    def complaint(self) -> str:
        return self.requests[-1].turns[-1].content


async def ads(
    desk: Desk, writer: Writer, field: str = "headline", step: str | None = None
) -> tuple[RunResult, list[Variant]]:
    desk.provider = AnsweringProvider(writer)
    result = await desk.run(options=Options(channel="google-ads"), step=step)
    return result, [variant for variant in copy_of(result).variants if variant.field == field]


def asked_fields(request: Request) -> list[str]:
    assert request.response_schema is not None
    return list(request.response_schema["properties"])


async def test_all_fields_of_a_channel_come_by_one_call(desk: Desk) -> None:
    writer = Writer(reply())
    result, made = await ads(desk, writer)
    (request,) = writer.requests
    assert asked_fields(request) == ["headline", "description", "path1", "path2"]
    assert [variant.text for variant in made] == FITTING
    assert len(copy_of(result).variants) == 16
    assert [variant.pair for variant in made[:3]] == ["A", "B", None]
    assert desk.warnings == []


async def test_the_schema_bounds_the_counts_and_lengths_of_every_field(desk: Desk) -> None:
    writer = Writer(reply())
    await ads(desk, writer)
    schema = writer.requests[0].response_schema
    assert schema is not None
    headline = schema["properties"]["headline"]
    assert (headline["minItems"], headline["maxItems"], headline["items"]["maxLength"]) == (8, 8, 30)
    assert schema["required"] == ["headline", "description", "path1", "path2"]


async def test_copy_is_shown_at_most_500_tokens_of_its_source(desk: Desk) -> None:
    long = "# Report\n\n" + "\n\n".join(f"## Site {n}\n\nSite {n} used {n + 100} kWh in March." for n in range(300))
    await desk.run(source(long))
    (request,) = desk.provider.asked("copy")
    assert estimate_tokens(request.turns[1].content) <= 500


async def test_a_variant_is_measured_as_its_channel_counts(desk: Desk) -> None:
    _, made = await ads(desk, Writer(reply(headline=["ヒートポンプ", *FITTING[:7]])))
    assert (made[0].length, made[0].limit, made[0].fits, made[0].by) == (12, 30, True, "model")


async def test_a_second_call_asks_for_what_does_not_fit_alone_with_its_overshoot(desk: Desk) -> None:
    writer = Writer(reply(headline=[*FITTING[:7], TOO_LONG]), json.dumps({"headline": ["Quiet valley heat"]}))
    _, made = await ads(desk, writer)
    assert "headline: 1 more, of at most 30 characters" in writer.complaint
    over = len(TOO_LONG) - 30
    assert f'"{TOO_LONG}" has {len(TOO_LONG)} characters, {over} more than the 30 allowed' in writer.complaint
    assert asked_fields(writer.requests[1]) == ["headline"]
    assert [variant.text for variant in made] == [*FITTING[:7], "Quiet valley heat"]
    assert all(variant.fits for variant in made)


async def test_a_second_call_appends_and_begins_as_the_first_did(desk: Desk) -> None:
    first = reply(headline=[*FITTING[:7], TOO_LONG])
    writer = Writer(first, json.dumps({"headline": ["Quiet valley heat"]}))
    await ads(desk, writer)
    before, after = (request.turns for request in writer.requests)
    assert after[: len(before)] == before
    assert after[len(before)] == Turn("assistant", first)


async def test_what_is_too_long_twice_is_kept_whole_and_marked(desk: Desk) -> None:
    again = json.dumps({"headline": [TOO_LONG + " again"]})
    result, made = await ads(desk, Writer(reply(headline=[*FITTING[:7], TOO_LONG]), again))
    assert made[-1].text == TOO_LONG + " again"
    assert not made[-1].fits
    assert made[-1].pair is None
    assert result.record.status == "complete"


async def test_a_forbidden_character_is_named_and_is_no_matter_of_length(desk: Desk) -> None:
    writer = Writer(reply(path1=["heat/pumps", "quiet"]), json.dumps({"path1": ["heat-pumps"]}))
    _, made = await ads(desk, writer, "path1")
    assert '"heat/pumps" holds /, which is forbidden here' in writer.complaint
    assert [variant.text for variant in made] == ["quiet", "heat-pumps"]


async def test_a_variant_that_is_too_long_and_forbidden_is_told_both(desk: Desk) -> None:
    writer = Writer(reply(path1=["quiet/heat/pumps/now", "quiet"]), json.dumps({"path1": ["pumps"]}))
    await ads(desk, writer, "path1")
    assert "5 more than the 15 allowed and holds /, which is forbidden here" in writer.complaint


@pytest.mark.parametrize("words", [["Headline 1", "headline", "HEADLINE"], ["…", "Variant", "description 2"], []])
async def test_words_that_only_name_a_field_are_no_variants_and_too_few_are_asked_for_again(
    desk: Desk, words: list[str]
) -> None:
    writer = Writer(reply(headline=["Warm", *words]), json.dumps({"headline": FITTING[:7]}))
    _, made = await ads(desk, writer)
    assert [variant.text for variant in made] == ["Warm", *FITTING[:7]]
    assert "headline: 7 more" in writer.complaint


async def test_a_field_that_is_missing_is_asked_for_again(desk: Desk) -> None:
    first = {name: texts for name, texts in json.loads(reply()).items() if name != "description"}
    writer = Writer(json.dumps(first), json.dumps({"description": ["Warm.", "Quiet."]}))
    _, made = await ads(desk, writer, "description")
    assert asked_fields(writer.requests[1]) == ["description"]
    assert [variant.text for variant in made] == ["Warm.", "Quiet."]


async def test_fewer_variants_than_asked_for_are_kept_and_said_where_one_piece_takes_no_more(desk: Desk) -> None:
    writer = Writer(reply(headline=["One way", "Two ways", "Three ways", "One way"]))
    _, made = await ads(desk, writer)
    assert [variant.text for variant in made] == ["One way", "Two ways", "Three ways"]
    assert any("headline: 3 of 8 variants" in warning for warning in desk.warnings)
    assert len(writer.requests) == 1


async def test_a_reply_that_is_no_use_is_asked_for_again_field_by_field(desk: Desk) -> None:
    writer = Writer("Here are some headlines!")
    _, made = await ads(desk, writer)
    assert [asked_fields(request) for request in writer.requests[1:]] == [
        ["headline"], ["description"], ["path1"], ["path2"],
    ]  # fmt: skip
    assert len(made) == 8
    assert any("Each field is asked for by itself" in warning for warning in desk.warnings)


@pytest.mark.parametrize(
    "broken", ["no JSON", '{"headline": "one"}', '{"headline": [1]}', "[]", "{", '{"headline": []}']
)
async def test_after_unusable_replies_the_embedded_engine_answers_and_is_marked(desk: Desk, broken: str) -> None:
    writer = Writer("no JSON", broken, broken)
    result, made = await ads(desk, writer)
    assert made
    assert {variant.by for variant in made} == {"offline"}
    assert any("headline: " in warning and "built-in engine" in warning for warning in desk.warnings)
    assert result.record.status == "complete"
    assert {variant.by for variant in copy_of(result).variants if variant.field != "headline"} == {"model"}


async def test_where_no_reply_came_to_its_end_the_engine_answers_and_the_command_copy_says_so(desk: Desk) -> None:
    cut: Say = [TextDelta('{"headline": ["Warm'), Finished("length")]
    desk.provider = AnsweringProvider(Writer(cut, cut, cut))
    result = await desk.run(step="copy", options=Options(channel="google-ads"))
    assert {variant.by for variant in copy_of(result).variants if variant.field == "headline"} == {"offline"}
    assert result.record.status == "truncated"
    assert "didn't finish its reply" in str(result.error)
    result, made = await ads(desk, Writer(cut, cut, cut))
    assert {variant.by for variant in made} == {"offline"}
    assert result.record.status == "complete"


async def test_a_second_call_that_fails_leaves_what_the_first_gave(desk: Desk) -> None:
    result, made = await ads(desk, Writer(reply(headline=["Warm", TOO_LONG]), FAILURE))
    assert [(variant.text, variant.fits) for variant in made] == [("Warm", True), (TOO_LONG, False)]
    assert any("The server said no" in warning for warning in desk.warnings)
    assert result.record.status == "complete"


async def test_copy_is_shown_the_draft_that_it_leads_to(desk: Desk) -> None:
    await desk.run()
    request = desk.provider.asked("copy")[0]
    assert request.turns[1].content.startswith("# Warm at last\n\nThe Tern 4 costs $4,200.\n\n- ")


async def test_the_number_of_variants_can_be_asked_for(desk: Desk) -> None:
    result = await desk.run(options=Options(variants=3))
    assert len(copy_of(result).variants) == 9


async def test_copy_fits_a_short_window(desk: Desk) -> None:
    desk.profile("copy-fast", "[copy, draft]", context_window=1_400, max_output_tokens=300)
    long = "# Report\n\n" + "\n\n".join(f"## Site {n}\n\nSite {n} used {n + 100} kWh in March." for n in range(300))
    result = await desk.run(source(long))
    assert result.record.status == "complete"
    assert len(desk.provider.asked("copy")) == 1


async def test_a_figure_a_name_or_a_date_that_is_not_in_the_source_marks_its_variant(desk: Desk) -> None:
    wrong = ["Now for $3,900", "It is by Ingrid Dahl", "Ships on 2027-01-01"]
    result, made = await ads(desk, Writer(reply(headline=["From $4,200", "Made in Porto", *wrong, *FITTING[:3]])))
    marked = {variant.text: variant.ungrounded for variant in made[:5]}
    assert marked == {
        "From $4,200": None,
        "Made in Porto": None,
        "Now for $3,900": ("$3,900",),
        "It is by Ingrid Dahl": ("Ingrid Dahl",),
        "Ships on 2027-01-01": ("2027-01-01",),
    }
    (gate,) = [gate for gate in result.record.gate if gate.stage == "copy"]
    assert {finding.actual for finding in gate.findings} >= {"$3,900", "Ingrid Dahl", "2027-01-01"}
    assert result.record.status == "complete"


# Recipes that ask for one field at a time


async def test_a_recipe_that_knows_one_field_is_asked_field_by_field(desk: Desk) -> None:
    desk.profile("copy-fast", "[copy, draft]", ONE_AT_A_TIME)
    writer = Writer(variants(*FITTING[:7], TOO_LONG), variants("Quiet valley heat"), variants("Warm.", "Quiet."))
    _, made = await ads(desk, writer)
    assert [variant.text for variant in made] == [*FITTING[:7], "Quiet valley heat"]
    assert asked_fields(writer.requests[0]) == ["variants"]
    assert writer.requests[1].variables["too_long"] == [TOO_LONG]
    assert TOO_LONG in writer.requests[1].turns[0].content
    assert f'"{TOO_LONG}" has {len(TOO_LONG)} characters' in writer.requests[1].turns[-1].content
