"""64 calls at once over HTTP with a budget for ten: what the server counts never passes it."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chatspace.adapters.litellm.provider import LitellmProvider
from chatspace.core.calls.budget import Allowance, Budget
from chatspace.core.errors import BudgetReached
from chatspace.core.events import discard_events
from chatspace.core.profiles.options import Options
from chatspace.wiring import Workspace
from tests.model_server import ModelServer, Reply, SentUsage

PRICE_IN, PRICE_OUT = 2.0, 8.0
MAX = 90


class Counter:
    """A server's own count: a token for every four characters it gets, and for each word of its reply."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.calls = self.tokens = 0
        self.usd = 0.0

    def __call__(self, body: Mapping[str, Any]) -> Reply:
        sent = sum(len(str(turn["content"])) for turn in body["messages"]) // 4 + 8
        with self._lock:
            self.calls += 1
            self.tokens += sent + MAX
            self.usd += (sent * PRICE_IN + MAX * PRICE_OUT) / 1_000_000
        return Reply("word " * MAX, chunk=50, delay=0.01, usage=SentUsage(sent, MAX))


@pytest.mark.drill
@pytest.mark.parametrize("kind", ["usd", "tokens"])
def test_a_budget_for_ten_calls_is_not_passed_by_64_at_once(
    home: Path, model_server: ModelServer, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    counter = Counter()
    model_server.answer(counter)
    (home / "profiles").mkdir()
    (home / "profiles" / "chat.md").write_text(
        f"---\nstep: chat\nmodel: openai/m\napi_base: {model_server.url}\nmax_output_tokens: {MAX}\n"
        f"price: {{input: {PRICE_IN}, output: {PRICE_OUT}}}\n---\nYou answer.\n",
        encoding="utf-8",
    )
    allowance = Allowance(usd=0.0082) if kind == "usd" else Allowance(tokens=1_250)
    chosen = replace(Options(), budget=Budget("drill", allowance))
    workspace = Workspace(models=LitellmProvider())

    async def all_at_once() -> list[object]:
        sends = (workspace.conversations.send(f"Question number {at}", chosen, discard_events) for at in range(64))
        return await asyncio.gather(*sends, return_exceptions=True)

    results = asyncio.run(all_at_once())
    reached = [each for each in results if isinstance(each, BudgetReached)]
    others = [each for each in results if isinstance(each, BaseException) and each not in reached]
    assert others == []
    assert len(reached) + counter.calls == 64
    assert 5 <= counter.calls <= 12
    assert counter.usd <= (allowance.usd or 1)
    assert counter.tokens <= (allowance.tokens or 1_000_000)
    with capsys.disabled():
        sys.stdout.write(f"\n{counter.calls} calls, {counter.tokens:,} tokens, ${counter.usd:.5f} of {allowance}\n")
    workspace.history.close()
