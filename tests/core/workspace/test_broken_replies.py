"""A reply that breaks off: the profile's fallbacks go on from its end, or write another beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatspace.core.calls.call import ProviderEvent
from chatspace.core.errors import ModelError
from chatspace.core.events import Event, Warned
from chatspace.core.profiles.options import Options
from chatspace.wiring import Workspace
from tests.doubles import ScriptedProvider, says

WHOLE = "The Tern 4 is quiet, because its fan is slow and its feet are made of cork."


def workspace_of(home: Path, provider: ScriptedProvider, after_break: str) -> Workspace:
    folder = home / "profiles"
    folder.mkdir()
    for name, more in (("chat", f"fallbacks: [other]\nafter_break: {after_break}\n"), ("other", "")):
        (folder / f"{name}.md").write_text(
            f"---\nstep: chat\nmodel: openai/{name}\napi_base: http://127.0.0.1:9/v1\n{more}---\nYou answer.\n",
            encoding="utf-8",
        )
    return Workspace(models=provider)


def broken_at(end: int) -> list[ProviderEvent | ModelError]:
    return [*says(WHOLE[:end])[:-1], ModelError("The connection broke")]


async def test_a_fallback_goes_on_from_where_the_reply_broke(home: Path) -> None:
    provider = ScriptedProvider(broken_at(34), says(f"quiet, because its f{WHOLE[34:]}"))
    workspace = workspace_of(home, provider, "continue")
    told: list[Event] = []
    reply = await workspace.conversations.send("Why is it quiet?", Options(), told.append)
    assert (reply.text, reply.status, reply.model) == (WHOLE, "complete", "openai/other")
    assert provider.requests[1].turns[-2].content == WHOLE[:34]
    assert any(isinstance(event, Warned) and "openai/other continues" in event.message for event in told)
    assert [message.siblings for message in workspace.history.messages.all(reply.conversation)] == [1, 1]
    workspace.history.close()


async def test_a_fallback_writes_another_reply_where_the_profile_says_so_and_the_broken_one_stays(home: Path) -> None:
    provider = ScriptedProvider(broken_at(34), says(WHOLE))
    workspace = workspace_of(home, provider, "restart")
    reply = await workspace.conversations.send("Why is it quiet?", Options(), lambda event: None)
    assert (reply.text, reply.status, reply.model) == (WHOLE, "complete", "openai/other")
    _, first, second = workspace.history.messages.all(reply.conversation)
    assert (first.text, first.status, first.model) == (WHOLE[:34], "truncated", "openai/chat")
    assert (second.id, second.siblings) == (reply.id, 2)
    workspace.history.close()


@pytest.mark.parametrize("after_break", ["continue", "restart"])
async def test_where_the_fallback_fails_too_what_came_is_kept_and_marked(home: Path, after_break: str) -> None:
    provider = ScriptedProvider(broken_at(34), [ModelError("No", kind="bad_request")])
    workspace = workspace_of(home, provider, after_break)
    with pytest.raises(ModelError):
        await workspace.conversations.send("Why is it quiet?", Options(), lambda event: None)
    (conversation,) = workspace.history.conversations.page()
    replies = [message for message in workspace.history.messages.all(conversation.id) if message.role == "assistant"]
    assert (replies[0].text, replies[0].status) == (WHOLE[:34], "truncated")
    assert replies[-1].error
    workspace.history.close()
