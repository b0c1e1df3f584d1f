"""The copy stage: variants within the limits of a channel, asked for again where they aren't, never cut."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from chatspace.core.calls.call import Finished, Request, TextDelta, Turn
from chatspace.core.errors import ModelError
from chatspace.core.profiles.options import Options
from chatspace.core.runs.run import RunResult, Variant
from tests.core.runs.running import AnsweringProvider, Desk, Say, copy_of, default_answer, source, variants

FITTING = [f"Warm rooms {number}" for number in range(8)]
TOO_LONG = "Quiet heat for every house in the whole of the valley"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


class Writer:
    """Answers for one field with the replies given, for the others with what fits."""

    def __init__(self, field: str, *replies: Say) -> None:
        self.field = field
        self.replies = list(replies)
        self.requests: list[Request] = []

    def __call__(self, request: Request) -> Say:
        if request.step != "copy":
            return default_answer(request)
        if request.variables["field"] != self.field:
            return variants(*(f"word{number}" for number in range(request.variables["count"])))
        self.requests.append(request)
        return self.replies.pop(0)

    @property
    def complaint(self) -> str:
        return self.requests[-1].turns[-1].content


async def ads(desk: Desk, writer: Writer, field: str = "headline") -> tuple[RunResult, list[Variant]]:
    desk.provider = AnsweringProvider(writer)
    result = await desk.run(options=Options(channel="google-ads"))
    return result, [variant for variant in copy_of(result).variants if variant.field == field]


async def test_a_variant_is_measured_as_its_channel_counts(desk: Desk) -> None:
    _, made = await ads(desk, Writer("headline", variants("ヒートポンプ", *FITTING[:7])))
    assert (made[0].length, made[0].limit, made[0].fits, made[0].by) == (12, 30, True, "model")
    assert [variant.pair for variant in made[:3]] == ["A", "B", None]


async def test_what_is_too_long_is_asked_for_again_with_its_overshoot(desk: Desk) -> None:
    writer = Writer("headline", variants(*FITTING[:7], TOO_LONG), variants("Quiet valley heat"))
    _, made = await ads(desk, writer)
    assert (
        f'"{TOO_LONG}" has {len(TOO_LONG)} characters, {len(TOO_LONG) - 30} more than the 30 allowed'
        in writer.complaint
    )
    assert writer.requests[1].variables["too_long"] == [TOO_LONG]
    assert TOO_LONG in writer.requests[1].turns[0].content
    assert [variant.text for variant in made] == [*FITTING[:7], "Quiet valley heat"]
    assert all(variant.fits for variant in made)


async def test_what_is_too_long_twice_is_kept_whole_and_marked(desk: Desk) -> None:
    writer = Writer("headline", variants(*FITTING[:7], TOO_LONG), variants(TOO_LONG + " again"))
    result, made = await ads(desk, writer)
    assert made[-1].text == TOO_LONG + " again"
    assert not made[-1].fits
    assert made[-1].pair is None
    assert result.record.status == "complete"


async def test_a_forbidden_character_is_named_and_is_no_matter_of_length(desk: Desk) -> None:
    writer = Writer("path1", variants("heat/pumps", "quiet"), variants("heat-pumps"))
    _, made = await ads(desk, writer, "path1")
    assert '"heat/pumps" holds /, which is forbidden here' in writer.complaint
    assert writer.requests[1].variables["too_long"] == []
    assert [variant.text for variant in made] == ["quiet", "heat-pumps"]


async def test_a_variant_that_is_too_long_and_forbidden_is_told_both(desk: Desk) -> None:
    writer = Writer("path1", variants("quiet/heat/pumps/now", "quiet"), variants("pumps"))
    await ads(desk, writer, "path1")
    assert "5 more than the 15 allowed and holds /, which is forbidden here" in writer.complaint


async def test_an_unusable_reply_is_asked_for_once_more_with_what_is_wrong(desk: Desk) -> None:
    writer = Writer("headline", "Here are some headlines!", variants(*FITTING))
    _, made = await ads(desk, writer)
    assert "it contains no JSON object" in writer.complaint
    assert writer.requests[1].turns[-2] == Turn("assistant", "Here are some headlines!")
    assert [variant.text for variant in made] == FITTING


@pytest.mark.parametrize(
    "broken", ["no JSON", '{"variants": "one"}', '{"variants": [1]}', "[]", "{", '{"variants": []}']
)
async def test_after_two_unusable_replies_the_embedded_engine_answers_and_is_marked(desk: Desk, broken: str) -> None:
    result, made = await ads(desk, Writer("headline", broken, broken))
    assert made
    assert {variant.by for variant in made} == {"offline"}
    assert any("headline: " in warning and "built-in engine" in warning for warning in desk.warnings)
    assert result.record.status == "complete"
    assert {variant.by for variant in copy_of(result).variants if variant.field != "headline"} == {"model"}


async def test_where_no_reply_came_to_its_end_the_engine_answers_and_the_command_copy_says_so(desk: Desk) -> None:
    cut: Say = [TextDelta('{"variants": ["Warm'), Finished("length")]
    desk.provider = AnsweringProvider(Writer("headline", cut, cut))
    result = await desk.run(step="copy", options=Options(channel="google-ads"))
    assert {variant.by for variant in copy_of(result).variants if variant.field == "headline"} == {"offline"}
    assert result.record.status == "truncated"
    assert "didn't finish its reply" in str(result.error)
    result, made = await ads(desk, Writer("headline", cut, cut))
    assert {variant.by for variant in made} == {"offline"}
    assert result.record.status == "complete"


async def test_fewer_variants_than_asked_for_are_kept_and_said(desk: Desk) -> None:
    _, made = await ads(desk, Writer("headline", variants("One", "Two", "One")))
    assert [variant.text for variant in made] == ["One", "Two"]
    assert any("headline: 2 of 8 variants" in warning for warning in desk.warnings)


async def test_a_second_try_that_fails_leaves_what_the_first_gave(desk: Desk) -> None:
    failure: Sequence[ModelError] = [ModelError("The server said no", kind="unauthorized")]
    result, made = await ads(desk, Writer("headline", variants("Warm", TOO_LONG), failure))
    assert [(variant.text, variant.fits) for variant in made] == [("Warm", True), (TOO_LONG, False)]
    assert any("The server said no" in warning for warning in desk.warnings)
    assert result.record.status == "complete"


async def test_copy_is_shown_the_draft_that_it_leads_to(desk: Desk) -> None:
    await desk.run()
    request = desk.provider.asked("copy")[0]
    assert '"draft":{"title":"Warm at last","lead":"The Tern 4 costs $4,200."}' in request.turns[1].content


async def test_the_number_of_variants_can_be_asked_for(desk: Desk) -> None:
    result = await desk.run(options=Options(variants=3))
    assert len(copy_of(result).variants) == 9


async def test_copy_fits_a_short_window(desk: Desk) -> None:
    desk.profile("copy-fast", "[copy, draft]", context_window=2_400, max_output_tokens=300)
    long = "# Report\n\n" + "\n\n".join(f"## Site {n}\n\nSite {n} used {n + 100} kWh in March." for n in range(300))
    result = await desk.run(source(long))
    assert result.record.status == "complete"
    assert len(desk.provider.asked("copy")) == 3
