"""A run again from one of its stages: what was corrected is taken as it is, and only what is behind it is made anew."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from chatspace.adapters.exporters import FileExporter
from chatspace.adapters.history import Store
from chatspace.adapters.profiles import ProfileFiles
from chatspace.adapters.readers import FileReader
from chatspace.core.calls.call import Finished, Request, TextDelta
from chatspace.core.chat.conversation import Message
from chatspace.core.document import Source
from chatspace.core.errors import ModelError, UsageError
from chatspace.core.extraction import Extracted, Extraction
from chatspace.core.profiles.options import Options
from chatspace.core.runs.artifacts import Artifacts
from chatspace.core.runs.by_rule import extract
from chatspace.core.runs.corrections import copy_to_edit, corrected_copy, corrected_extraction, extraction_to_edit
from chatspace.core.runs.run import RunResult
from chatspace.core.stages.gate import check_extraction
from chatspace.core.stages.registry import stage
from chatspace.core.structure import parse
from chatspace.core.workspace.reruns import Corrections, Rerouted, rerun
from chatspace.core.workspace.runs import Runs
from chatspace.core.workspace.stored_runs import StoredRun
from tests.core.runs.running import BRIEF, Desk, Say, copy_of, default_answer, draft_of, extraction_of, source

NOTES = "# Notes\n\nThe crew in Porto counts 40 pumps.\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "profiles")


@pytest.fixture
def runs(desk: Desk, store: Store) -> Runs:
    return Runs(replace(desk.tools, ledger=store.ledger), store.runs, store, FileReader(), FileExporter())


def by_rule() -> Extraction:
    structure = parse(BRIEF)
    return extract(source(), structure, check_extraction(structure))


async def first(runs: Runs, *sources: Source, options: Options | None = None) -> StoredRun:
    main, *others = sources or (source(),)
    result = await runs.run(main, runs.plan(options or Options()), lambda event: None, others=others)
    return runs.stored(result.record.id)


async def again(
    runs: Runs, stored: StoredRun, start: str | None = None, corrections: Corrections | None = None
) -> RunResult:
    wanted = rerun(stored, Options(), start, corrections)
    plan = runs.plan(wanted.options, wanted.requested_step, through=wanted.steps)
    main, *others = stored.sources
    return await runs.run(main, plan, lambda event: None, others=others, given=wanted.given)


def edited(stored: StoredRun, **fields: object) -> Corrections:
    extracted = stored.artifacts["extract"]
    correction = stage("extract").correction
    assert correction is not None
    text = json.dumps({**json.loads(correction.to_edit(extracted)), **fields})
    return Corrections(Artifacts(extract=correction.corrected(extracted, text, ProfileFiles(()))))


def by_hand(stored: StoredRun, text: str) -> Corrections:
    """The draft as a person wrote it."""
    return Corrections(Artifacts(draft=replace(draft_of(stored), text=text, status="complete")))


async def test_later_calls_see_a_corrected_extraction_and_the_call_for_it_is_not_made_again(
    desk: Desk, runs: Runs
) -> None:
    stored = await first(runs)
    desk.provider.requests.clear()
    result = await again(runs, stored, corrections=edited(stored, title="The quiet pump", key_points=["Made in Porto"]))
    assert desk.provider.asked("extract") == []
    (request,) = desk.provider.asked("draft")
    assert "An editor wants the title: The quiet pump\nand these points above all:\n- Made in Porto\n" in (
        request.turns[1].content
    )
    assert desk.provider.asked("copy")
    assert result.record.status == "complete"


async def test_the_record_says_what_was_corrected_and_from_which_run(runs: Runs) -> None:
    stored = await first(runs, options=Options(words=300, tone="warm"))
    result = await again(runs, stored, corrections=edited(stored, title="The quiet pump"))
    record = runs.stored(result.record.id).record
    assert record.from_run == stored.record.id
    assert record.corrected == ("extract",)
    assert [(stage.stage, stage.how) for stage in record.stages] == [
        ("extract", "given"),
        ("draft", "made"),
        ("copy", "made"),
    ]
    assert [route.step for route in record.routes] == ["extract", "draft", "copy"]
    assert record.options == {"step": "draft", "words": 300, "tone": "warm"}


async def test_a_corrected_draft_is_checked_again_and_only_the_copy_is_made_anew(desk: Desk, runs: Runs) -> None:
    stored = await first(runs)
    desk.provider.requests.clear()
    text = "# Warm at last\n\nThe Tern 4 costs $9,999.\n"
    result = await again(runs, stored, corrections=by_hand(stored, text))
    assert {request.step for request in desk.provider.requests} == {"copy"}
    assert draft_of(result).text == text
    assert [found.actual for found in draft_of(result).gate.findings] == ["$9,999"]
    assert "$9,999" in desk.provider.asked("copy")[0].turns[1].content
    third = await again(runs, runs.stored(result.record.id), "copy")
    assert (draft_of(third).text, draft_of(third).profile) == (text, "balanced-drafter")
    assert third.record.corrected == ("draft",)


async def test_corrected_copy_is_counted_again_and_nothing_is_asked(desk: Desk, runs: Runs) -> None:
    stored = await first(runs)
    desk.provider.requests.clear()
    channel = runs.plan(Options()).channel
    text = copy_to_edit(copy_of(stored)).replace("Quiet heat 0", "Quiet heat " * 40, 1)
    copy = corrected_copy(copy_of(stored), channel, text)
    result = await again(runs, stored, corrections=Corrections(Artifacts(copy=copy)))
    assert desk.provider.requests == []
    changed = [variant for variant in copy_of(result).variants if variant.by == "hand"]
    assert [(variant.fits, variant.length) for variant in changed] == [(False, 439)]
    kept = copy_of(runs.stored(result.record.id))
    assert kept is not None
    assert kept.variants == copy_of(result).variants


async def test_another_profile_is_asked_for_the_step_that_was_rerouted(desk: Desk, runs: Runs) -> None:
    stored = await first(runs)
    desk.provider.requests.clear()
    result = await again(runs, stored, corrections=Corrections(route=Rerouted("draft", "longform-drafter")))
    assert desk.provider.asked("extract") == []
    assert [request.target.profile.name for request in desk.provider.asked("draft")] == ["longform-drafter"]
    assert result.record.corrected == ("route",)


async def test_another_profile_for_the_copy_leaves_the_draft_as_it_is(desk: Desk, runs: Runs) -> None:
    desk.profile("bold", "copy", "Be bold.")
    stored = await first(runs)
    desk.provider.requests.clear()
    await again(runs, stored, corrections=Corrections(route=Rerouted("copy", "bold")))
    assert {(request.step, request.target.profile.name) for request in desk.provider.requests} == {("copy", "bold")}


LOST = "# Prices\n\n| a | b |\n| --- | --- |\n| 1 | 2 | 3 | 4 |\n"


async def test_a_rejected_source_goes_on_once_a_person_accepts_it(runs: Runs) -> None:
    stored = await first(runs, source(LOST))
    assert (stored.record.status, stored.rejected_at) == ("rejected", "extract")
    result = await again(runs, stored, corrections=Corrections(accepted=True))
    assert result.record.status == "complete"
    assert result.record.corrected == ("gate",)
    assert extraction_of(result).provenance.forced


async def test_a_rejected_draft_that_is_accepted_is_not_written_again(desk: Desk, runs: Runs) -> None:
    desk.provider.answer = lambda request: (
        "# Open\n\n```\nfor ever\n" if request.step == "draft" else default_answer(request)
    )
    stored = await first(runs)
    assert (stored.record.status, stored.rejected_at) == ("rejected", "draft")
    desk.provider.requests.clear()
    result = await again(runs, stored, corrections=Corrections(accepted=True))
    assert {request.step for request in desk.provider.requests} == {"copy"}
    assert result.record.status == "complete"


async def test_a_run_that_broke_goes_on_from_there_and_pays_nothing_twice(desk: Desk, runs: Runs) -> None:
    desk.profile("copy-fast", "[copy, draft]", "Write {{ count }} of {{ field }}.")  # one field at a time

    def failing(request: Request) -> Say:
        if request.step == "copy" and request.variables["field"] == "teaser":
            return [ModelError("The server said no", kind="unauthorized")]
        return default_answer(request)

    desk.provider.answer = failing
    stored = await first(runs)
    assert (stored.record.status, stored.broken_at) == ("failed", "copy")
    desk.provider.requests.clear()
    desk.provider.answer = default_answer
    result = await again(runs, stored)
    assert [request.variables["field"] for request in desk.provider.requests] == ["teaser"]
    assert result.record.status == "complete"
    assert result.record.corrected == ()


async def test_a_draft_that_was_cut_is_asked_for_again_behind_the_same_extraction(desk: Desk, runs: Runs) -> None:
    cut = [TextDelta("# Warm at"), Finished("cut")]
    desk.provider.answer = lambda request: cut if request.step == "draft" else default_answer(request)
    stored = await first(runs)
    assert (stored.record.status, stored.broken_at) == ("truncated", "draft")
    assert draft_of(stored).status == "truncated"
    desk.provider.requests.clear()
    desk.provider.answer = default_answer
    result = await again(runs, stored)
    assert desk.provider.asked("extract") == []
    assert result.record.status == "complete"


async def test_all_sources_of_one_text_are_taken_over(desk: Desk, runs: Runs) -> None:
    stored = await first(runs, source(), source(NOTES, "notes.md"))
    extracted = stored.artifacts.of(Extracted)
    assert extracted is not None
    assert [each.doc.name for each in extracted.all] == ["brief.md", "notes.md"]
    desk.provider.requests.clear()
    await again(runs, stored, "draft")
    (request,) = desk.provider.asked("draft")
    assert re.findall(r"BEGIN SOURCE (\S+) ", request.turns[1].content) == ["brief.md", "notes.md"]
    assert desk.provider.asked("extract") == []


async def test_what_a_later_stage_was_made_from_is_not_kept_once_an_earlier_one_runs_again(
    desk: Desk, runs: Runs
) -> None:
    stored = await first(runs)
    desk.provider.requests.clear()
    await again(runs, stored, "extract")
    assert {request.step for request in desk.provider.requests} == {"extract", "draft", "copy"}


def test_what_is_not_in_the_source_is_refused_with_all_reasons() -> None:
    extraction = by_rule()
    text = json.dumps(
        {
            "title": "",
            "key_points": ["It flies to the moon"],
            "entities": [{"name": "Jane Doe", "type": "person", "aliases": []}, {"name": "Porto", "type": "city"}],
        }
    )
    with pytest.raises(UsageError) as refused:
        corrected_extraction(extraction, text)
    for said in ("`title`", "moon", "Jane Doe", '"city"'):
        assert said in str(refused.value)
    with pytest.raises(UsageError, match="Line 1 is not JSON"):
        corrected_extraction(extraction, "{")
    for nonsense in ("[]", "[" * 100_000, '{"title": 1, "key_points": 2, "entities": [3]}'):
        with pytest.raises(UsageError):
            corrected_extraction(extraction, nonsense)


def test_an_extraction_that_nobody_changed_stays_as_it_was() -> None:
    extraction = by_rule()
    assert corrected_extraction(extraction, extraction_to_edit(extraction)) == extraction


def test_a_corrected_name_is_found_at_every_place_where_it_stands() -> None:
    extraction = by_rule()
    text = '{"title": "T", "key_points": [], "entities": [{"name": "tern 4", "type": "product", "aliases": []}]}'
    (entity,) = corrected_extraction(extraction, text).entities
    assert (entity.name, entity.by, entity.align) == ("Tern 4", "hand", "normalized")
    assert len(entity.mentions) == BRIEF.count("Tern 4")


@pytest.fixture
def question(store: Store) -> Message:
    return store.messages.add(store.conversations.create("t").id, None, "user", "/run brief.md", step="draft")


def shown(step: str, result: RunResult) -> str:
    if step not in result.artifacts:
        return ""
    return draft_of(result).text if step == "draft" else "\n".join(variant.text for variant in copy_of(result).variants)


async def test_a_run_in_a_conversation_is_a_draft_and_behind_it_its_copy(
    desk: Desk, store: Store, runs: Runs, question: Message
) -> None:
    plan = runs.plan(Options())
    last = await runs.run_in_conversation(question, source(), plan, shown, desk.events.append)
    _, draft, copy = store.messages.thread(question.conversation)
    assert (draft.step, draft.text, draft.status) == (
        "draft",
        "# Warm at last\n\nThe Tern 4 costs $4,200.\n",
        "complete",
    )
    assert (copy.step, copy.id, copy.run) == ("copy", last.id, draft.run)
    assert "Quiet heat 0" in copy.text
    assert draft.model == "openai/balanced-drafter"
    assert copy.model == "openai/copy-fast"


async def test_copy_that_fails_leaves_the_draft_whole(desk: Desk, store: Store, runs: Runs, question: Message) -> None:
    failure = ModelError("The server said no", kind="unauthorized")
    desk.provider.answer = lambda request: [failure] if request.step == "copy" else default_answer(request)
    with pytest.raises(ModelError):
        await runs.run_in_conversation(question, source(), runs.plan(Options()), shown, desk.events.append)
    _, draft, copy = store.messages.thread(question.conversation)
    assert (draft.status, draft.error) == ("complete", None)
    assert copy.status == "failed"
    assert "The server said no" in (copy.error or "")


async def test_a_corrected_draft_stands_in_the_conversation_beside_the_first(
    desk: Desk, store: Store, runs: Runs, question: Message
) -> None:
    plan = runs.plan(Options())
    reply = await runs.run_in_conversation(question, source(), plan, shown, desk.events.append)
    stored = runs.stored(reply.run or "")
    wanted = rerun(stored, Options(), None, by_hand(stored, "# By hand\n\nThe Tern 4 costs $4,200.\n"))
    plan = runs.plan(wanted.options, wanted.requested_step, through=wanted.steps)
    await runs.run_in_conversation(question, source(), plan, shown, desk.events.append, given=wanted.given)
    _, draft, _ = store.messages.thread(question.conversation)
    assert (draft.text, draft.siblings) == ("# By hand\n\nThe Tern 4 costs $4,200.\n", 2)
    assert draft.why == "corrected by hand: draft"
    assert draft.profile == "balanced-drafter"
