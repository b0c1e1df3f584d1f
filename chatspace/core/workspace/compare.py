"""Comparing: one message to several at once, each answer a reply of its own, one of them picked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import partial
from types import MappingProxyType
from typing import Protocol

from chatspace.core.chat.comparison import FEWEST, MAX, Comparison, ComparisonTarget
from chatspace.core.chat.conversation import Message
from chatspace.core.chat.stores import History
from chatspace.core.document import Source
from chatspace.core.errors import ChatspaceError, ConfigurationError, UsageError
from chatspace.core.events import Emit, Event, ReplyFinished, ReplyStarted, Warned
from chatspace.core.ports import Tools
from chatspace.core.profiles.options import Options
from chatspace.core.profiles.profile import Target
from chatspace.core.workspace.conversations import Conversations
from chatspace.core.workspace.reply import run_uncancelled

DEFAULT_PROFILE = "chat"
NO_ANSWERS: Mapping[ComparisonTarget, Message] = MappingProxyType({})


class ComparisonStore(Protocol):
    """Who was asked the same, and which answer was picked; deleted with the message. Raises StoreError."""

    def start(self, message: int, contestants: Sequence[ComparisonTarget]) -> None:
        """The user's message is put to all of these."""
        ...

    def pick(self, message: int, winner: int, *, blind: bool) -> None:
        """The answer that won; a later pick stands in the place of an earlier."""
        ...

    def page(self, *, limit: int = 50, before: int | None = None) -> Sequence[Comparison]:
        """Newest first; `before` is the message of the last one of the page before."""
        ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who can be asked, and where that would go."""

    contestant: ComparisonTarget
    target: Target


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one contestant ended: with an answer that is stored, with an error, or with both."""

    contestant: ComparisonTarget
    answer: Message | None = None
    error: ChatspaceError | None = None

    @property
    def whole(self) -> bool:
        return self.answer is not None and self.answer.status == "complete"


@dataclass(frozen=True, slots=True)
class Begun:
    """A message that is put to several, and who has answered it whole."""

    message: Message
    answered: Mapping[ComparisonTarget, Message]


