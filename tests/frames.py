"""How many calls of the package stand on the stack when a provider is asked."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chatspace.adapters.offline.provider import OfflineProvider
from chatspace.core.calls.call import ProviderEvent, Request

PACKAGE = f"{Path(__file__).parents[1] / 'chatspace'}/"
LIMIT = 18


def own_frames() -> list[str]:
    """The package's functions on this stack, the innermost first, as `core/calls/model_client.py:ask`."""
    found, frame = list[str](), sys._getframe(1)
    while frame:
        code = frame.f_code
        if code.co_filename.startswith(PACKAGE):
            found.append(f"{code.co_filename.removeprefix(PACKAGE)}:{code.co_name}")
        if frame.f_back is None:
            break
        frame = frame.f_back
    return found


def record_stacks(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """A list that gets the stack of each request to the built-in engine, which answers as ever."""
    stacks = list[list[str]]()
    stream = OfflineProvider.stream

    async def recorded(self: OfflineProvider, request: Request) -> AsyncIterator[ProviderEvent]:
        stacks.append(own_frames())
        async for event in stream(self, request):
            yield event

    monkeypatch.setattr(OfflineProvider, "stream", recorded)
    return stacks
