"""The commands in this process: litellm is loaded once, everything else is as in a shell."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chatspace.cli import command_line
from tests.model_answers import ask_at_every_step
from tests.model_server import ModelServer


@dataclass(frozen=True)
class Ended:
    """What a command left: its exit code and its two streams."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Ended]


def messages(chatspace: Command) -> list[dict[str, Any]]:
    """Those of the newest conversation."""
    newest = json.loads(chatspace("history", "list", "--format", "json").out.splitlines()[0])
    return list(chatspace("history", "show", newest["id"], "--format", "json").json["messages"])


@pytest.fixture
def chatspace(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """`chatspace(*arguments, stdin=None)` over a fresh home."""

    def run(*arguments: str | Path, stdin: str | bytes | None = None) -> Ended:
        data = stdin.encode("utf-8") if isinstance(stdin, str) else stdin or b""
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
        code = 0
        try:
            command_line(lambda profiles, local: None, [str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        out, err = capsys.readouterr()
        return Ended(code, out, err)

    return run


@pytest.fixture
def served(home: Path, model_server: ModelServer) -> ModelServer:
    """The test server, with profiles of the home that send every step to it."""
    folder = home / "profiles"
    folder.mkdir()
    (home / "profiles" / "policies").mkdir()
    ask_at_every_step(folder)
    for name, step in (
        ("chat", "chat"),
        ("light-extractor", "extract"),
        ("balanced-drafter", "draft"),
        ("longform-drafter", "draft"),
        ("copy-fast", "[copy, draft]"),
    ):
        (folder / f"{name}.md").write_text(
            f"---\nstep: {step}\nmodel: openai/{name}-model\napi_base: {model_server.url}\n"
            "temperature: 0.3\nmax_output_tokens: 700\ncontext_window: 100000\n"
            "timeout: {first_token: 2, idle: 2, total: 20}\nprice: {input: 2.0, output: 8.0}\n---\n"
            f"You are {name} for {{{{ channel }}}}.\n",
            encoding="utf-8",
        )
    return model_server


@pytest.fixture
def brief(tmp_path: Path) -> Path:
    path = tmp_path / "brief.md"
    path.write_text(
        "# Launch of the Tern 4\n\nThe Tern 4 heat pump costs $4,200 and ships on 2026-03-12.\n\n"
        "- Quiet\n  - 38 dB at one metre\n- Made in Porto\n\n"
        "| Model | Price |\n| --- | --- |\n| Tern 4 | $4,200 |\n\n## Voices\n\n"
        "Maria Lopez said it was the quietest winter of her career.\n",
        encoding="utf-8",
    )
    return path
