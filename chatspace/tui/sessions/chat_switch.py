"""The ways from one conversation to another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from chatspace.tui.sessions.changed import Changed, Listener, attempt
from chatspace.tui.sessions.chat_branch import Branch
from chatspace.tui.sessions.chat_options import NextOptions
from chatspace.tui.sessions.chat_prompt import PromptDraft
from chatspace.tui.sessions.chat_queue import MessageQueue
from chatspace.tui.sessions.chat_replies import Replies
from chatspace.tui.sessions.reply_target import Target
from chatspace.tui.sessions.tasks import Tasks

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import Conversation, Message
    from chatspace.tui.navigation import ScreenResult
    from chatspace.wiring import Workspace


class ConversationSwitch:
    """Brings another conversation in sight, with what is unsent there.

    `keep` stores what is unsent in the one before, `refresh` sees what sending would take in the next.
    """

    def __init__(
        self,
        workspace: Workspace,
        listener: Listener,
        parts: tuple[Branch, NextOptions, Replies, MessageQueue, Target, PromptDraft],
        keep: Callable[[], object],
        refresh: Callable[[], object],
    ) -> None:
        self._workspace = workspace
        self._listener = listener
        self._branch, self._options, self._replies, self._queue, self._target, self._prompt = parts
        self._keep = keep
        self._refresh = refresh
        self._put_away: int | None = None
        """The conversation that was in sight until it was moved to the trash."""
        self.tasks = Tasks(listener)

    async def begin(self) -> None:
        """Show what the store holds; who types or attaches at once keeps that."""
        field = self._prompt.field
        await attempt(self._listener, asyncio.to_thread(self._workspace.history.recover))
        unsent = await attempt(self._listener, self._prompt.expect())
        if unsent and not (field.text or field.paths):
            field.put(unsent)
        self._listener(Changed("history"))
        self._refresh()
        if self._branch.conversation is None and self._replies.fresh is None:  # somebody who sends at once sees it
            self._branch.show(None, ())

    def open(self, chosen: Conversation) -> asyncio.Task[None]:
        """Show a conversation; what is typed from now on comes along."""
        self._keep()
        return self.tasks.start(partial(self._open, chosen, self._prompt.field.text), "open")

    async def _open(self, chosen: Conversation, left: str, text: str | None = None) -> None:
        """With what is unsent there, or the text given; what was typed since `left` stood in the prompt is kept."""
        options, history = self._options.current, self._workspace.history
        thread = await asyncio.to_thread(history.messages.thread, chosen.id)
        unsent = await self._prompt.unsent(chosen.id)
        if chosen.id != self._branch.conversation:
            options = await attempt(self._listener, self._options.reopened(thread)) or options
        self._options.current = options
        self._show(chosen.id, thread, chosen.title)
        text = unsent.text if text is None else text
        self._prompt.field.put(replace(unsent, text=text + self._prompt.typed_since(left)))
        self._refresh()

    def _show(self, conversation: int | None, thread: Sequence[Message] = (), title: str = "") -> None:
        self._put_away = None
        self._replies.fresh = None
        self._target.set(None)
        self._queue.clear()
        self._branch.show(conversation, thread, title)
        self._queue.load()

    def new(self) -> None:
        """Begin another conversation; the old one goes on."""
        self._keep()
        self._begin_another()

    def _begin_another(self) -> None:
        from chatspace.core.chat.conversation import UnsentPrompt  # the first frame has no need of it

        self._options.begin()
        self._show(None)
        self._prompt.field.put(UnsentPrompt())
        self._refresh()
        self.tasks.start(self._bring_unsent, "open")

    async def _bring_unsent(self) -> None:
        """What was kept for a new conversation, before what was typed meanwhile."""
        field, unsent = self._prompt.field, await self._prompt.expect()
        if unsent.text or unsent.attached:
            field.put(replace(unsent, text=unsent.text + field.text, attached=(*unsent.attached, *field.paths)))
            self._refresh()
        self._keep()

    def filed(self, filed: Conversation) -> None:
        """A conversation has another title, went to the trash or came out of it."""
        in_sight = self._branch.conversation
        if filed.id == in_sight and filed.deleted:
            self.new()
            self._put_away = filed.id
        elif filed.id == in_sight:
            self._listener(Changed("title", text=filed.title))
        elif filed.id == self._put_away and not filed.deleted and in_sight is None and self._replies.fresh is None:
            self.open(filed)

    def purged(self, conversations: Collection[int]) -> None:
        """These are no more."""
        if self._branch.conversation in conversations:
            self._begin_another()

    async def go_on(self, onward: ScreenResult, left: str) -> None:
        """Go on from where another screen was left; `left` stood in the prompt when it was opened."""
        history, conversation = self._workspace.history, onward.conversation
        if conversation is not None:
            if onward.leaf is not None:
                set_leaf = asyncio.to_thread(history.branches.set_leaf, conversation, onward.leaf)
                await attempt(self._listener, set_leaf)
            found = await attempt(self._listener, asyncio.to_thread(history.conversations.get, conversation))
            if found:
                await self.tasks.start(partial(self._open, found, left, onward.prompt), "open")
        elif onward.prompt is not None:
            self._prompt.field.write(onward.prompt + self._prompt.typed_since(left))
