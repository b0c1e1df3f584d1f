from __future__ import annotations

import socket

import pytest

from chatspace.adapters.litellm.provider import LitellmProvider


async def test_warming_up_goes_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    gone_to: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: gone_to.append(address))
    await LitellmProvider().warm_up()
    assert gone_to == []
