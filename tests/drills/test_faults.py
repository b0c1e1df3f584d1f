"""A batch against a server that fails in every way it can: everything comes out whole, and is paid for once."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from chatspace.adapters.litellm.provider import LitellmProvider
from chatspace.core.profiles.options import Options
from chatspace.wiring import Workspace
from tests.drills.newsroom import check_outputs, good_answer, open_newsroom, write_documents
from tests.model_server import (
    Answer,
    BadJson,
    Cut,
    Empty,
    ErrorEvent,
    Hang,
    Html,
    HttpError,
    LengthCut,
    ModelServer,
    NullContent,
    Pings,
    Reply,
    Reset,
)

DOCUMENTS = 210
REQUESTS = 2_000


class Weather:
    """Faults by a seeded script: alone, and in bursts of 502 and of 429."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._burst = 0
        self._broken: Answer = Reply()
        self.faults = 0

    def __call__(self, number: int, body: Mapping[str, Any]) -> Answer:
        good = good_answer(body)
        if self._burst == 0 and self._random.random() < 0.012:
            self._burst = self._random.randint(4, 12)
            self._broken = self._random.choice(
                (HttpError(502, "<html>502</html>"), HttpError(429, headers={"Retry-After": "0.05"}))
            )
        if self._burst:
            self._burst -= 1
            self.faults += 1
            return self._broken
        if self._random.random() > 0.5:
            return good
        self.faults += 1
        return self._fault(good.text)

    def _fault(self, text: str) -> Answer:
        at = self._random.randint(0, max(1, len(text) // 12))
        faults: tuple[Answer, ...] = (
            Cut(at, text=text),
            Cut(at, done=True, text=text),
            Reset(at, text=text),
            Reset(at, tidy=True, text=text),
            BadJson(at, text=text),
            ErrorEvent(at, text=text),
            LengthCut(max(1, at), text=text),
            NullContent(text),
            HttpError(502, "<html>502 Bad Gateway</html>"),
            HttpError(503, headers={"Retry-After": "0.02"}),
            Html(),
            Empty(),
            Empty(stream=True, done=True),
            *((Hang(), Hang(at, text=text), Pings(at, text=text)) if self._random.random() < 0.08 else ()),
        )
        return self._random.choice(faults)


@pytest.mark.drill
def test_a_batch_comes_out_whole_whatever_the_server_does(
    home: Path, tmp_path: Path, model_server: ModelServer, capsys: pytest.CaptureFixture[str]
) -> None:
    weather = Weather(seed=7)
    timeout = "{first_token: 1.5, idle: 1.5, total: 20}"
    register = open_newsroom(home, model_server, weather, timeout=timeout)
    write_documents(tmp_path / "in", DOCUMENTS)
    workspace = Workspace(models=LitellmProvider())
    documents = workspace.documents.of([str(tmp_path / "in")], Options())
    work = workspace.batches.run(documents, tmp_path / "out", jobs=24, tell=lambda ended: None)
    result = asyncio.run(work)
    assert result.failures == ()
    assert result.made == DOCUMENTS
    check_outputs(tmp_path / "out", tmp_path / "in")
    twice = [key for key, times in register.whole.items() if times > 1]
    assert twice == [], f"{len(twice)} finished calls were asked for again"
    asked, necessary = register.asked.total(), 5 * DOCUMENTS
    assert asked >= REQUESTS
    with capsys.disabled():
        sys.stdout.write(
            f"\n{asked:,} requests, {weather.faults:,} of them met a fault; {necessary:,} were necessary: "
            f"{asked / necessary - 1:.0%} above\n"
        )
    workspace.history.close()
