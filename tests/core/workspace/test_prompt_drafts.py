"""Drafts of prompts on their way to the store."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chatspace.core.chat.conversation import UnsentPrompt
from chatspace.core.errors import ChatspaceError, StoreError
from chatspace.core.workspace.prompt_drafts import PromptDrafts
from tests.properties import examples

Saved = tuple[int | None, str, tuple[str, ...]]


class Prompts:
    """A store that can be held, and can fail."""

    def __init__(self) -> None:
        self.saved: list[Saved] = []
        self.going = threading.Event()
        self.going.set()
        self.failures = 0

    def save(self, conversation: int | None, text: str, attached: Sequence[str] = ()) -> None:
        assert self.going.wait(8)
        if self.failures:
            self.failures -= 1
            raise StoreError("The disk is full")
        self.saved.append((conversation, text, tuple(attached)))

    def unsent(self, conversation: int | None) -> UnsentPrompt:
        found = [(text, paths) for where, text, paths in self.saved if where == conversation]
        return UnsentPrompt(*found[-1]) if found else UnsentPrompt()


def drafts_in(prompts: Any) -> PromptDrafts:
    return PromptDrafts(prompts)


async def test_while_the_store_is_busy_only_the_last_value_of_each_conversation_is_kept_in_order() -> None:
    prompts = Prompts()
    prompts.going.clear()
    drafts = drafts_in(prompts)
    drafts.save(1, "a")
    await asyncio.sleep(0)  # the writer takes it up
    for text in ("ab", "abc"):
        drafts.save(1, text)
    drafts.save(None, "new", ["brief.md"])
    drafts.save(1, "abcd")
    assert await drafts.unsent(1) == UnsentPrompt("abcd"), "also before it is stored"
    prompts.going.set()
    await drafts.flush()
    assert prompts.saved == [(1, "a", ()), (None, "new", ("brief.md",)), (1, "abcd", ())]


async def test_what_could_not_be_stored_is_reported_and_stored_with_the_next() -> None:
    prompts = Prompts()
    prompts.failures = 2
    drafts = drafts_in(prompts)
    failed: list[ChatspaceError] = []
    drafts.failed = failed.append
    drafts.save(1, "kept")
    assert not await drafts.flush()
    assert len(failed) == 1
    assert await drafts.unsent(1) == UnsentPrompt("kept")
    await drafts.flush()
    assert len(failed) == 2
    drafts.save(2, "other")
    assert await drafts.flush()
    assert prompts.saved == [(1, "kept", ()), (2, "other", ())]


@examples(40)
@given(st.lists(st.tuples(st.sampled_from([None, 1, 2]), st.text(max_size=3), st.booleans()), max_size=20))
def test_after_a_flush_the_store_holds_what_was_saved_last(saves: list[tuple[int | None, str, bool]]) -> None:
    prompts = Prompts()

    async def type_all() -> None:
        drafts = drafts_in(prompts)
        for conversation, text, pause in saves:
            drafts.save(conversation, text)
            if pause:
                await asyncio.sleep(0)
        await drafts.flush()

    asyncio.run(type_all())
    for conversation in (None, 1, 2):
        last = [text for where, text, _ in saves if where == conversation][-1:]
        assert [prompts.unsent(conversation).text] == (last or [""])
