"""Every kind of failure of every command: its exit code, and words that say what happened and what to do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.conftest import ROOT
from tests.model_server import Answer, Hang, HttpError, ModelServer, Reply
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
    check(chatspace, filled((*EVERY[name], "--channel", "nowhere"), brief, tmp_path), CONFIGURATION, "There are blog")
    assert served.requests == []


@pytest.mark.parametrize("name", ["draft", "run", "batch", "canary"])
def test_a_draft_that_is_not_fit_to_publish_is_5(
    chatspace: Command, served: ModelServer, brief: Path, tmp_path: Path, name: str
) -> None:
    served.answer(Reply("# A piece\n\nWith a fence:\n\n```python\nprint('never closed')\n"))
    check(chatspace, filled(EVERY[name], brief, tmp_path), GATE, "fit to publish")


@pytest.mark.parametrize("name", sorted(set(ASKING) - {"extract", "copy", "story", "rewrite"}))
def test_no_model_that_answers_is_6_with_what_to_do(
    chatspace: Command, served: ModelServer, brief: Path, tmp_path: Path, name: str
) -> None:
    served.answer(HttpError(403))
    said = check(chatspace, filled(ASKING[name], brief, tmp_path), MODEL, "doesn't allow")
    assert "api_key_env" in said or "failures.jsonl" in said or name == "canary"


@pytest.mark.parametrize("answer", [HttpError(401), HttpError(404), HttpError(400), Reply("")], ids=str)
def test_a_refusal_of_any_kind_is_6(chatspace: Command, served: ModelServer, answer: Answer) -> None:
    served.answer(answer)
    check(chatspace, ["chat", "Hello"], MODEL)


@pytest.mark.parametrize("name", ["chat", "draft", "run", "batch", "canary"])
def test_a_budget_that_is_too_small_is_7(
    chatspace: Command, served: ModelServer, brief: Path, tmp_path: Path, name: str
) -> None:
    said = check(chatspace, [*filled(ASKING[name], brief, tmp_path), "--token-budget", "1"], BUDGET, "is reached")
    assert "Raise the budget" in said
    assert served.requests == []


@pytest.mark.parametrize("name", ["chat", "draft", "batch", "canary"])
@pytest.mark.skipif(sys.platform == "win32", reason="ctrl+c comes another way there")
def test_an_interruption_is_130(served: ModelServer, brief: Path, tmp_path: Path, name: str) -> None:
    served.answer(Hang())
    command = [sys.executable, "-m", "chatspace", *filled(EVERY[name], brief, tmp_path)]
    with subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        waiting: Callable[[], object] = lambda: served.open or process.poll() is not None  # noqa: E731
        eventually(waiting, 60.0)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == INTERRUPTED, said
    assert "Interrupted" in said
    assert "Traceback" not in said


def test_a_command_that_goes_well_is_0(chatspace: Command, served: ModelServer, brief: Path) -> None:
    for arguments in (["report"], ["schema"], ["route", str(brief)], ["history", "list"], ["profiles", "check"]):
        assert chatspace(*arguments).code == 0
