"""Every kind of failure of every command: its exit code, and words that say what happened and what to do."""

from __future__ import annotations

import os
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.model_server import (
    Answer,
    ContentFilter,
    ContextOverflow,
    Cut,
    Empty,
    Hang,
    Html,
    HttpError,
    LengthCut,
    ModelServer,
    Reply,
)
from tests.waiting import eventually

pytestmark = pytest.mark.drill  # many programs, one after the other: the gate runs them

USAGE, SOURCE, CONFIGURATION, GATE, MODEL, BUDGET, INTERRUPTED = 2, 3, 4, 5, 6, 7, 130

OF_A_SOURCE: dict[str, tuple[str, ...]] = {
    "extract": ("extract", "{source}"),
    "draft": ("draft", "{source}"),
    "copy": ("copy", "{source}"),
    "story": ("story", "{source}"),
    "rewrite": ("rewrite", "{source}", "--instruction", "shorter"),
    "route": ("route", "{source}"),
    "run": ("run", "{source}", "-o", "{out}"),
    "batch": ("batch", "{source}", "-o", "{out}"),
    "canary": ("canary", "{source}", "-o", "{out}"),
}
OF_A_PROMPT: dict[str, tuple[str, ...]] = {
    "chat": ("chat", "Hello"),
    "compare": ("compare", "Hello", "-p", "chat", "-p", "balanced-drafter"),
}
EVERY = {**OF_A_SOURCE, **OF_A_PROMPT}
ASKING = {name: arguments for name, arguments in EVERY.items() if name != "route"}

Case = tuple[tuple[str, ...], int, str]

WRONG_USAGE: list[Case] = [
    (("extract",), USAGE, "Missing argument"),
    (("draft", "{source}", "--words", "0"), USAGE, "--words"),
    (("rewrite", "{source}"), USAGE, "--instruction"),
    (("draft", "{source}", "-o", "{source}"), USAGE, "{source}"),
    (("canary", "{source}", "--share", "0%"), USAGE, "20%"),
    (("canary", "{source}", "--candidate", "monolith"), USAGE, "Both sides are the same"),
    (("report", "--since", "soon"), USAGE, "7d"),
    (("report", "--by", "moon"), USAGE, "--by"),
    (("schema", "nothing"), USAGE, "nothing"),
    (("history", "show", "1"), USAGE, ""),
    (("compare", "Hello", "-p", "chat"), USAGE, ""),
    (("nothing",), USAGE, "nothing"),
    (("doctor", "--format", "xml"), USAGE, "xml"),
]


@pytest.fixture
def served_all(served: ModelServer, home: Path) -> ModelServer:
    """The test server behind every step."""
    template = (home / "profiles" / "chat.md").read_text(encoding="utf-8")
    for name, step in (("rewriter", "rewrite"), ("storyteller", "story")):
        profile = template.replace("step: chat", f"step: {step}").replace("chat-model", f"{name}-model")
        (home / "profiles" / f"{name}.md").write_text(profile, encoding="utf-8")
    return served


def filled(arguments: tuple[str, ...], brief: Path, tmp_path: Path) -> list[str]:
    return [each.replace("{source}", str(brief)).replace("{out}", str(tmp_path / "out")) for each in arguments]


def check(chatspace: Command, arguments: list[str], code: int, said: str = "") -> str:
    """Run it; the words on standard error are those of a person."""
    ended = chatspace(*arguments)
    assert ended.code == code, f"{arguments}: {ended.code}\n{ended.err}\n{ended.out}"
    assert said in ended.err
    assert ended.err.strip()
    assert "Traceback" not in ended.err
    return ended.err


