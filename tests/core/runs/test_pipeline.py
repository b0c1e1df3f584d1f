"""The pipeline over the shipped policy: what a run makes, what it keeps when something goes wrong, what it records."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatspace.core.calls.call import Finished, Request, TextDelta
from chatspace.core.errors import GateRejected, ModelError
from chatspace.core.events import CallStarted, GateChecked, RouteDecided, StageFinished, StageStarted
from chatspace.core.profiles.options import Options
from chatspace.core.reports.formats import from_plain, plain
from chatspace.core.runs.manuscript import COPY_FOLLOWS
from chatspace.core.runs.run import RunRecord
from tests.core.runs.running import (
    BRIEF,
    Answer,
    AnsweringProvider,
    Desk,
    Say,
    copy_of,
    default_answer,
    draft_of,
    extraction_of,
    source,
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def test_a_run_makes_an_extraction_a_draft_and_copy(desk: Desk) -> None:
    result = await desk.run()
    assert result.record.status == "complete"
    assert result.error is None
    assert extraction_of(result).doc.title == "Launch of the Tern 4"
    assert draft_of(result).text == "# Warm at last\n\nThe Tern 4 costs $4,200.\n"
    assert (draft_of(result).run, draft_of(result).profile, draft_of(result).offline) == (
        "run-1",
        "balanced-drafter",
        False,
    )
    assert {variant.field for variant in copy_of(result).variants} == {"headline", "meta_description", "teaser"}


async def test_the_steps_are_told_in_their_order(desk: Desk) -> None:
    await desk.run()
    told = [type(event) for event in desk.events if not isinstance(event, CallStarted)]
    assert told.index(GateChecked) < told.index(StageStarted) < told.index(RouteDecided) < told.index(StageFinished)
    assert [event.stage for event in desk.events if isinstance(event, StageFinished)] == ["extract", "draft", "copy"]


async def test_each_request_carries_the_rendered_recipe_and_the_payload(desk: Desk) -> None:
    desk.profile("balanced-drafter", "draft", "Write for {{ channel }}, {{ words }} words.")
    await desk.run(options=Options(words=300), step="draft")
    (request,) = desk.provider.asked("draft")
    assert request.turns[0].content == "Write for blog, 300 words."
    assert request.turns[1].content == BRIEF.strip()


async def test_the_record_has_the_routes_the_calls_and_the_gates(desk: Desk) -> None:
    record = (await desk.run()).record
    assert [(route.step, route.profile) for route in record.routes] == [
        ("extract", "light-extractor"),
        ("draft", "balanced-drafter"),
        ("copy", "copy-fast"),
    ]
    assert [call.step for call in record.calls] == ["extract", "draft", "copy"]
    assert record.totals.calls == 3
    assert [gate.stage for gate in record.gate] == ["extract", "draft", "copy"]
    assert from_plain(RunRecord, plain(record)) == record


async def test_an_unknown_price_makes_an_unknown_total(desk: Desk) -> None:
    desk.profile("balanced-drafter", "draft", price="{input: 2.0, output: 8.0}")
    totals = (await desk.run(step="draft")).record.totals
    assert totals.cost_usd is None
    assert totals.cost_known_usd > 0


def one_pass(copy: str) -> Answer:
    """A large model that writes the draft and, behind it, the copy."""

    def answer(request: Request) -> Say:
        text = f"# Warm at last\n\nThe Tern 4 costs $4,200.\n\n{COPY_FOLLOWS}\n\n{copy}"
        return text if request.step == "draft" else default_answer(request)

    return answer


COPY = {"headline": ["Warm", "Quiet"], "meta_description": ["Warm and quiet."], "teaser": ["Who made it quiet?"]}
MONOLITH = Options(pipeline="monolith")


async def test_a_monolith_is_shown_the_source_itself_and_makes_the_draft_and_the_copy_in_one_call(desk: Desk) -> None:
    desk.provider = AnsweringProvider(one_pass(json.dumps(COPY)))
    result = await desk.run(options=MONOLITH)
    (request,) = desk.provider.requests
    assert request.turns[1].content == BRIEF
    assert "- `headline`: 5 variants, at most 70 characters each" in request.turns[0].content
    assert [route.profile for route in result.record.routes] == ["longform-drafter"]
    assert draft_of(result).text == desk.streamed == "# Warm at last\n\nThe Tern 4 costs $4,200.\n"
    assert [variant.text for variant in copy_of(result).variants if variant.field == "headline"] == ["Warm", "Quiet"]
    assert result.record.status == "complete"


@pytest.mark.parametrize("copy", ["", "no JSON", '{"headline": ["Warm"]}', '{"headline": [], "teaser": ["a b"]}'])
async def test_where_a_monolith_s_reply_holds_no_copy_the_copy_is_asked_for(desk: Desk, copy: str) -> None:
    desk.provider = AnsweringProvider(one_pass(copy))
    result = await desk.run(options=MONOLITH)
    assert [request.step for request in desk.provider.requests] == ["draft", "copy"]
    assert len(copy_of(result).variants) == 9
    assert COPY_FOLLOWS not in draft_of(result).text


async def test_where_no_copy_was_asked_for_such_a_line_is_text(desk: Desk) -> None:
    desk.provider = AnsweringProvider(one_pass("Copy that."))
    result = await desk.run()
    assert draft_of(result).text.endswith(f"{COPY_FOLLOWS}\n\nCopy that.")


async def test_a_draft_alone_asks_a_monolith_for_no_copy(desk: Desk) -> None:
    await desk.run(options=MONOLITH, step="draft")
    assert COPY_FOLLOWS not in desk.provider.requests[0].turns[0].content


LOST = "# Prices\n\n| a | b |\n| --- | --- |\n| 1 | 2 | 3 | 4 |\n"


async def test_a_source_whose_structure_is_lost_is_rejected_before_any_call(desk: Desk) -> None:
    result = await desk.run(source(LOST))
    assert result.record.status == "rejected"
    assert isinstance(result.error, GateRejected)
    assert "line 5" in str(result.error)
    assert desk.provider.requests == []
    assert not extraction_of(result).provenance.forced


async def test_a_forced_run_goes_on_and_its_extraction_says_so(desk: Desk) -> None:
    result = await desk.run(source(LOST), options=Options(force=True))
    assert result.record.status == "complete"
    assert extraction_of(result).provenance.forced


async def test_a_second_source_is_gated_too(desk: Desk) -> None:
    result = await desk.run(source(), source(LOST, "prices.md"))
    assert result.record.status == "rejected"
    assert "prices.md" in str(result.error)


async def test_sources_that_disagree_are_reported_and_stay_in_the_gate(desk: Desk) -> None:
    brief = source("# Brief\n\nThe Tern 4 heat pump costs $4,200.\n")
    result = await desk.run(brief, source("# Notes\n\nThe Tern 4 heat pump costs $4,500.\n", "notes.md"))
    (finding,) = [found for found in extraction_of(result).gate.findings if found.check == "contradiction"]
    assert (finding.severity, finding.expected, finding.actual, finding.line) == ("warn", "$4,200", "$4,500", 3)
    assert any("$4,200 (brief.md) against $4,500 (notes.md)" in warning for warning in desk.warnings)
    shown = desk.provider.asked("draft")[0].turns[1].content
    assert "The sources disagree:\n- " in shown
    assert shown.count("$4,500 (notes.md)") == 1


async def test_what_was_made_before_a_model_failed_is_kept(desk: Desk) -> None:
    def answer(request: Request) -> Say:
        failure = ModelError("The server said no", kind="unauthorized")
        return [failure] if request.step == "copy" else default_answer(request)

    desk.provider = AnsweringProvider(answer)
    result = await desk.run()
    assert result.record.status == "failed"
    assert "copy" not in result.artifacts
    assert [call.outcome for call in result.record.calls] == ["complete", "complete", "failed"]
    assert "The server said no" in str(result.record.error)


async def test_a_cut_draft_ends_the_run_as_truncated_with_its_text(desk: Desk) -> None:
    def answer(request: Request) -> Say:
        return [TextDelta("# Warm\n\nThe Te"), Finished("cut")] if request.step == "draft" else default_answer(request)

    desk.provider = AnsweringProvider(answer)
    result = await desk.run()
    assert result.record.status == "truncated"
    assert result.error is not None
    assert result.error.exit_code == 6
    assert (draft_of(result).text, draft_of(result).status) == ("# Warm\n\nThe Te", "truncated")
    assert draft_of(result).gate.status == "rejected"
    assert desk.provider.asked("copy") == []


async def test_a_draft_with_an_open_fence_is_rejected_unless_forced(desk: Desk) -> None:
    def answer(request: Request) -> Say:
        return "# Warm\n\n```python\nprint(1)\n" if request.step == "draft" else default_answer(request)

    desk.provider = AnsweringProvider(answer)
    result = await desk.run()
    assert result.record.status == "rejected"
    assert isinstance(result.error, GateRejected)
    assert (await desk.run(options=Options(force=True))).record.status == "complete"


async def test_a_claim_that_no_source_has_is_a_warning_at_its_line(desk: Desk) -> None:
    def answer(request: Request) -> Say:
        text = "# Warm\n\nThe Tern 4 costs $4,200.\n\nIt saves $9,900 a year.\n"
        return text if request.step == "draft" else default_answer(request)

    desk.provider = AnsweringProvider(answer)
    result = await desk.run(step="draft")
    verdicts = {claim.claim: claim.verdict for claim in draft_of(result).grounding}
    assert verdicts["$4,200"] == "supported"
    (finding,) = (found for found in draft_of(result).gate.findings if "9,900" in found.message)
    assert finding.check == "grounding"
    assert (finding.severity, finding.line) == ("warn", 5)
    assert result.record.status == "complete"
    assert finding in result.record.gate[-1].findings


async def test_several_sources_become_one_text_grounded_in_all_of_them(desk: Desk) -> None:
    def answer(request: Request) -> Say:
        text = "# Warm\n\nThe Tern 4 costs $4,200. Acme Energy installed 37 of them.\n"
        return text if request.step == "draft" else default_answer(request)

    desk.provider = AnsweringProvider(answer)
    notes = source("# Notes\n\nAcme Energy installed 37 of them.\n", "notes.md")
    result = await desk.run(source(), notes, step="draft")
    (request,) = desk.provider.asked("draft")
    assert "BEGIN SOURCE brief.md " in request.turns[1].content
    assert "BEGIN SOURCE notes.md " in request.turns[1].content
    origins = {claim.claim: claim.source for claim in draft_of(result).grounding}
    assert (origins["$4,200"], origins["37"]) == ("brief.md", "notes.md")
    assert [ref.name for ref in result.record.others] == ["notes.md"]
    assert len(desk.provider.asked("extract")) == 2


async def test_the_size_of_all_sources_together_decides_the_route(desk: Desk) -> None:
    half = "Word " * 1_800
    one = await desk.run(source(half), step="draft")
    both = await desk.run(source(half), source(half, "more.md"), step="draft")
    assert one.record.routes[-1].profile == "balanced-drafter"
    assert both.record.routes[-1].profile == "longform-drafter"


async def test_a_reply_in_a_fence_is_unwrapped_and_shown_as_it_is_kept(desk: Desk) -> None:
    def answer(request: Request) -> Say:
        text = "```markdown\n# Warm\n\nThe Tern 4 costs $4,200.\n```"
        return text if request.step == "draft" else default_answer(request)

    desk.provider = AnsweringProvider(answer)
    result = await desk.run(step="draft")
    assert draft_of(result).text == "# Warm\n\nThe Tern 4 costs $4,200.\n"
    assert desk.streamed == draft_of(result).text


async def test_the_embedded_engine_takes_a_source_of_any_length_in_one_go(desk: Desk) -> None:
    for name, step in (("light-extractor", "extract"), ("longform-drafter", "draft"), ("copy-fast", "[copy, draft]")):
        desk.profile(name, step, model=f"offline/{step.strip('[]').split(',')[0]}")
    long = "# Field report\n\n" + "\n\n".join(
        f"## Site {number}\n\nSite {number} used {number + 100} kWh in March. The crew of site {number} wrote it down."
        for number in range(600)
    )
    result = await desk.run(source(long), step="draft")
    assert result.record.status == "complete"
    assert draft_of(result).offline
    assert len(desk.provider.asked("draft")) == 1


WHOLE = "# Warm at last\n\nThe Tern 4 costs $4,200 and ships on 2026-03-12, made in Porto for quiet winters.\n"


def breaking(at: int, model: str = "openai/balanced-drafter") -> Answer:
    """The first draft of `model` breaks after so many characters; what is asked then goes on from there."""
    broke: list[str] = []

    def answer(request: Request) -> Say:
        if request.step != "draft":
            return default_answer(request)
        if request.target.model == model and not broke:
            broke.append(model)
            return [TextDelta(WHOLE[:at]), ModelError("The connection broke")]
        seen = next((turn.content for turn in request.turns if turn.role == "assistant"), "")
        return " ".join(seen.split()[-5:]) + WHOLE[len(seen) :]

    return answer


@pytest.mark.parametrize("at", [30, 50, 90])
async def test_a_draft_that_breaks_off_is_gone_on_with_and_joined_without_a_seam(desk: Desk, at: int) -> None:
    desk.provider = AnsweringProvider(breaking(at))
    result = await desk.run()
    assert result.record.status == "complete"
    assert draft_of(result).text == WHOLE
    drafts = [call for call in result.record.calls if call.step == "draft"]
    assert [call.outcome for call in drafts] == ["truncated", "complete"]


async def test_a_fallback_goes_on_from_what_broke_before_the_model_that_broke_is_asked_again(desk: Desk) -> None:
    desk.profile("balanced-drafter", "draft", fallbacks="[longform-drafter]")
    desk.provider = AnsweringProvider(breaking(50))
    result = await desk.run()
    assert draft_of(result).text == WHOLE
    assert [call.model for call in result.record.calls if call.step == "draft"] == [
        "openai/balanced-drafter",
        "openai/longform-drafter",
    ]


async def test_variants_that_break_off_are_asked_for_anew(desk: Desk) -> None:
    broke: list[int] = []

    def answer(request: Request) -> Say:
        if request.step == "copy" and not broke:
            broke.append(1)
            return [TextDelta('{"headline": ["Quiet he'), ModelError("The connection broke")]
        return default_answer(request)

    desk.provider = AnsweringProvider(answer)
    result = await desk.run()
    assert result.record.status == "complete"
    assert all(variant.by == "model" for variant in copy_of(result).variants)
