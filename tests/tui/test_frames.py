"""The way from the enter key to the provider is short."""

from __future__ import annotations

import pytest

from tests.frames import LIMIT, record_stacks
from tests.tui.conftest import Open


async def test_few_calls_lie_between_the_enter_key_and_the_provider(
    open_workspace: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    stacks = record_stacks(monkeypatch)
    async with open_workspace() as seat:
        await seat.send("Hello")
        await seat.reply()
    assert stacks
    assert max(map(len, stacks)) <= LIMIT, "\n".join(sorted(stacks, key=len)[-1])
