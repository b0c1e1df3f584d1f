"""What the desk asks for: a passage to be put differently, once or again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from chatspace.core.errors import ChatspaceError
from chatspace.core.events import Emit, Event, MessageStored, ReplyStarted, Warned
from chatspace.core.live.reply import LiveReply
from chatspace.tui.sessions.changed import Changed, Listener, attempt
from chatspace.tui.sessions.desk_proposal import Proposal

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import Message
    from chatspace.core.profiles.options import Options
    from chatspace.core.profiles.profile import Target
    from chatspace.core.workspace.desk import Desk

Work = Callable[[Emit], Awaitable[object]]
Start = Callable[[int | None, Work], Callable[[], object]]
"""Starts work for a conversation and gives back what stops it."""


class DeskAsking:
    """Adds versions to proposals; `live` is the one on its way, `conversation` where all of a text are stored."""

    def __init__(self, desk: Desk, options: Options, start: Start, listener: Listener) -> None:
        self._desk = desk
        self._start = start
        self._listener = listener
        self._stop: Callable[[], object] | None = None
        self.options = options
        self.conversation: int | None = None
        self.live: LiveReply | None = None

    async def target(self, options: Options | None = None) -> Target | None:
        """Where a passage goes."""
        return await attempt(self._listener, asyncio.to_thread(self._desk.target, options or self.options))

    async def choose(self, options: Options) -> None:
        """Let these options hold from now on, where they lead to a model."""
        if await self.target(options):
            self.options = options
            self._listener(Changed("asking"))

    def ask(self, proposal: Proposal, title: str) -> None:
        """Store the question of a proposal, and ask it."""
        passage, instruction, conversation = proposal.passage.text, proposal.instruction, self.conversation
        propose = partial(self._desk.propose, passage, instruction, self.options)
        self._begin(proposal, lambda emit: propose(emit, title=title, conversation=conversation))

    def ask_again(self, proposal: Proposal, question: Message) -> None:
        """One more version of what was asked."""
        self._begin(proposal, lambda emit: self._desk.answer(question, self.options, emit))

    def stop(self) -> None:
        """What has come is kept."""
        if self._stop:
            self._stop()

    def _begin(self, proposal: Proposal, work: Work) -> None:
        self.live, proposal.failure = LiveReply(), ""
        self._listener(Changed("asking"))
        self._stop = self._start(self.conversation, partial(self._propose, proposal, self.live, work))

    async def _propose(self, proposal: Proposal, live: LiveReply, work: Work, emit: Emit) -> None:
        def take(event: Event) -> None:
            live.take(event)
            emit(event)
            self._hear(proposal, event)

        error: ChatspaceError | None = None
        came = False
        try:
            try:
                await work(take)
            except ChatspaceError as failure:
                error = failure
            finally:  # of a reply that is stopped what came is proposed too
                came = await self._assess(proposal, live.message)
        except ChatspaceError as failure:
            error = failure
        finally:
            self._end(proposal, came, error)

    def _hear(self, proposal: Proposal, event: Event) -> None:
        match event:
            case MessageStored(stored):
                proposal.question, self.conversation = stored, stored.conversation
            case ReplyStarted():
                self._listener(Changed("asking"))
            case Warned(text):
                self._listener(Changed(notice=text))

    async def _assess(self, proposal: Proposal, reply: Message | None) -> bool:
        """Whether there is a version of the reply."""
        if reply is None or not reply.text.strip():
            return False
        assess = self._desk.assess
        proposal.add(reply, await asyncio.to_thread(assess, proposal.passage, proposal.instruction, reply))
        return True

    def _end(self, proposal: Proposal, came: bool, error: ChatspaceError | None) -> None:
        """The reply is over; where nothing came of it, what was asked stays."""
        self.live = self._stop = None
        if came:
            self._listener(Changed("proposal", error=error))
            return
        proposal.failure = error.explained if error else "Stopped before anything came."
        notice = proposal.failure if proposal.versions else ""
        self._listener(Changed("proposal", notice=notice, severity="error"))