@pytest.mark.parametrize(("arguments", "code", "said"), WRONG_USAGE, ids=lambda value: str(value)[:40])
def test_wrong_usage_is_2(
    chatspace: Command,
    served: ModelServer,
    brief: Path,
    tmp_path: Path,
    arguments: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    check(chatspace, filled(arguments, brief, tmp_path), code, said.replace("{source}", brief.name))
    assert served.requests == []


@pytest.mark.parametrize("name", OF_A_SOURCE)
def test_a_source_that_is_not_there_or_no_text_is_3(
    chatspace: Command, served: ModelServer, brief: Path, tmp_path: Path, name: str
) -> None:
    missing = tmp_path / "missing.md"
    check(chatspace, filled(OF_A_SOURCE[name], missing, tmp_path), SOURCE, "missing.md")
    brief.write_bytes(b"\x00\x01\x02" * 100)
    check(chatspace, filled(OF_A_SOURCE[name], brief, tmp_path), SOURCE)
    assert served.requests == []


@pytest.mark.parametrize("name", EVERY)
def test_a_wrong_profile_file_is_4_with_its_path(
    chatspace: Command, served: ModelServer, home: Path, brief: Path, tmp_path: Path, name: str
) -> None:
    for file in (home / "profiles").glob("*.md"):
        file.write_text("---\nstep: nonsense\nmodel: openai/x\n---\nHello.\n", encoding="utf-8")
    for step in ("rewrite", "story"):
        (home / "profiles" / {"rewrite": "rewriter.md", "story": "storyteller.md"}[step]).write_text(
            "---\nstep: nonsense\nmodel: openai/x\n---\nHello.\n", encoding="utf-8"
        )
    check(chatspace, filled(EVERY[name], brief, tmp_path), CONFIGURATION, "nonsense")
    assert served.requests == []


@pytest.mark.parametrize("name", ["draft", "run", "batch", "canary", "route"])
def test_a_pipeline_or_policy_that_is_not_there_is_4(
    chatspace: Command, served: ModelServer, brief: Path, tmp_path: Path, name: str
) -> None:
    option = "--policy-candidate" if name == "canary" else "--policy"
    check(chatspace, filled((*EVERY[name], option, "nowhere"), brief, tmp_path), CONFIGURATION, "nowhere")
    check(chatspace, filled((*EVERY[name], "--channel", "nowhere"), brief, tmp_path), CONFIGURATION, "Available: blog")
    assert served.requests == []


@pytest.mark.parametrize("name", ["draft", "run", "batch", "canary"])
def test_a_draft_that_is_not_fit_to_publish_is_5(
    chatspace: Command, served: ModelServer, brief: Path, tmp_path: Path, name: str
) -> None:
    served.answer(Reply("# A piece\n\nWith a fence:\n\n```python\nprint('never closed')\n"))
    check(chatspace, filled(EVERY[name], brief, tmp_path), GATE, "ready to publish")


def test_a_rewrite_that_loses_a_list_is_5(
    chatspace: Command, served_all: ModelServer, brief: Path, tmp_path: Path
) -> None:
    served_all.answer(Reply("One paragraph and no list.\n"))
    said = check(chatspace, filled(EVERY["rewrite"], brief, tmp_path), GATE, "The rewrite was rejected")
    assert "--force" in said


@dataclass(frozen=True)
class Failure:
    """What a server answers, with words of the cause; one of the remedies is said, which differ where a text came."""

    answer: Answer
    cause: str
    remedies: tuple[str, ...]


CUT = ("The partial reply is kept", "Received text is kept", "Try again")
FAILURES = {
    "a wrong key": Failure(HttpError(401), "status 401", ("api_key_env",)),
    "an unknown model": Failure(HttpError(404), "status 404", ("Check model and api_base",)),
    "a server out of order": Failure(
        HttpError(502, "<html>502</html>", {"Retry-After": "0.01"}), "status 502", ("Try again later",)
    ),
    "a limit of its rate": Failure(
        HttpError(429, headers={"Retry-After": "900"}),
        "900 s",
        ("Wait and try again", "Wait 900 s and try again", "Try again after that"),
    ),
    "a window too small": Failure(ContextOverflow(), "maximum context length", ("larger context window",)),
    "a broken stream": Failure(Cut(3), "the stream ended before the reply was finished", CUT),
    "a limit of its length": Failure(LengthCut(3), "its length limit", CUT),
    "a content filter": Failure(ContentFilter(3), "content filter", CUT),
}
MANY = ("batch", "canary")


def said_of(name: str, said: str, folder: Path) -> str:
    """What a command said, with what it points to."""
    if name not in MANY:
        return said
    assert "Failures and remedies: " in said
    return said + "".join(path.read_text(encoding="utf-8") for path in folder.rglob("failures.jsonl"))


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("name", ASKING)
def test_no_model_that_answers_or_none_that_answers_whole_is_6(
    chatspace: Command, served_all: ModelServer, brief: Path, tmp_path: Path, name: str, failure: str
) -> None:
    played = FAILURES[failure]
    served_all.answer(played.answer)
    said = said_of(name, check(chatspace, filled(ASKING[name], brief, tmp_path), MODEL), tmp_path / "out")
    assert played.cause in said
    assert any(remedy in said for remedy in played.remedies), said


@pytest.mark.parametrize("answer", [HttpError(403), HttpError(400), Empty(), Html(), Reply("")], ids=str)
def test_a_refusal_of_any_other_kind_is_6(chatspace: Command, served: ModelServer, answer: Answer) -> None:
    served.answer(answer)
    check(chatspace, ["chat", "Hello"], MODEL)


@pytest.mark.parametrize("name", ASKING)
@pytest.mark.parametrize("budget", [("--token-budget", "1"), ("--budget", "0.000001")], ids=["tokens", "usd"])
def test_a_budget_that_is_too_small_is_7_and_asks_nothing(
    chatspace: Command, served_all: ModelServer, brief: Path, tmp_path: Path, name: str, budget: tuple[str, str]
) -> None:
    said = check(chatspace, [*filled(ASKING[name], brief, tmp_path), *budget], BUDGET, "The budget is reached")
    assert "Raise the budget and run the same command again" in said
    assert served_all.requests == []


@pytest.mark.parametrize("name", ASKING)
def test_every_command_that_asks_takes_a_budget_and_says_so(chatspace: Command, name: str) -> None:
    said = chatspace(name, "--help").out
    assert "--budget USD" in said
    assert "--token-budget N" in said


@pytest.mark.parametrize("name", EVERY)
def test_a_store_that_cannot_be_opened_is_2_before_anything_is_asked(
    chatspace: Command, served_all: ModelServer, home: Path, brief: Path, tmp_path: Path, name: str
) -> None:
    (home / "chatspace.db").mkdir()
    said = check(chatspace, filled(EVERY[name], brief, tmp_path), USAGE, "chatspace.db")
    assert "CHATSPACE_HOME" in said
    assert served_all.requests == []


@pytest.mark.parametrize("name", ["extract", "draft", "copy", "rewrite", "run", "batch", "canary"])
def test_an_output_that_cannot_be_written_is_2_before_anything_is_asked(
    chatspace: Command, served_all: ModelServer, brief: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    arguments = [each for each in filled(EVERY[name], brief, tmp_path) if each not in ("-o", str(tmp_path / "out"))]
    check(chatspace, [*arguments, "-o", str(tmp_path / "file" / "below")], USAGE, "file")
    assert served_all.requests == []


@pytest.mark.parametrize("name", ASKING)
@pytest.mark.skipif(sys.platform == "win32", reason="ctrl+c comes another way there")
def test_an_interruption_is_130_and_keeps_what_came(
    chatspace: Command, served_all: ModelServer, brief: Path, tmp_path: Path, name: str
) -> None:
    served_all.answer(Hang(3))
    over = threading.Event()

    def interrupt() -> None:
        eventually(lambda: served_all.open or over.is_set(), 60.0)
        if not over.is_set():
            os.kill(os.getpid(), signal.SIGINT)

    waiting = threading.Thread(target=interrupt)
    waiting.start()
    try:
        said = check(chatspace, filled(ASKING[name], brief, tmp_path), INTERRUPTED, "Interrupted")
    finally:
        over.set()
        waiting.join()
    assert "kept" in said or "goes on from here" in said


def test_a_command_that_goes_well_is_0(chatspace: Command, served: ModelServer, brief: Path) -> None:
    for arguments in (["report"], ["schema"], ["route", str(brief)], ["history", "list"], ["profiles", "check"]):
        assert chatspace(*arguments).code == 0
