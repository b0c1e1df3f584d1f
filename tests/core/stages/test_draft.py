"""The draft stage: in one go where the sources fit, section by section where they don't; nothing left out unsaid."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chatspace.core.calls.call import Finished, FinishReason, Request, TextDelta
from chatspace.core.calls.model_client import CUT_REASONS
from chatspace.core.errors import ModelError
from chatspace.core.extraction import Coverage
from chatspace.core.profiles.options import Options
from chatspace.core.runs.run import Draft, RunResult
from chatspace.core.text.tokens import estimate_tokens, estimate_turns
from tests.core.runs.running import AnsweringProvider, Desk, Say, default_answer, draft_of, source

WINDOW = 4_000
OUTPUT = 500
SHORT = """You write for {{ channel }}.
{% if section %}
Section: {{ section }} of
{% for heading in outline %}
- {{ heading }}
{% endfor %}
{{ said_before }}
{% endif %}"""


def report(sites: int, words: int = 40) -> str:
    body = "\n\n".join(
        f"## Site {number}\n\n" + f"The crew of Site {number} wrote down {number + 100} kWh. " * (words // 10)
        for number in range(sites)
    )
    return f"# Field report\n\n{body}\n"


def is_plan(request: Request) -> bool:
    return request.response_schema is not None


def is_section(request: Request) -> bool:
    return bool(request.variables.get("section"))


def writing(write: Callable[[Request], Say], plan: Say | None = None) -> Callable[[Request], Say]:
    """A model that plans as told, or gives two parts to each section, and writes sections by `write`."""

    def answer(request: Request) -> Say:
        if request.step != "draft":
            return default_answer(request)
        return (plan or two_each(request)) if is_plan(request) else write(request)

    return answer


def two_each(request: Request) -> str:
    ids = [part["id"] for part in json.loads(request.turns[1].content)["parts"]]
    pairs = [ids[start : start + 2] for start in range(0, len(ids), 2)]
    sections = [{"heading": f"Stretch {number}", "parts": pair} for number, pair in enumerate(pairs, 1)]
    return json.dumps({"title": "Every site counted", "sections": sections})


def body(request: Request) -> str:
    first = next(line for line in request.turns[1].content.splitlines() if line.startswith(("#", "(under ")))
    return f"Here stands what {first.strip('#() ')} reported.\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    for name in ("balanced-drafter", "longform-drafter"):
        desk.profile(name, "draft", SHORT, context_window=WINDOW, max_output_tokens=OUTPUT)
    return desk


async def drafted(
    desk: Desk, answer: Callable[[Request], Say], text: str, **options: object
) -> tuple[RunResult, Draft]:
    desk.provider = AnsweringProvider(answer)
    result = await desk.run(source(text), options=Options(**options), step="draft")  # type: ignore[arg-type]
    return result, draft_of(result)


async def test_a_source_that_fits_is_drafted_in_one_call(desk: Desk) -> None:
    _, draft = await drafted(desk, default_answer, report(3))
    assert len(desk.provider.asked("draft")) == 1
    assert draft.coverage == Coverage(4, 4)
    assert desk.streamed == draft.text


async def test_a_short_draft_of_a_long_source_is_shown_what_says_most_and_the_user_is_told(desk: Desk) -> None:
    _, draft = await drafted(desk, default_answer, report(60), words=100)
    (request,) = desk.provider.asked("draft")
    shown = request.turns[1].content
    assert estimate_tokens(shown) <= 0.35 * estimate_tokens(report(60))
    assert "Left out" in shown or "are left out" in shown
    assert 0 < draft.coverage.read < draft.coverage.chunks == 61
    assert any("sentences and items of the source are shown" in warning for warning in desk.warnings)


async def test_without_a_length_the_usual_length_of_the_channel_decides_what_is_shown(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.profile("longform-drafter", "draft", SHORT, context_window=100_000)
    blog, complete = report(60, words=200), report(10, words=200)
    await drafted(desk, default_answer, blog)
    (request,) = desk.provider.asked("draft")
    assert len(request.turns[1].content.split()) <= max(2_500, 0.35 * len(blog.split())) < 0.5 * len(blog.split())
    desk.profile("balanced-drafter", "draft", SHORT, context_window=100_000)
    await drafted(desk, default_answer, complete)
    assert desk.provider.asked("draft")[0].turns[1].content.strip() == complete.strip()


async def test_a_profile_that_keeps_structure_is_shown_all_of_it(desk: Desk) -> None:
    desk.profile("balanced-drafter", "draft", SHORT, keep_structure="true")
    await drafted(desk, default_answer, report(30), words=100)
    assert desk.provider.asked("draft")[0].turns[1].content.strip() == report(30).strip()


async def test_a_source_that_does_not_fit_is_drafted_by_plan_then_section_by_section(desk: Desk) -> None:
    result, draft = await drafted(desk, writing(body), report(120))
    plan, *sections = desk.provider.asked("draft")
    assert is_plan(plan)
    assert all(map(is_section, sections))
    assert len(sections) > 3
    assert draft.coverage == Coverage(len(sections), len(sections))
    assert draft.text.startswith("# Every site counted\n\n## Stretch 1\n\nHere stands what")
    assert draft.text.count("\n## Stretch ") == (len(sections) + 1) // 2
    assert draft.text.count("Here stands what") == len(sections)
    assert result.record.status == "complete"
    assert f"{len(sections)}/{len(sections)} chunks read" in str(desk.events[-1])
    assert any("section by section" in warning for warning in desk.warnings)


async def test_no_request_passes_the_window_and_every_word_of_the_source_is_shown(desk: Desk) -> None:
    await drafted(desk, writing(body), report(150))
    requests = desk.provider.asked("draft")
    assert all(estimate_turns(turn.content for turn in request.turns) <= WINDOW * 0.9 - OUTPUT for request in requests)
    shown = " ".join(request.turns[1].content for request in requests if is_section(request))
    assert all(f"Site {number} wrote down {number + 100} kWh" in shown for number in range(150))


async def test_the_shipped_recipes_tell_each_section_the_plan_and_what_was_said(desk: Desk) -> None:
    desk.profile("longform-drafter", "draft", context_window=WINDOW, max_output_tokens=OUTPUT)
    desk.profile("balanced-drafter", "draft", context_window=WINDOW, max_output_tokens=OUTPUT)
    await drafted(desk, writing(body), report(150), words=1_000)
    first, second, *_, last = filter(is_section, desk.provider.asked("draft"))
    assert "Already said" not in first.turns[0].content
    assert 'for the channel blog: "Stretch 1"' in first.turns[0].content
    assert "- Stretch 2" in first.turns[0].content
    assert '"Stretch 1 (going on)"' in second.turns[0].content
    assert "Already said" in last.turns[0].content
    assert "- Stretch 1: Here stands what" in last.turns[0].content
    sizes = [request.variables["words"] for request in desk.provider.asked("draft") if is_section(request)]
    assert 950 <= sum(sizes) <= 1_050


async def test_what_is_shown_while_it_grows_is_what_is_kept(desk: Desk) -> None:
    def write(request: Request) -> Say:
        return f"# {request.variables['section']}\n\nText with `code`.\n\n## Below\n\n```sh\n# no heading\n```\n\n"

    _, draft = await drafted(desk, writing(write), report(120))
    assert desk.streamed == draft.text
    assert "### Below" in draft.text
    assert "\n# no heading" in draft.text
    assert draft.gate.status == "passed"
    assert not [found for found in draft.gate.findings if found.check == "heading_levels"]


async def test_the_plan_decides_the_order_and_a_forgotten_part_follows_its_neighbour(desk: Desk) -> None:
    plan = json.dumps(
        {
            "title": "T",
            "sections": [{"heading": "Last first", "parts": ["p3"]}, {"heading": "Then", "parts": ["p1", "p99"]}],
        }
    )
    _, draft = await drafted(desk, writing(body, plan), report(100))
    sections = [request for request in desk.provider.asked("draft") if is_section(request)]
    parts = [request.turns[1].content.partition("\n")[0] for request in sections]
    total = len(sections)
    assert parts == [f"Part {number} of {total} of brief.md:" for number in [3, *range(4, total + 1), 1, 2]]
    assert draft.text.index("## Last first") < draft.text.index("## Then")
    assert draft.coverage == Coverage(total, total)


@pytest.mark.parametrize(
    "plan", ["no plan", '{"title": "T", "sections": []}', '{"title": 1}', '{"title": "T", "sections": [7]}']
)
async def test_a_plan_that_cannot_be_used_twice_leaves_the_order_of_the_source(desk: Desk, plan: str) -> None:
    _, draft = await drafted(desk, writing(body, plan), report(120))
    plans = [request for request in desk.provider.asked("draft") if is_plan(request)]
    assert len(plans) == 2
    assert plans[1].turns[-1].content.startswith("That can't be used")
    assert any("returned no usable outline" in warning for warning in desk.warnings)
    assert draft.text.startswith("# Field report\n\n## Field report\n\n")
    assert draft.coverage.read == draft.coverage.chunks


async def test_a_social_post_of_a_long_source_gets_no_headings(desk: Desk) -> None:
    _, draft = await drafted(desk, writing(body), report(120), channel="x")
    assert draft.text.startswith("Here stands what")
    assert "#" not in draft.text


async def test_several_sources_are_drafted_by_sections_of_all(desk: Desk) -> None:
    desk.provider = AnsweringProvider(writing(body))
    result = await desk.run(source(report(60)), source(report(60), "more.md"), step="draft")
    heads = [request.turns[1].content.partition("\n")[0] for request in desk.provider.asked("draft")]
    assert {head.rpartition(" of ")[2] for head in heads if head.startswith("Part ")} == {"brief.md:", "more.md:"}
    assert draft_of(result).coverage.read == draft_of(result).coverage.chunks


async def test_a_window_too_small_for_any_chunk_is_said_before_a_call(desk: Desk) -> None:
    desk.profile("balanced-drafter", "draft", SHORT, context_window=800, max_output_tokens=400)
    desk.profile("longform-drafter", "draft", SHORT, context_window=800, max_output_tokens=400)
    desk.provider = AnsweringProvider()
    result = await desk.run(source(report(120)), step="draft")
    assert isinstance(result.error, ModelError)
    assert result.error.kind == "context"
    assert "--model" in result.error.remedy
    assert desk.provider.asked("draft") == []


async def test_a_server_that_finds_the_request_too_large_gets_it_in_sections(desk: Desk) -> None:
    def answer(request: Request) -> Say:
        if request.step == "draft" and estimate_turns(turn.content for turn in request.turns) > 1_500:
            return [ModelError("The request is too large", kind="context")]
        return writing(body)(request)

    _, draft = await drafted(desk, answer, report(60))
    assert draft.status == "complete"
    assert draft.coverage.read == draft.coverage.chunks > 1
    assert any("too large" in warning for warning in desk.warnings)


async def test_a_section_that_fails_leaves_the_sections_before_it(desk: Desk) -> None:
    def write(request: Request) -> Say:
        if request.variables["section"].startswith("Stretch 2"):
            return [ModelError("The server said no", kind="unauthorized")]
        return body(request)

    result, draft = await drafted(desk, writing(write), report(120))
    assert draft.status == "truncated"
    assert draft.text.count("Here stands what") == 2
    assert draft.coverage.read == 2
    assert result.record.status == "truncated"
    assert "2 of" in str(result.error)
    assert "The server said no" in str(result.error)


@pytest.mark.parametrize("reason", ["filtered", "length"])
async def test_a_section_that_stays_cut_ends_the_draft_with_what_came(desk: Desk, reason: FinishReason) -> None:
    def write(request: Request) -> Say:
        if request.variables["section"].startswith("Stretch 2"):
            return [TextDelta("Here it breaks off"), Finished(reason)]
        return body(request)

    result, draft = await drafted(desk, writing(write), report(120))
    assert draft.status == result.record.status == "truncated"
    assert draft.text.count("Here stands what") == draft.coverage.read == 2
    assert draft.text.rstrip().endswith("Here it breaks off")
    assert desk.streamed == draft.text
    assert isinstance(result.error, ModelError)
    assert result.error.exit_code == 6
    assert f"2 of {draft.coverage.chunks} parts" in result.error.title
    assert CUT_REASONS[reason] in result.error.reason
    assert "the same command again" in result.error.remedy
    later = [request for request in desk.provider.asked("draft") if "Stretch 3" in request.variables.get("section", "")]
    assert later == []


# Replies that reach their length limit


LONG = "# Warm at last\n\n" + " ".join(f"Sentence {number} tells of the winter." for number in range(60))


def in_parts(text: str, size: int, *, limit: int = 99) -> Callable[[Request], Say]:
    """A model that stops for length after `size` characters and goes on when asked, with five words once more."""
    asked = 0

    def answer(request: Request) -> Say:
        nonlocal asked
        if request.step != "draft":
            return default_answer(request)
        start = 0
        if len(request.turns) > 2:
            ending = request.turns[2].content[-40:]
            start = text.index(ending) + len(ending)
            start = text.rfind(" ", 0, text.rfind(" ", 0, start - 25)) + 1
        asked += 1
        end = len(text) if len(text) - start <= size else start + size
        return [TextDelta(text[start:end]), Finished("stop" if end == len(text) else "length")]

    return answer


async def test_a_reply_that_reaches_its_length_limit_is_gone_on_with_and_joined_without_a_seam(desk: Desk) -> None:
    result, draft = await drafted(desk, in_parts(LONG, 700), report(3))
    assert draft.text == LONG
    assert draft.status == "complete"
    assert desk.streamed == LONG
    assert len(desk.provider.asked("draft")) == 3
    assert result.record.status == "complete"


async def test_going_on_has_an_end(desk: Desk) -> None:
    result, draft = await drafted(desk, in_parts(LONG, 300), report(3))
    assert len(desk.provider.asked("draft")) == 5
    assert LONG.startswith(draft.text)
    assert draft.status == "truncated"
    assert result.record.status == "truncated"


async def test_a_continuation_that_fails_leaves_what_came(desk: Desk) -> None:
    parts = in_parts(LONG, 700)

    def answer(request: Request) -> Say:
        failing = request.step == "draft" and len(request.turns) > 2
        return [ModelError("The server said no", kind="unauthorized")] if failing else parts(request)

    result, draft = await drafted(desk, answer, report(3))
    assert draft.text == LONG[:700]
    assert draft.status == "truncated"
    assert result.error is not None
    assert result.error.exit_code == 6


async def test_a_section_that_reaches_its_length_limit_is_gone_on_with_in_its_window(desk: Desk) -> None:
    def write(request: Request) -> Say:
        number = request.variables["section"]
        if len(request.turns) == 2:
            return [TextDelta(f"What {number} says is cut in the mid"), Finished("length")]
        return "is cut in the middle, and goes on."

    _, draft = await drafted(desk, writing(write), report(120))
    assert "says is cut in the middle, and goes on." in draft.text
    assert draft.text.count("is cut in the mid") == draft.coverage.chunks
    requests = desk.provider.asked("draft")
    assert all(estimate_turns(turn.content for turn in request.turns) <= WINDOW * 0.9 - OUTPUT for request in requests)


async def test_a_fallback_whose_window_is_too_small_is_not_asked(desk: Desk) -> None:
    desk.profile("tiny", "draft", SHORT, context_window=700, max_output_tokens=200)
    desk.profile(
        "balanced-drafter", "draft", SHORT, context_window=WINDOW, max_output_tokens=OUTPUT, fallbacks="[tiny]"
    )

    def answer(request: Request) -> Say:
        down = ModelError("The server is gone", kind="not_found")
        late = ModelError("Too late", kind="timeout")
        return (
            [late if request.target.profile.name != "tiny" else down]
            if request.step == "draft"
            else default_answer(request)
        )

    desk.provider = AnsweringProvider(answer)
    result = await desk.run(source(report(30)), step="draft")
    assert {request.target.profile.name for request in desk.provider.asked("draft")} == {"balanced-drafter"}
    assert "Too late" in str(result.error)


async def test_a_text_longer_than_models_write_at_once_is_written_in_sections(desk: Desk) -> None:
    desk.profile("balanced-drafter", "draft", SHORT, context_window=100_000, max_output_tokens=8_000)
    await drafted(desk, writing(body), report(50), words=4_500)
    sizes = [request.variables["words"] for request in desk.provider.asked("draft") if is_section(request)]
    assert len(sizes) >= 3
    assert 4_450 <= sum(sizes) <= 4_550
    assert any("the requested length needs several replies" in warning for warning in desk.warnings)


async def test_sections_that_a_server_finds_too_large_are_made_smaller(desk: Desk) -> None:
    def answer(request: Request) -> Say:
        if is_section(request) and len(request.turns[1].content) > 6_000:
            return [ModelError("The request is too large", kind="context")]
        return writing(body)(request)

    _, draft = await drafted(desk, answer, report(120))
    assert draft.status == "complete"
    assert draft.coverage.read == draft.coverage.chunks


KINDS = {
    "prose": "The crew of the site wrote down what they saw, and went home. ",
    "Japanese": "現場の担当者は測定値を記録し、全員が家に帰った。",
    "German": "Die Übergangsregelungen für Wärmepumpenförderungen überraschten Zählerstandsableser. ",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("window", "output"), [(2_600, 300), (4_096, 500), (8_192, 1_500)])
async def test_whatever_the_window_no_request_passes_it_and_everything_is_read(
    desk: Desk, kind: str, window: int, output: int
) -> None:
    for name, step in (
        ("light-extractor", "extract"),
        ("balanced-drafter", "draft"),
        ("longform-drafter", "draft"),
        ("copy-fast", "[copy, draft]"),
    ):
        desk.profile(name, step, context_window=window, max_output_tokens=output)
    table = "| Site | kWh |\n| --- | --- |\n" + "".join(f"| {number} | {number * 3} |\n" for number in range(300))
    parts = [f"## Part {number}\n\n" + KINDS[kind] * (5 + number * 7 % 90) for number in range(40)]
    text = "# Report\n\n" + "\n\n".join([*parts[:20], table, *parts[20:]])

    def answer(request: Request) -> Say:
        if request.step == "draft" and is_section(request) and len(request.turns) == 2:
            return [TextDelta(KINDS[kind] * 20 + "And then it was cut in the mi"), Finished("length")]
        return "it was cut in the middle." if is_section(request) else writing(body)(request)

    _, draft = await drafted(desk, answer, text)
    room = window * 0.9 - output
    assert all(estimate_turns(turn.content for turn in request.turns) <= room for request in desk.provider.requests)
    assert draft.status == "complete"
    assert draft.coverage.read == draft.coverage.chunks > 1
    assert draft.text.count("And then it was cut in the middle.") == draft.coverage.chunks
    shown = "\n".join(f"{request.turns[1].content}\n" for request in desk.provider.asked("draft"))
    assert all(f"## Part {number}\n" in shown for number in range(40))
    assert all(f"| {number} | {number * 3} |\n" in shown for number in range(300))
