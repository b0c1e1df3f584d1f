"""The extract stage: deterministic by itself; a model adds only what stands in the text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.calls.call import Finished, Request, TextDelta
from chatspace.core.errors import ModelError
from chatspace.core.events import RouteDecided
from chatspace.core.extraction import Extraction
from chatspace.core.profiles.options import Options
from chatspace.core.reports.formats import to_json
from chatspace.core.runs.by_rule import extract
from chatspace.core.runs.run import RunResult, RunStatus
from chatspace.core.stages.gate import check_extraction
from chatspace.core.structure import parse
from tests.core.runs.running import BRIEF, AnsweringProvider, Desk, Say, default_answer, extraction_of, source
from tests.model_answers import NOTHING_FOUND
from tests.properties import examples


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def extracted(text: str) -> Extraction:
    structure = parse(text)
    return extract(source(text), structure, check_extraction(structure))


def found(entities: list[Any] | None = None, points: list[Any] | None = None, metadata: Any = None) -> str:
    return json.dumps({"entities": entities or [], "key_points": points or [], "metadata": metadata or {}})


async def read(desk: Desk, *replies: Say, status: RunStatus = "complete") -> Extraction:
    """The extraction after a model pass that gets these replies."""
    waiting = list(replies)

    def answer(request: Request) -> Say:
        return waiting.pop(0) if request.step == "extract" else default_answer(request)

    desk.provider = AnsweringProvider(answer)
    result = await desk.run(step="extract")
    assert result.record.status == status
    assert waiting == []
    return extraction_of(result)


def test_the_same_source_gives_the_same_bytes() -> None:
    assert to_json(extracted(BRIEF)) == to_json(extracted(BRIEF))


def test_facts_know_their_section() -> None:
    extraction = extracted("# A\n\nIt costs $5.\n\n## B\n\nIt costs $6.\n\n# C\n\nIt costs $7.\n")
    paths = {section.id: section.path for section in extraction.sections}
    assert [(fact.raw, paths[fact.section or ""]) for fact in extraction.facts] == [
        ("$5", ("A",)),
        ("$6", ("A", "B")),
        ("$7", ("C",)),
    ]


def test_what_can_be_known_without_a_model_is_known() -> None:
    extraction = extracted("---\nauthor: Maria Lopez\n---\n" + BRIEF)
    assert extraction.doc.title == "Launch of the Tern 4"
    assert extraction.doc.metadata["author"] == "Maria Lopez"
    assert {"$4,200", "2026-03-12", "38 dB"} <= {fact.raw for fact in extraction.facts}
    assert "Maria Lopez" in {entity.name for entity in extraction.entities}
    assert [block.depths for block in extraction.blocks if block.kind == "list"] == [(1, 2, 1)]
    assert extraction.key_points


WORDS = st.sampled_from(
    [
        "Zoë",
        "\U0001f9ed",
        "Łódź",
        "$4,200",
        "18 %",
        "12 März 2025",
        "“quoted here”",
        "https://a.example/x",
        "東京",
        "e\u0301",
        "x",
    ]
)
LINES = st.builds(
    lambda mark, words: mark + " ".join(words),
    st.sampled_from(["", "# ", "- ", "  - ", "> ", "1. "]),
    st.lists(WORDS, max_size=6),
)


@examples(60)
@given(st.lists(LINES, max_size=12).map("\n\n".join))
def test_every_span_says_what_it_claims(text: str) -> None:
    extraction = extracted(text)
    own = extraction.text or ""
    for fact in extraction.facts:
        assert own[slice(*fact.span)] == fact.raw
    for point in extraction.key_points:
        assert own[slice(*point.span)] == point.text
    for entity in extraction.entities:
        assert all(own[slice(*span)] in (entity.name, *entity.aliases) for span in entity.mentions)
    spans = [each.span for each in extraction.sections]
    spans += [each.span for each in extraction.blocks] + [each.span for each in extraction.links]
    assert all(0 <= start <= end <= len(own) for start, end in spans)


async def test_what_a_model_finds_in_the_text_is_added_with_its_spans(desk: Desk) -> None:
    extraction = await read(
        desk,
        found(
            [{"name": "Tern 4", "type": "product", "aliases": []}],
            ["The Tern 4 heat pump costs $4,200 and ships on 2026-03-12."],
            {"place of make": "Porto"},
        ),
    )
    (tern,) = (entity for entity in extraction.entities if entity.name == "Tern 4")
    assert (tern.type, tern.by) == ("product", "model")
    assert all((extraction.text or "")[slice(*span)] == "Tern 4" for span in tern.mentions)
    assert extraction.doc.metadata["place of make"] == "Porto"
    assert extraction.provenance.model == "openai/light-extractor"
    assert extraction.quarantine == ()


async def test_what_is_not_in_the_text_goes_to_quarantine(desk: Desk) -> None:
    extraction = await read(
        desk,
        found(
            [{"name": "Globex Corporation", "type": "organization", "aliases": []}, "no object", {"name": 7}],
            ["The Tern 4 wins every prize in the world.", 12],
            {"author": "Somebody Else", "odd": ["list"]},
        ),
    )
    assert len(extraction.quarantine) == 7
    assert {item.why for item in extraction.quarantine} == {"not found in the source"}
    assert "author" not in extraction.doc.metadata
    assert "Globex Corporation" not in {entity.name for entity in extraction.entities}


async def test_a_name_that_the_rules_found_takes_type_and_aliases_from_the_model(desk: Desk) -> None:
    extraction = await read(desk, found([{"name": "Maria Lopez", "type": "person", "aliases": ["Lopez", "Nobody"]}]))
    (maria,) = (entity for entity in extraction.entities if entity.name == "Maria Lopez")
    assert (maria.type, maria.by) == ("person", "model")
    assert "Lopez" in maria.aliases
    assert "Nobody" not in maria.aliases


async def test_a_typographic_difference_is_aligned_and_marked(desk: Desk) -> None:
    extraction = await read(desk, found([{"name": "TERN  4", "type": "product", "aliases": []}]))
    tern = next(entity for entity in extraction.entities if entity.name == "Tern 4")
    assert tern.by == "model"


@pytest.mark.parametrize(
    "broken", ["I found Maria.", "{", '{"entities": []}', '{"entities": {}, "key_points": [], "metadata": {}}']
)
async def test_a_broken_reply_is_asked_for_once_more_with_the_error(desk: Desk, broken: str) -> None:
    extraction = await read(desk, broken, found([{"name": "Porto", "type": "place", "aliases": []}]))
    again = desk.provider.requests[1].turns
    assert [turn.role for turn in again] == ["system", "user", "assistant", "user"]
    assert again[2].content == broken
    assert again[3].content.startswith("That can't be used: ")
    assert any(entity.name == "Porto" and entity.by == "model" for entity in extraction.entities)
    assert desk.warnings == []


async def test_after_two_broken_replies_the_extraction_by_rule_goes_on_alone_and_says_so(desk: Desk) -> None:
    extraction = await read(desk, "no", "no again")
    assert extraction.provenance.model is None
    assert extraction.entities == extracted(BRIEF).entities
    assert desk.warnings == [
        "openai/light-extractor didn't reply in the requested format: it contains no JSON object."
        " The extraction is rule-based."
    ]


async def test_a_reply_that_was_cut_adds_nothing_and_says_so(desk: Desk) -> None:
    extraction = await read(desk, [TextDelta('{"entities": ['), Finished("length")], status="truncated")
    assert extraction.provenance.model is None
    assert "didn't finish its reply" in desk.warnings[0]


async def test_a_model_that_fails_leaves_the_extraction_by_rule(desk: Desk) -> None:
    extraction = await read(desk, [ModelError("The key is wrong", kind="unauthorized")], status="failed")
    assert extraction.facts == extracted(BRIEF).facts
    assert "The key is wrong" in desk.warnings[0]


async def test_a_draft_does_without_what_a_model_would_have_added(desk: Desk) -> None:
    def answer(request: Request) -> Say:
        if request.step == "extract":
            return [ModelError("The key is wrong", kind="unauthorized")]
        return default_answer(request)

    desk.provider = AnsweringProvider(answer)
    result = await desk.run(step="draft")
    assert result.record.status == "complete"
    assert "The key is wrong" in desk.warnings[0]


async def test_the_budget_says_how_large_the_payload_is_beside_the_source(desk: Desk) -> None:
    extraction = await read(desk, NOTHING_FOUND)
    assert extraction.budget.source_tokens == extraction.doc.tokens_estimate
    assert extraction.budget.ratio == round(extraction.budget.payload_tokens / extraction.budget.source_tokens, 3)
    assert extraction.budget.left_out == ()


async def test_the_model_is_shown_the_text_once_and_nothing_that_the_rules_found(desk: Desk) -> None:
    await read(desk, NOTHING_FOUND)
    assert [turn.content for turn in desk.provider.requests[0].turns[1:]] == [BRIEF.strip()]


def report(sites: int) -> str:
    body = "\n\n".join(
        f"## Site {number}\n\nThe crew of Site {number} under Ada Byron{number} wrote down {number + 100} kWh in March."
        for number in range(sites)
    )
    return f"# Field report\n\n{body}\n"


async def test_a_source_longer_than_the_window_is_read_in_chunks_and_united(desk: Desk) -> None:
    desk.profile("light-extractor", "extract", context_window=4_000, max_output_tokens=600)
    names = [f"Ada Byron{number}" for number in range(200)]

    def answer(request: Request) -> Say:
        here = [name for name in names if f"{name} " in request.turns[1].content]
        return found([{"name": name, "type": "person", "aliases": []} for name in here])

    desk.provider = AnsweringProvider(answer)
    result = await desk.run(source(report(200)), step="extract")
    asked = desk.provider.asked("extract")
    assert len(asked) > 2
    assert set(names) <= {entity.name for entity in extraction_of(result).entities if entity.by == "model"}
    assert desk.warnings == []
    assert f"{len(asked)}/{len(asked)} chunks read" in str(desk.events[-1])


async def test_a_chunk_that_gives_nothing_usable_leaves_the_others(desk: Desk) -> None:
    desk.profile("light-extractor", "extract", context_window=4_000, max_output_tokens=600)

    def answer(request: Request) -> Say:
        if "Ada Byron0 " in request.turns[1].content:
            return "no JSON"
        return found([{"name": "Ada Byron199", "type": "person", "aliases": []}])

    desk.provider = AnsweringProvider(answer)
    result = await desk.run(source(report(200)), step="extract")
    assert any(entity.name == "Ada Byron199" and entity.by == "model" for entity in extraction_of(result).entities)
    assert "The rest of the extraction is rule-based." in desk.warnings[0]


async def test_a_window_too_small_for_any_chunk_is_said_without_a_call(desk: Desk) -> None:
    desk.profile("light-extractor", "extract", context_window=800, max_output_tokens=400)
    result = await desk.run(source(report(120)), step="extract")
    assert desk.provider.requests == []
    assert "can't take so much at once" in desk.warnings[0]
    assert result.record.status == "complete"


# Whether a model is asked


def switched(desk: Desk, mode: str) -> None:
    (desk.folder / "pipelines").mkdir(exist_ok=True)
    steps = "[{step: extract}, {step: draft}, {step: copy}]"
    (desk.folder / "pipelines" / "mine.yaml").write_text(f"extract: {{model: {mode}}}\nsteps: {steps}\n")


async def asked_for(desk: Desk, mode: str, text: str = BRIEF, **options: Any) -> tuple[int, RunResult]:
    """How many extractions a run through the pipeline asks for."""
    switched(desk, mode)
    result = await desk.run(source(text), options=Options(pipeline="mine", **options))
    return len(desk.provider.asked("extract")), result


async def test_a_pipeline_that_says_never_keeps_the_extraction_by_rule(desk: Desk) -> None:
    asked, result = await asked_for(desk, "never")
    assert (asked, extraction_of(result).provenance.model) == (0, None)
    assert result.record.status == "complete"


async def test_a_pipeline_that_says_always_asks(desk: Desk) -> None:
    assert (await asked_for(desk, "always"))[0] == 1
    assert (await asked_for(Desk(desk.folder), "always", sla="fast"))[0] == 1


async def test_where_the_rules_suffice_no_model_is_asked_and_the_route_says_so(desk: Desk) -> None:
    asked, result = await asked_for(desk, "auto")
    assert asked == 0
    (route,) = [route for route in result.record.routes if route.step == "extract"]
    assert (route.profile, route.rule) == ("rules", "pipeline mine")
    assert "words 58 <= 10000" in route.because
    assert RouteDecided(route) in desk.events
    assert [route.step for route in result.record.routes] == ["extract", "draft", "copy"]


@pytest.mark.parametrize("options", [{"words": 100}, {"budget_tokens": 600}])
async def test_where_not_all_of_a_source_is_shown_a_model_says_what_matters(
    desk: Desk, options: dict[str, int]
) -> None:
    assert (await asked_for(desk, "auto", report(60), **options))[0] == 1


async def test_a_language_that_the_rules_do_not_know_is_read_by_a_model(desk: Desk) -> None:
    assert (await asked_for(desk, "auto", "# 東京\n\n現場の担当者は測定値を記録し、全員が家に帰った。\n"))[0] == 1


async def test_a_fast_run_does_without(desk: Desk) -> None:
    asked, result = await asked_for(desk, "auto", report(60), words=100, sla="fast")
    assert (asked, result.record.routes[0].reasons) == (0, ("sla fast",))


async def test_an_extraction_by_itself_always_asks_unless_it_is_told_not_to(desk: Desk) -> None:
    switched(desk, "auto")
    await desk.run(step="extract", options=Options(pipeline="mine"))
    assert len(desk.provider.asked("extract")) == 1
    result = await desk.run(step="extract", options=Options(pipeline="mine", no_model=True))
    assert len(desk.provider.asked("extract")) == 1
    assert result.record.routes[0].reasons == ("--no-model",)