class Compare:
    """Asks several and keeps who was asked and who was picked.

    The answers are replies to one message, made and stored as those of a chat are.
    """

    def __init__(self, history: History, store: ComparisonStore, conversations: Conversations, tools: Tools) -> None:
        self._history = history
        self._store = store
        self._conversations = conversations
        self._tools = tools

    # Who can be asked. All of this reads files: to be called from a thread.

    def candidates(self, options: Options) -> list[Candidate]:
        """The profiles for chat, the models that can be called from here, then the profiles for other steps."""
        profiles = sorted(self._tools.library.profiles(), key=lambda profile: "chat" not in profile.steps)
        chats = [ComparisonTarget(profile.name) for profile in profiles if "chat" in profile.steps]
        known = self._tools.targets.all_known(local=options.local)
        default = self._tools.library.profile(options.profile or DEFAULT_PROFILE)
        others = [ComparisonTarget(profile.name) for profile in profiles if "chat" not in profile.steps]
        targets: list[tuple[ComparisonTarget, Callable[[], Target]]] = [
            *((each, partial(self._target, each, options)) for each in chats),
            *(
                (
                    ComparisonTarget(default.name, each.ref),
                    partial(self._tools.targets.reach, each, default, "chat", local=options.local),
                )
                for each in known
            ),
            *((each, partial(self._target, each, options)) for each in others),
        ]
        found = []
        for contestant, target in targets:
            with suppress(ChatspaceError):  # what can't be called from here is no candidate
                found.append(Candidate(contestant, target()))
        return found

    def candidate(self, name: str, options: Options) -> Candidate:
        """Whom a name stands for: a profile where there is one of that name, else a model. Raises UsageError."""
        profiles = [profile.name for profile in self._tools.library.profiles()]
        is_model = name not in profiles and ("/" in name or "@" in name)
        return self.model(name, options) if is_model else self._candidate(ComparisonTarget(name), options)

    def model(self, name: str, options: Options) -> Candidate:
        """A model with the endpoint that offers it, by the profile of the options. Raises UsageError."""
        profile = self._tools.library.profile(options.profile or DEFAULT_PROFILE)
        found = self._tools.targets.find(name, profile, local=options.local, again=True)
        return self._candidate(ComparisonTarget(profile.name, found.ref), options)

    def check(self, contestants: Sequence[ComparisonTarget], options: Options) -> tuple[Target, ...]:
        """Where each would be asked. Raises UsageError for too few, too many, the same twice, or an unknown name."""
        if not FEWEST <= len(contestants) <= MAX:
            raise UsageError(
                f"{FEWEST} to {MAX} models can be compared, not {len(contestants)}",
                remedy="Name profiles or models, such as chat and openai/gpt-4.1: see chatspace profiles list.",
            )
        for index, contestant in enumerate(contestants):
            if contestant in contestants[:index]:
                raise UsageError(f"{contestant.name} is listed twice", remedy="Choose a different model.")
        return tuple(self._target(contestant, options) for contestant in contestants)

    def last(self) -> tuple[ComparisonTarget, ...]:
        """Who was compared the last time."""
        latest = self._store.page(limit=1)
        return latest[0].contestants if latest else ()

    def _candidate(self, contestant: ComparisonTarget, options: Options) -> Candidate:
        return Candidate(contestant, self._target(contestant, options))

    def _target(self, contestant: ComparisonTarget, options: Options) -> Target:
        try:
            profile = self._tools.library.profile(contestant.profile)
        except ConfigurationError as error:
            if error.line is not None:
                raise  # the file is there, and wrong
            known = [profile.name for profile in self._tools.library.profiles()]
            near = get_close_matches(contestant.profile, known, 1)
            hint = f"Did you mean {near[0]}? " if near else ""
            raise UsageError(
                f"Unknown profile or model {contestant.profile}",
                remedy=f"{hint}Available profiles: {', '.join(known)}. A model name includes its provider.",
            ) from error
        return self._tools.targets.of(profile, "chat", _for(contestant, options))

    # Asking

    async def put(
        self,
        text: str,
        contestants: Sequence[ComparisonTarget],
        options: Options,
        *,
        conversation: int | None = None,
        parent: int | None = None,
        sources: Sequence[Source] = (),
    ) -> Message:
        """Store the message, at the end of the conversation, behind `parent`, or in a new one, and whom it is put to.

        Its sources go along to everybody. Raises UsageError before anything is stored.
        """
        await asyncio.to_thread(self.check, contestants, options)
        message = await self._conversations.store(text, conversation=conversation, parent=parent, sources=sources)
        await run_uncancelled(self._store.start, message.id, contestants)
        return message

    def unfinished(
        self,
        text: str,
        contestants: Sequence[ComparisonTarget],
        options: Options,
        *,
        conversation: int | None = None,
        sources: Sequence[Source] = (),
    ) -> Begun | None:
        """The last comparison, where it put the same to the same and somebody has no whole answer to it.

        `conversation` is where the message is to stand, None for one of its own. To be called from a thread.
        """
        latest = next(iter(self._store.page(limit=1)), None)
        if latest is None or latest.picked or set(latest.contestants) != set(contestants):
            return None
        stored = self._history.conversations.get(latest.conversation)
        messages = self._history.messages.all(latest.conversation)
        message = next((each for each in messages if each.id == latest.message), None)
        if stored is None or stored.deleted or message is None or message.text != text:
            return None
        if {each.id for each in message.sources} != {each.id for each in sources}:
            return None
        if conversation != (latest.conversation if message.parent else None):
            return None
        replies = [each for each in messages if each.parent == message.id]
        if any(each.status == "streaming" for each in replies):
            return None  # another program is at it
        whole = {(each.profile, each.model, each.host): each for each in replies if each.status == "complete"}
        asked = zip(contestants, self.check(contestants, options), strict=True)
        named = {each: whole.get((target.profile.name, target.model, target.host)) for each, target in asked}
        answered = {contestant: answer for contestant, answer in named.items() if answer}
        return Begun(message, answered) if len(answered) < len(contestants) else None

    async def answer(self, message: Message, contestant: ComparisonTarget, options: Options, emit: Emit) -> Message:
        """One answer, another one where there is one already. Raises ChatspaceError; what came is stored."""
        return await self._conversations.answer(message, _for(contestant, options), emit)

    async def follow(
        self,
        answer: Message,
        text: str,
        contestant: ComparisonTarget,
        options: Options,
        emit: Emit,
        *,
        sources: Sequence[Source] = (),
    ) -> Message:
        """A further message behind one answer, and the answer to it."""
        return await self._conversations.send(
            text,
            _for(contestant, options),
            emit,
            conversation=answer.conversation,
            parent=answer.id,
            sources=sources,
        )

    async def ask_all(
        self,
        message: Message,
        contestants: Sequence[ComparisonTarget],
        options: Options,
        tell: Callable[[int, Event], None],
        ended: Callable[[int, Outcome], None],
        *,
        answered: Mapping[ComparisonTarget, Message] = NO_ANSWERS,
    ) -> tuple[Outcome, ...]:
        """Everybody at the same time; each tells what happens and how it ended, as soon as it has.

        Those who have `answered` whole aren't asked again.
        """

        async def ask(index: int, contestant: ComparisonTarget) -> Outcome:
            answer = answered.get(contestant)

            def emit(event: Event) -> None:
                nonlocal answer
                if isinstance(event, ReplyStarted | ReplyFinished):
                    answer = event.message
                tell(index, event)

            error: ChatspaceError | None = None
            try:
                if answer:
                    tell(index, Warned("already answered; not requested again"))
                else:
                    await self.answer(message, contestant, options, emit)
            except ChatspaceError as failure:
                error = failure
            outcome = Outcome(contestant, answer, error)
            ended(index, outcome)
            return outcome

        async with asyncio.TaskGroup() as group:
            asking = [group.create_task(ask(index, each)) for index, each in enumerate(contestants)]
        return tuple(task.result() for task in asking)

    # Picking

    async def pick(
        self, message: Message, winner: Message, *, leaf: Message | None = None, blind: bool = False
    ) -> None:
        """Go on from the winner, or from `leaf` further along its branch; the others stay as siblings."""
        await run_uncancelled(self._store.pick, message.id, winner.id, blind=blind)
        await run_uncancelled(self._history.branches.set_leaf, message.conversation, (leaf or winner).id)

    def comparisons(self, *, limit: int = 50, before: int | None = None) -> Sequence[Comparison]:
        """Newest first; `before` is the message of the last one of the page before."""
        return self._store.page(limit=limit, before=before)


def _for(contestant: ComparisonTarget, options: Options) -> Options:
    return replace(options, profile=contestant.profile, model=contestant.model)
