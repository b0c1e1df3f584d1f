"""Sources longer than the window, against a server that enforces it; and what a second try is spared."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from chatspace.core.text.tokens import estimate_tokens, estimate_turns
from tests.cli.conftest import Command
from tests.model_answers import ask_at_every_step
from tests.model_server import Answer, ContentFilter, ContextOverflow, Hang, HttpError, ModelServer, Reply

OUTPUT = 1_500


class Windowed:
    """A model with a window: refuses what doesn't fit, plans, and writes a line for each part of the source."""

    def __init__(self, window: int) -> None:
        self.window = window
        self.refused = 0
        self.largest = 0
        self.parts: list[str] = []
        self.plans = 0
        self.others = 0
        self.dies_after: int | None = None
        self.kill: Callable[[], None] = lambda: None
        self.refusal: Answer = Hang()

    def __call__(self, body: Mapping[str, Any]) -> Answer:
        turns = [str(turn["content"]) for turn in body["messages"]]
        tokens = estimate_turns(turns) + int(body.get("max_tokens", OUTPUT))
        self.largest = max(self.largest, tokens)
        if tokens > self.window:
            self.refused += 1
            return ContextOverflow()
        payload = json.loads(turns[1]) if turns[1].startswith("{") else {}
        if "parts" in payload:
            self.plans += 1
            ids = [part["id"] for part in payload["parts"]]
            return Reply(json.dumps({"title": "Every site counted", "sections": [{"heading": "All", "parts": ids}]}))
        found = re.match(r"Part (\d+ of \d+) of ", turns[1])
        part = found[1] if found else None
        if "extract" in body["model"] or part is None:
            self.others += 1
            return Reply('{"entities": [], "key_points": [], "metadata": {}, "variants": ["Warm"]}')
        if len(self.parts) == self.dies_after:
            self.kill()
            return self.refusal
        self.parts.append(part)
        return Reply(f"This is what part {part} says.\n")


def write_profiles(home: Path, url: str, window: int) -> None:
    folder = home / "profiles"
    folder.mkdir(exist_ok=True)
    ask_at_every_step(folder)
    shipped = Path(__file__).parents[2] / "profiles"
    for name, step in (
        ("light-extractor", "extract"),
        ("balanced-drafter", "draft"),
        ("longform-drafter", "draft"),
        ("copy-fast", "[copy, draft]"),
    ):
        recipe = (shipped / f"{name}.md").read_text(encoding="utf-8").split("---\n", 2)[2]
        (folder / f"{name}.md").write_text(
            f"---\nstep: {step}\nmodel: openai/{name}-model\napi_base: {url}\nmax_output_tokens: {OUTPUT}\n"
            f"context_window: {window}\ntimeout: {{first_token: 10, idle: 10, total: 60}}\n---\n{recipe}",
            encoding="utf-8",
        )


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """11,500 tokens in more than a hundred sections."""
    sections = [
        f"## Site {number}\n\n"
        + f"The crew of Site {number} wrote down {number + 100} kWh in the week, and nobody was cold at all. " * 5
        for number in range(120)
    ]
    text = "# Field report\n\n" + "\n\n".join(sections)
    text = text[: 11_500 * 4]
    assert estimate_tokens(text) == 11_500
    path = tmp_path / "report.md"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


def test_a_source_of_11500_tokens_becomes_a_whole_draft_in_a_window_of_8192(
    chatspace: Command, home: Path, report: Path, server: ModelServer
) -> None:
    model = Windowed(8_192)
    server.answer(model)
    write_profiles(home, server.url, 8_192)
    ended = chatspace("draft", report, "--format", "json")
    assert ended.code == 0, ended.err
    assert model.refused == 0
    assert model.largest <= 8_192
    assert ended.json["status"] == "complete"
    total = len(model.parts)
    assert ended.json["coverage"] == {"chunks": total, "read": total}
    assert model.parts == [f"{number} of {total}" for number in range(1, total + 1)]
    assert total in (3, 4)
    assert all(f"what part {part} says" in ended.json["text"] for part in model.parts)
    assert f"{total}/{total} chunks read" in ended.err
    shown = "".join(str(body["messages"][1]["content"]) for body in server.bodies)
    assert all(f"Site {number} wrote down {number + 100} kWh" in shown for number in range(100))


def killed_after(model: Windowed, pieces: int, server: ModelServer) -> None:
    """Let the server die when it is asked for the piece after so many."""
    model.dies_after = pieces
    model.kill = threading.Thread(target=server.__exit__, args=(None, None, None)).start


