"""Chat: the user's turn is stored before anything is sent, the reply while it grows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from chatspace.core.calls.call import Call, Turn
from chatspace.core.calls.model_client import ModelClient
from chatspace.core.calls.step_client import StepClient, broken
from chatspace.core.calls.usage import Usage
from chatspace.core.chat.conversation import Message, MessageStatus, QueuedMessage, SentPrompt
from chatspace.core.chat.stores import History
from chatspace.core.chat.titles import title_from
from chatspace.core.chat.turns import ChatTurn, Fitted, fit_turns, turns_of
from chatspace.core.document import Source
from chatspace.core.events import DeltaReceived, Emit, MessageStored, Warned
from chatspace.core.ports import Tools
from chatspace.core.profiles.options import Options
from chatspace.core.profiles.profile import Target
from chatspace.core.runs.plan import fallback_targets, recipe_variables
from chatspace.core.text.tokens import TURN_OVERHEAD, estimate_tokens, fit
from chatspace.core.workspace.reply import reply_to, run_uncancelled

BY_HAND = "edited by hand"
"""Stands as the `why` of a reply that no model wrote."""


@dataclass(frozen=True, slots=True)
class SendPreview:
    """Where the next message would go and what sending it takes: tokens, USD for the input, the share of the window.

    `cut` has the tokens of each source that doesn't fit whole, by its id.
    """

    target: Target
    tokens: int
    cost_usd: float | None
    share: float | None
    cut: Mapping[str, int] = field(default_factory=dict)


class Conversations:
    """Sends messages and keeps what comes back."""

    def __init__(self, history: History, tools: Tools) -> None:
        self._history = history
        self._tools = tools
        self._sizes: dict[str, int] = {}

    async def store(
        self,
        text: str,
        *,
        conversation: int | None = None,
        parent: int | None = None,
        beside: Message | None = None,
        step: str = "chat",
        sources: Sequence[Source] = (),
    ) -> Message:
        """Put the user's message on disk, at the end of the conversation or of a new one.

        `parent` is the message that it goes on from instead, `beside` one that it is another version of, whose sources
        go along with it too.
        """
        if beside is not None:
            conversation, parent = beside.conversation, beside.parent
            kept = await asyncio.to_thread(self._history.attachments.of_messages, [beside.id])
            own = kept.get(beside.id, ())
            sources = (*own, *(source for source in sources if source.id not in {each.id for each in own}))
        elif conversation is None:
            created = await run_uncancelled(self._history.conversations.create, title_from(text))
            conversation = created.id
        elif parent is None:
            thread = await asyncio.to_thread(self._history.messages.thread, conversation)
            parent = thread[-1].id if thread else None
        add = partial(self._history.messages.add, step=step, sources=sources)
        return await run_uncancelled(add, conversation, parent, "user", text)

    async def send(
        self,
        text: str,
        options: Options,
        emit: Emit,
        *,
        conversation: int | None = None,
        parent: int | None = None,
        beside: Message | None = None,
        sources: Sequence[Source] = (),
    ) -> Message:
        """Store the message as `store` does, ask the profile's model and give back its reply.

        Raises ChatspaceError; the message stays.
        """
        message = await self.store(text, conversation=conversation, parent=parent, beside=beside, sources=sources)
        emit(MessageStored(message))
        return await self.answer(message, options, emit)

    async def amend(self, reply: Message, text: str) -> Message:
        """Another version of a reply, written by hand, beside it; later messages go on from it."""
        add = partial(self._history.messages.add, step=reply.step, why=BY_HAND)
        return await run_uncancelled(add, reply.conversation, reply.parent, "assistant", text)

    def queue(self, text: str, behind: Message, options: Options, sources: Sequence[Source] = ()) -> QueuedMessage:
        """Keep a message until the reply `behind` is whole, to be sent as the options are now."""
        return self._history.queue.add(
            behind.id, text, profile=options.profile, model=options.model, effort=options.effort, sources=sources
        )

    def asked(
        self, here: int | None, after: SentPrompt | None = None, *, limit: int = 50, containing: str = ""
    ) -> Sequence[SentPrompt]:
        """What was sent from prompts, behind `after`: of the conversation `here` first, then of all; newest first.

        To be called from a thread.
        """
        ask = partial(self._history.prompts.sent, containing=containing)
        found: list[SentPrompt] = []
        if here is not None and (after is None or after.conversation == here):
            found += ask(limit=limit, before=after.message if after else None, here=here)
            after = None
        if len(found) < limit:
            found += ask(limit=limit - len(found), before=after.message if after else None, elsewhere=here)
        return found

    def waiting(self, leaf: Message) -> Sequence[QueuedMessage]:
        """What waits on the branch that ends at `leaf`, in order. To be called from a thread."""
        queued = self._history.queue.waiting(leaf.conversation)
        if not queued:
            return ()
        branch = {message.id for message in self._history.messages.thread(leaf.conversation, leaf.id)}
        return [one for one in queued if one.behind in branch]

    async def answer(self, message: Message, options: Options, emit: Emit) -> Message:
        """A reply to a stored message, as a further one where it has some already.

        One that breaks off is gone on with by the profile's fallbacks, or they write another, as the profile says.
        """
        target = (await asyncio.to_thread(self.target, options)).thinking(options.effort)
        fallbacks = await asyncio.to_thread(fallback_targets, target, "chat", options, self._tools)
        turns = await self._turns(message, target, options, emit)
        if target.profile.after_break != "restart":
            return (await self._reply(message, turns, target, fallbacks, options, emit))[0]
        targets = (target, *fallbacks)
        for number, each in enumerate(targets):
            last = each is targets[-1]
            stored, call = await self._reply(message, turns, each, targets[number + 1 :], options, emit, go_on=False)
            if last or not broken(call):
                break
            emit(Warned(f"{call.model} broke off; {targets[number + 1].model} writes a new reply"))
        return stored

    async def _reply(
        self,
        message: Message,
        turns: Sequence[Turn],
        target: Target,
        fallbacks: Sequence[Target],
        options: Options,
        emit: Emit,
        *,
        go_on: bool = True,
    ) -> tuple[Message, Call]:
        """One reply and the last of its calls. `turns` begin with the recipe."""
        async with reply_to(message, "chat", target, self._history, emit) as reply:
            client = ModelClient(self._tools, reply.take, message=reply.message.id, budget=options.budget)
            variables = recipe_variables(options, options.channel)
            chat = StepClient("chat", target, tuple(fallbacks), variables, client, "by fallbacks" if go_on else "never")
            recipe, *rest = turns
            said = await chat.ask(
                rest, on_text=lambda text: reply.take(DeltaReceived("chat", text)), system=recipe.content
            )
            answered = [call for call in reply.calls if call.outcome != "failed"]
            status: MessageStatus = "complete" if said.call.outcome == "complete" else "truncated"
            return await reply.finish(status, said.text, calls=answered), said.call

    def target(self, options: Options) -> Target:
        """Where a message goes. May ask endpoints: to be called from a thread. Raises ChatspaceError."""
        profile = self._tools.library.profile(options.profile or "chat")
        return self._tools.targets.of(profile, "chat", options)

    def reopened(self, thread: Sequence[Message], options: Options) -> Options:
        """The options that go on with who answered last in this thread. To be called from a thread."""
        replies = (each for each in reversed(thread) if each.role == "assistant" and each.step == "chat")
        last = next((each for each in replies if each.model), None)
        profile, model = self._tools.targets.like(last, "chat", local=options.local) if last else (None, None)
        return replace(options, profile=profile, model=model) if profile else options

    def outlook(
        self,
        text: str,
        options: Options,
        thread: Sequence[Message] = (),
        waiting: Sequence[str] = (),
        sources: Sequence[Source] = (),
    ) -> SendPreview:
        """What sending `text` with these sources behind the messages of `thread` and those that wait would take.

        Reads files: to be called from a thread.
        """
        target = self.target(options)
        profile = target.profile
        said = self._said(thread)
        said += [ChatTurn("user", turn) for turn in waiting]
        recipe = self._tools.library.render(profile, recipe_variables(options, options.channel))
        last = ChatTurn("user", text or " ", tuple(sources))
        fitted = fit_turns([*said, last], _recipe_tokens(recipe), _room(target), self._size)
        cost = target.price.cost(Usage(input=fitted.tokens)) if target.price else None
        share = fitted.tokens / target.window if target.window else None
        return SendPreview(target, fitted.tokens, cost, share, fitted.cut)

    async def _turns(self, message: Message, target: Target, options: Options, emit: Emit) -> Sequence[Turn]:
        """The recipe, and what of the thread fits behind it."""
        variables = recipe_variables(options, options.channel)
        recipe = await asyncio.to_thread(self._tools.library.render, target.profile, variables)
        thread = await asyncio.to_thread(self._history.messages.thread, message.conversation, message.id)
        said = await asyncio.to_thread(self._said, thread)
        fitted = fit_turns(said, _recipe_tokens(recipe), _room(target), self._size)
        for warning in self._warnings(fitted, target):
            emit(Warned(warning))
        turns = await asyncio.to_thread(turns_of, fitted, self.extraction, self._size)
        return (Turn("system", recipe), *turns)

    def _said(self, thread: Sequence[Message]) -> list[ChatTurn]:
        """A reply that failed is not part of what the model is told, one that was stopped or cut is, with its text."""
        sources = self._history.attachments.of_messages([message.id for message in thread if message.sources])
        return [ChatTurn(each.role, each.text, tuple(sources.get(each.id, ()))) for each in thread]

    def _size(self, source: Source) -> int:
        """In tokens. Counted once, because the prompt asks at every pause."""
        if source.id not in self._sizes:
            self._sizes[source.id] = estimate_tokens(source.text)
        return self._sizes[source.id]

    def extraction(self, source: Source, room: int) -> str:
        """What stands for a source within so many tokens where it can't go whole. To be called from a thread."""
        from chatspace.core.workspace.source_payload import source_payload  # the parsers load with it

        return source_payload([source], self._tools, room)[0]

    def _warnings(self, fitted: Fitted, target: Target) -> Iterator[str]:
        if fitted.dropped:
            first = f"The first {fitted.dropped} messages were not sent"
            yield f"{first}: they don't fit the context window of {target.model}."
        names = {source.id: source for one in fitted.said for source in one.sources}
        for id_, share in fitted.cut.items():
            source = names[id_]
            went = (
                f"an extraction of about {share:,} of its {self._size(source):,} tokens was sent"
                if share
                else "only its name was sent"
            )
            large = f"{source.name} doesn't fit the context window of {target.model}"
            yield f"{large}: {went}. /draft reads the complete file."


def _recipe_tokens(recipe: str) -> int:
    return estimate_tokens(recipe) + TURN_OVERHEAD


def _room(target: Target) -> int | None:
    """What the window leaves for a request."""
    return fit(0, target.window, target.profile.max_output_tokens).room
