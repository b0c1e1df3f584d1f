"""Chat: the user's turn is stored before anything is sent, the reply while it grows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from chatspace.core.call import Call, Request, Turn
from chatspace.core.caller import Caller
from chatspace.core.conversation import Message, title_from
from chatspace.core.errors import ModelError
from chatspace.core.events import CallFailed, CallFinished, DeltaReceived, Emit, Event, MessageStored, Warned
from chatspace.core.plan import Options, fallback_targets, recipe_variables
from chatspace.core.ports import History, Tools
from chatspace.core.profile import Target
from chatspace.core.text.tokens import TURN_OVERHEAD, estimate_tokens, estimate_turns, fit
from chatspace.core.usage import Usage
from chatspace.core.workspace.reply import GrowingReply, durably


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where the next message would go and what sending it takes: tokens, USD for the input, the share of the window."""

    target: Target
    tokens: int
    cost_usd: float | None
    share: float | None


class Conversations:
    """Sends messages and keeps what comes back."""

    def __init__(self, history: History, tools: Tools) -> None:
        self._history = history
        self._tools = tools

    async def store(
        self, text: str, *, conversation: int | None = None, parent: int | None = None, step: str = "chat"
    ) -> Message:
        """Put the user's message on disk, at the end of the conversation or of a new one."""
        if conversation is None:
            created = await durably(self._history.create_conversation, title_from(text))
            conversation = created.id
        elif parent is None:
            thread = await asyncio.to_thread(self._history.thread, conversation)
            parent = thread[-1].id if thread else None
        return await durably(self._history.add_message, conversation, parent, "user", text, step=step)

    async def send(
        self, text: str, options: Options, emit: Emit, *, conversation: int | None = None, parent: int | None = None
    ) -> Message:
        """Store the message, ask the profile's model, give back its reply. Raises ChatspaceError; the message stays."""
        message = await self.store(text, conversation=conversation, parent=parent)
        emit(MessageStored(message))
        return await self.answer(message, options, emit)

    async def answer(self, message: Message, options: Options, emit: Emit) -> Message:
        """A reply to a stored message, as a further one where it has some already."""
        profile = await asyncio.to_thread(self._tools.library.profile, options.profile or "chat")
        target = await asyncio.to_thread(
            self._tools.catalog.resolve, profile, "chat", model=options.model, local=options.local
        )
        request = await self._request(message, target, options, emit)
        reply = GrowingReply(self._history, message, "chat", emit)
        opened = await reply.open(target)
        calls: list[Call] = []

        def pass_on(event: Event) -> None:
            if isinstance(event, DeltaReceived):
                reply.take(event)
            elif isinstance(event, CallFinished | CallFailed):
                calls.append(event.call)
            emit(event)

        caller = Caller(self._tools.provider, self._tools.ledger, pass_on, message=opened.id)
        try:
            call = await caller.ask(request, fallback_targets(target, "chat", options, self._tools))
        except ModelError as error:
            await reply.close("failed", calls[-1] if calls else None, error=error.explained)
            raise
        except BaseException:  # cancelled, or a listener broke: what came is kept either way
            await reply.close("stopped", calls[-1] if calls else None)
            raise
        return await reply.close("complete" if call.outcome == "complete" else "truncated", call)

    def outlook(self, text: str, options: Options, leaf: Message | None = None) -> Outlook:
        """What sending `text` behind the message `leaf` would take. Reads files: to be called from a thread."""
        profile = self._tools.library.profile(options.profile or "chat")
        target = self._tools.catalog.resolve(profile, "chat", model=options.model, local=options.local)
        said = self._history.thread(leaf.conversation, leaf.id) if leaf else ()
        recipe = self._tools.library.render(profile, recipe_variables(options, options.channel))
        tokens = estimate_turns((recipe, *(message.text for message in said), text))
        cost = target.price.cost(Usage(input=tokens)) if target.price else None
        return Outlook(target, tokens, cost, tokens / target.window if target.window else None)

    async def _request(self, message: Message, target: Target, options: Options, emit: Emit) -> Request:
        variables = recipe_variables(options, options.channel)
        recipe = await asyncio.to_thread(self._tools.library.render, target.profile, variables)
        thread = await asyncio.to_thread(self._history.thread, message.conversation, message.id)
        system = Turn("system", recipe)
        turns, dropped = fitting_turns(thread, target, estimate_tokens(recipe))
        if dropped:
            emit(Warned(f"{target.model} was not sent the first {dropped} messages: they don't fit its window."))
        return Request("chat", target, (system, *turns), variables)


def fitting_turns(thread: Sequence[Message], target: Target, recipe_tokens: int) -> tuple[list[Turn], int]:
    """The newest messages that fit the window, and how many older ones don't; the last message is always in.

    A reply that failed is not part of what the model is told, one that was stopped or cut is, with the text that came.
    """
    said = [message for message in thread if message.text.strip()]
    turns: list[Turn] = []
    needed = recipe_tokens
    for message in reversed(said):
        needed += estimate_tokens(message.text) + TURN_OVERHEAD
        if turns and not fit(needed, target.window, target.profile.max_output_tokens).fits:
            break
        turns.append(Turn(message.role, message.text))
    return turns[::-1], len(said) - len(turns)