def test_after_the_server_was_killed_the_same_command_asks_for_the_missing_chunks_alone(
    chatspace: Command, home: Path, report: Path
) -> None:
    model = Windowed(5_000)
    first = ModelServer()
    first.__enter__()
    first.answer(model)
    write_profiles(home, first.url, 5_000)
    killed_after(model, 4, first)
    ended = chatspace("draft", report, "--format", "json")
    assert ended.code == 6
    assert ended.json["status"] == "truncated"
    total = ended.json["coverage"]["chunks"]
    assert ended.json["coverage"] == {"chunks": total, "read": 4}
    assert "the same command again" in ended.err
    assert total >= 7

    again = Windowed(5_000)
    with ModelServer(first.port) as second:
        second.answer(again)
        whole = chatspace("draft", report, "--format", "json")
    assert whole.code == 0, whole.err
    assert again.parts == [f"{number} of {total}" for number in range(5, total + 1)]
    assert (again.plans, again.others, again.refused) == (0, 0, 0)
    assert whole.json["coverage"] == {"chunks": total, "read": total}
    assert whole.json["text"].startswith(ended.json["text"].rstrip())
    assert "from the ledger" in whole.err


def test_a_section_that_the_content_filter_ends_is_never_passed_off_as_complete(
    chatspace: Command, home: Path, report: Path, server: ModelServer
) -> None:
    model = Windowed(8_192)
    model.dies_after, model.refusal = 2, ContentFilter()
    server.answer(model)
    write_profiles(home, server.url, 8_192)
    ended = chatspace("draft", report, "--format", "json")
    assert ended.code == 6
    assert ended.json["status"] == "truncated"
    assert ended.json["coverage"]["read"] == 2
    assert all(f"what part {part} says" in ended.json["text"] for part in model.parts)
    assert "2 of" in ended.err
    assert "content filter" in ended.err
    assert "the same command again" in ended.err


def test_a_run_that_ended_well_is_written_anew(
    chatspace: Command, home: Path, report: Path, server: ModelServer
) -> None:
    model = Windowed(8_192)
    server.answer(model)
    write_profiles(home, server.url, 8_192)
    for times in (1, 2):
        assert chatspace("draft", report).code == 0
        assert model.plans == times
    assert model.parts[: len(model.parts) // 2] == model.parts[len(model.parts) // 2 :]


def test_what_an_earlier_try_has_paid_for_is_asked_anew_where_that_is_wanted(
    chatspace: Command, home: Path, report: Path, server: ModelServer
) -> None:
    model = Windowed(8_192)
    server.answer(model)
    write_profiles(home, server.url, 8_192)
    model.dies_after, model.refusal = 2, HttpError(401)
    assert chatspace("draft", report).code == 6
    model.dies_after = None
    assert chatspace("draft", report, "--fresh").code == 0
    assert model.plans == 2
    assert model.parts[:2] == model.parts[2:4]


def test_a_draft_on_standard_output_is_the_one_that_is_kept(
    chatspace: Command, home: Path, report: Path, server: ModelServer
) -> None:
    server.answer(Windowed(8_192))
    write_profiles(home, server.url, 8_192)
    streamed = chatspace("draft", report).out
    assert streamed.startswith("# Every site counted\n\n## All\n\nThis is what part 1 of ")
    assert streamed.strip() == chatspace("draft", report, "--format", "json").json["text"].strip()


def test_further_sources_go_into_the_one_text(
    chatspace: Command, home: Path, brief: Path, tmp_path: Path, server: ModelServer
) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text("# Notes\n\nAcme Energy installed 37 of them.\n", encoding="utf-8")
    server.answer(lambda body: Reply("# Warm\n\nThe Tern 4 costs $4,200. Acme Energy installed 37 of them.\n"))
    write_profiles(home, server.url, 50_000)
    ended = chatspace("draft", brief, "--with", notes, "--format", "json")
    assert ended.code == 0, ended.err
    origins = {claim["claim"]: claim["source"] for claim in ended.json["grounding"]}
    assert (origins["$4,200"], origins["37"]) == ("brief.md", "notes.md")


def test_a_further_source_that_is_not_there_is_told_before_anything_is_sent(
    chatspace: Command, home: Path, brief: Path, server: ModelServer
) -> None:
    write_profiles(home, server.url, 50_000)
    assert chatspace("draft", brief, "--with", "nowhere.md").code == 3
    assert server.requests == []


def test_the_payload_of_an_extraction_keeps_a_budget_and_reports_it(
    chatspace: Command, home: Path, report: Path, server: ModelServer
) -> None:
    server.answer(Windowed(50_000))
    write_profiles(home, server.url, 50_000)
    budget = chatspace("extract", report, "--budget-tokens", "3000").json["budget"]
    assert budget["payload_tokens"] <= 3_000
    assert budget["ratio"] == round(budget["payload_tokens"] / 11_500, 3)
    assert budget["left_out"]
