"""Fixtures for every test: a fresh home, no way to a real endpoint, the test server, and subprocesses."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from chatspace.adapters.history import Store
from chatspace.core.chat.conversation import Message
from tests import properties as properties  # chooses the examples of all properties
from tests.loop_guard import LoopGuard
from tests.model_server import ModelServer

ROOT = Path(__file__).parent.parent
ENDPOINT_VARIABLES = re.compile(
    r".*_API_KEY$|.*_API_BASE$|.*_BASE_URL$|.*_PROXY$|.*_proxy$"
    r"|(OPENAI|ANTHROPIC|GEMINI|GOOGLE|OLLAMA|AZURE|AWS|MISTRAL|GROQ|LITELLM|CHATSPACE)_.*"
)
CLOSED = "127.0.0.1:9"
"""A loopback port where nothing listens."""

Completed = subprocess.CompletedProcess[str]
Run = Callable[..., Completed]


def pytest_xdist_auto_num_workers() -> int:
    """Three for two cores: a third of its time a test waits, for a program, a server or a screen."""
    cores = os.cpu_count() or 1
    return cores + cores // 2


@pytest.fixture(autouse=True)
def no_real_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if ENDPOINT_VARIABLES.fullmatch(name):
            monkeypatch.delenv(name)
    monkeypatch.setenv("OLLAMA_HOST", CLOSED)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A CHATSPACE_HOME with nothing but a file of settings, so that nobody is new here."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "settings.toml").touch()
    monkeypatch.setenv("CHATSPACE_HOME", str(folder))
    return folder


@pytest.fixture
def loop_guard() -> Iterator[LoopGuard]:
    """Fails a test in which the event loop waited for the database, also where the program went on after that."""
    guard = LoopGuard()
    yield guard
    assert guard.refused == []


@pytest.fixture
def model_server() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@dataclass(frozen=True)
class TwoEndpoints:
    """Two servers with models and keys of their own: `first` answers the profile chat, `second` the profile other.

    Both offer `shared`; only the first offers `alpha`, only the second `beta` and `gamma`.
    """

    first: ModelServer
    second: ModelServer

    def received(self) -> list[tuple[str, str, str]]:
        """Which server was asked for which model with which key, one line for each request."""
        return [
            (name, request.body["model"], request.headers["authorization"].removeprefix("Bearer "))
            for name, server in (("first", self.first), ("second", self.second))
            for request in server.requests
        ]

    def at_first(self, model: str) -> str:
        return f"openai/{model}@{self.first.host}"

    def at_second(self, model: str) -> str:
        return f"openai/{model}@{self.second.host}"


@pytest.fixture
def two_endpoints(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TwoEndpoints]:
    """Each lists its models; what comes without the key of a server is seen in what it received."""
    monkeypatch.setenv("FIRST_KEY", "the-first-key")
    monkeypatch.setenv("SECOND_KEY", "the-second-key")
    first, second = {"alpha": None, "shared": None}, {"beta": 64_000, "gamma": 32_000, "shared": None}
    with ModelServer(models=first) as one, ModelServer(models=second) as two:
        folder = home / "profiles"
        folder.mkdir()
        for name, step, model, server, key in (
            ("chat", "chat", "alpha", one, "FIRST"),
            ("rewriter", "rewrite", "alpha", one, "FIRST"),
            ("balanced-drafter", "[draft, copy]", "alpha", one, "FIRST"),
            ("light-extractor", "extract", "alpha", one, "FIRST"),
            ("storyteller", "story", "alpha", one, "FIRST"),
            ("other", "chat", "beta", two, "SECOND"),
        ):
            (folder / f"{name}.md").write_text(
                f"---\nstep: {step}\nmodel: openai/{model}\napi_base: {server.url}\napi_key_env: {key}_KEY\n"
                "timeout: {first_token: 10, idle: 10, total: 30}\nprice: {input: 2.0, output: 8.0}\n---\n"
                f"You are {name}.\n",
                encoding="utf-8",
            )
        yield TwoEndpoints(one, two)


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    """The database of the home."""
    with Store(home / "chatspace.db") as store:
        yield store


def newest_thread(store: Store) -> list[Message]:
    """What stands in the conversation that was used last, if there is one."""
    conversations = store.conversations.page(limit=1)
    return list(store.messages.thread(conversations[0].id)) if conversations else []


@pytest.fixture
def environment(home: Path, model_server: ModelServer) -> Mapping[str, str]:
    """For a program in a terminal, with the test server behind the profiles chat and quick."""
    folder = home / "profiles"
    folder.mkdir()
    for name in ("chat", "quick"):
        (folder / f"{name}.md").write_text(
            f"---\nstep: chat\nmodel: openai/{name}\napi_base: {model_server.url}\n---\nYou test.\n", encoding="utf-8"
        )
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def _run(arguments: list[str], input: str | None, env: Mapping[str, str] | None, cwd: Path | None) -> Completed:
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return subprocess.run(
        [sys.executable, *arguments],
        input="" if input is None else input,
        env={**os.environ, "PYTHONPATH": path, **(env or {})},
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.fixture
def run_python() -> Run:
    """`run_python(code, *args, input=None, env=None, cwd=None)` in a process of its own."""

    def run(
        code: str,
        *arguments: str,
        input: str | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Completed:
        return _run(["-c", code, *arguments], input, env, cwd)

    return run


@pytest.fixture
def run_chatspace(home: Path) -> Run:
    """`run_chatspace(*args, input=None, env=None, cwd=None)`: a headless command with a fresh home."""

    def run(
        *arguments: str, input: str | None = None, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> Completed:
        return _run(["-m", "chatspace", *arguments], input, env, cwd)

    return run
