"""Stories: openings in several tones, each reply stored like any other, each opening with what was decided on it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol
from uuid import uuid4

from chatspace.core.calls.call import Call, Turn
from chatspace.core.calls.model_client import ModelClient
from chatspace.core.calls.step_client import StepClient
from chatspace.core.chat.conversation import Message, MessageStatus
from chatspace.core.chat.openings import Opening, OpeningState, Proposal, as_markdown
from chatspace.core.chat.stores import History
from chatspace.core.document import Source
from chatspace.core.errors import BudgetReached, ChatspaceError, ModelError, UsageError
from chatspace.core.events import CallStarted, DeltaReceived, Emit, Event, Warned
from chatspace.core.ports import Tools
from chatspace.core.profiles.options import Options
from chatspace.core.profiles.profile import Target
from chatspace.core.runs.plan import fallback_targets, for_step, recipe_variables
from chatspace.core.runs.run import CallRecord, RunStatus, Totals
from chatspace.core.text.tokens import estimate_turns
from chatspace.core.workspace.reply import StreamingReply, reply_to, run_uncancelled
from chatspace.core.workspace.stored_runs import RunStore

if TYPE_CHECKING:
    from chatspace.core.stages.story import StoryReply

DEFAULT_OPENINGS, MAX_OPENINGS = 3, 12
"""How many are asked for where nobody says, and at once."""

STEP: Final = "story"
DEFAULT_PROFILE = "storyteller"


class OpeningStore(Protocol):
    """The openings of stories, each with the reply it came with, with which it is deleted. Raises StoreError."""

    def add(self, run: str, message: int, proposals: Sequence[Proposal]) -> Sequence[Opening]:
        """Keep what came with a reply, numbered on from what its story has already."""
        ...

    def of_run(self, run: str) -> Sequence[Opening]:
        """All openings of a story, scrapped ones too, by number."""
        ...

    def mark(self, opening: int, state: OpeningState) -> Opening: ...

    def edit(self, opening: int, text: str) -> Opening: ...


@dataclass(frozen=True, slots=True)
class Story:
    """What openings are asked for: a source, kept with the run, others beside it, and what the user wants of them."""

    run: str
    source: Source
    options: Options
    tones: tuple[str, ...] = ()
    others: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """What one reply is asked for: so many openings in these tones; without tones the model takes its own."""

    count: int
    tones: tuple[str, ...] = ()


class Stories:
    """Asks for openings, keeps them, and what the editor does with them."""

    def __init__(self, tools: Tools, runs: RunStore, history: History, store: OpeningStore) -> None:
        self._tools = tools
        self._runs = runs
        self._history = history
        self._store = store
        self._noting = asyncio.Lock()

    def target(self, options: Options) -> Target:
        """Where the openings will come from. Raises ChatspaceError where the profile isn't for stories."""
        profile = for_step(self._tools.library.profile(options.profile or DEFAULT_PROFILE), STEP)
        return self._tools.targets.of(profile, STEP, options)

    async def begin(
        self, source: Source, options: Options, tones: Sequence[str] = (), others: Sequence[Source] = ()
    ) -> Story:
        """A story of this source, which is kept with it; the others are to go along with the message that asks.

        Raises ChatspaceError for a wrong profile.
        """
        await asyncio.to_thread(self.target, options)
        story = Story(uuid4().hex, source, options, tuple(tones), tuple(others))
        await run_uncancelled(self._runs.start, story.run, source)
        return story

    def shares(self, story: Story, count: int) -> list[Share]:
        """One reply for each tone, so that none waits for another.

        The embedded engine gets all tones at once: it can't tell what other replies have taken from the source.
        """
        tones = story.tones[:count]
        if len(tones) < 2 or self.target(story.options).offline:
            return [Share(count, story.tones)]
        each, more = divmod(count, len(tones))
        return [Share(each + (number < more), (tone,)) for number, tone in enumerate(tones)]

    def reopened(self, message: Message, options: Options) -> Story:
        """The story that a stored reply belongs to, continued by the model that wrote it. To be called from a thread.

        Raises UsageError where its source isn't there any more.
        """
        record = self._runs.get(message.run) if message.run else None
        source = self._runs.source(record.source.id) if record else None
        if message.run is None or source is None:
            raise UsageError("The source of these openings is no longer in the history")
        tones = dict.fromkeys(each.tone for each in self.openings(message) if each.tone)
        replies = self._history.messages.all(message.conversation)
        asked = {reply.parent for reply in replies if reply.run == message.run and reply.parent}
        attached = {
            each.id: each for many in self._history.attachments.of_messages(list(asked)).values() for each in many
        }
        others = tuple(each for each in attached.values() if each.id != source.id)
        profile, model = self._tools.targets.like(message, STEP, local=options.local)
        options = replace(options, profile=profile, model=model)
        return Story(message.run, source, options, tuple(tones), others)

    def openings(self, message: Message) -> Sequence[Opening]:
        """All openings of the story that a message belongs to.

        Those of a reply that the program's end cut short are read from what had come of it.
        """
        if message.run is None:
            return ()
        kept = self._store.of_run(message.run)
        known = {each.message for each in kept}
        for reply in self._history.messages.all(message.conversation):
            left = reply.run == message.run and reply.status == "interrupted" and reply.id not in known
            if left and reply.text.strip():
                from chatspace.core.stages.story import parse_reply

                kept = [
                    *kept,
                    *self._store.add(message.run, reply.id, parse_reply(reply.text, whole=False)[0]),
                ]
        return kept

    def mark(self, opening: Opening, state: OpeningState) -> Opening:
        return self._store.mark(opening.id, state)

    def edit(self, opening: Opening, text: str) -> Opening:
        return self._store.edit(opening.id, text)

    def join(self, story: Story, merged: Sequence[Opening]) -> Opening:
        """One opening made of several, paragraph by paragraph, to be edited; the others go to the scrap list."""
        tone = " + ".join(dict.fromkeys(each.tone for each in merged if each.tone))
        text = "\n\n".join(each.text for each in merged)
        (made,) = self._store.add(story.run, merged[0].message, [Proposal(tone, text)])
        for each in merged:
            self.mark(each, "merged")
        return self.mark(made, "starred")

    async def tell(
        self, story: Story, message: Message, share: Share, emit: Emit, *, said: Sequence[Opening] = ()
    ) -> Sequence[Opening]:
        """One reply of openings to a stored message; `said` are those that they must differ from.

        What a story of the same source that a budget ended has paid for is used. Raises ChatspaceError, after the reply
        is stored.
        """
        offline = (await asyncio.to_thread(self.target, story.options)).offline
        # The engine has no memory: it is asked for those that it gave before too, and they are dropped.
        count = min(share.count + len(said), MAX_OPENINGS) if offline else share.count
        wish = f"Write {count} more, each with another way in than these. Reply with one JSON object as before."
        turns = () if offline or not said else (_shown(said), Turn("user", wish))
        known = frozenset(each.text for each in said)
        share = replace(share, count=count)
        return await self._ask(story, message, share, turns, emit, known=known)

    async def merge(self, story: Story, message: Message, merged: Sequence[Opening], emit: Emit) -> Sequence[Opening]:
        """One opening that the model makes of several, which then go to the scrap list. Raises ModelError."""
        tones = tuple(dict.fromkeys(each.tone for each in merged if each.tone))
        wish = (
            "Merge these into one opening that keeps the best sentences of each, as they are where that is possible,"
            " and reads as one. Add nothing. Reply with one JSON object as before, with one opening."
        )
        share = Share(1, (" and ".join(tones),) if tones else ())
        made = await self._ask(story, message, share, (_shown(merged), Turn("user", wish)), emit)
        for each in merged:
            await run_uncancelled(self.mark, each, "merged")
        return made

    async def _ask(
        self,
        story: Story,
        message: Message,
        share: Share,
        further: Sequence[Turn],
        emit: Emit,
        *,
        known: frozenset[str] = frozenset(),
    ) -> Sequence[Opening]:
        """The openings of one reply, without those whose text is known. Raises ChatspaceError."""

        target = await asyncio.to_thread(self.target, story.options)
        left = {} if story.options.fresh else await asyncio.to_thread(self._runs.reusable_calls, story.source.id)
        attempts: list[str] = []

        def kept(reply: StreamingReply) -> str:
            return as_markdown(_read(attempts))

        async with reply_to(message, STEP, target, self._history, emit, run=story.run, kept=kept) as reply:

            def take(event: Event) -> None:
                if isinstance(event, CallStarted):
                    attempts.append("")  # a second try begins from nothing
                elif isinstance(event, DeltaReceived):
                    attempts[-1] += "" if event.reasoning else event.text
                reply.take(event)

            client = ModelClient(
                self._tools, take, story.run, reply.message.id, cached=left, budget=story.options.budget
            )
            try:
                told = await self._told(story, target, share, further, client)
                proposals = tuple(each for each in told.openings if each.text not in known)
                if not proposals:
                    raise _nothing_new() if told.openings else _unreadable(target, told.problem)
            except ChatspaceError as error:
                attempts.clear()
                await self._note(story, client.calls, "over_budget" if isinstance(error, BudgetReached) else "complete")
                raise
            except BaseException:  # stopped, or a listener broke: what came is kept either way
                await self._keep(story, reply, "stopped", _read(attempts))
                raise
            status: MessageStatus = "complete" if told.said.whole else "truncated"
            problem = told.problem or _missing(share, proposals) if told.said.whole else told.said.call.error or ""
            return await self._keep(story, reply, status, proposals, problem)

    async def _told(
        self, story: Story, target: Target, share: Share, further: Sequence[Turn], client: ModelClient
    ) -> StoryReply:
        from chatspace.core.stages import story as stage
        from chatspace.core.workspace.source_payload import source_payload

        fallbacks = await asyncio.to_thread(fallback_targets, target, STEP, story.options, self._tools)
        asker = StepClient(STEP, target, fallbacks, recipe_variables(story.options, story.options.channel), client)
        room = await asker.room(openings=share.count, tone=list(share.tones))
        if room is not None:
            room -= estimate_turns(turn.content for turn in further)
        shown, sound = await asyncio.to_thread(source_payload, [story.source, *story.others], self._tools, room)
        if not sound:
            client.emit(Warned("The structure of a source can't be trusted; its plain text is used."))
        return await stage.write([Turn("user", shown), *further], asker, count=share.count, tones=share.tones)

    async def _keep(
        self,
        story: Story,
        reply: StreamingReply,
        status: MessageStatus,
        proposals: Sequence[Proposal],
        problem: str = "",
    ) -> Sequence[Opening]:
        stored = await reply.finish(status, as_markdown(proposals), problem or None)
        kept = await run_uncancelled(self._store.add, story.run, stored.id, proposals)
        await self._note(story, reply.calls)
        return kept

    async def _note(self, story: Story, made: Sequence[Call], status: RunStatus = "complete") -> None:
        """The run's record with further calls; replies of one story end side by side, and a budget ends them all."""
        async with self._noting:
            record = await asyncio.to_thread(self._runs.get, story.run)
            if record is None:
                return  # its conversation was deleted meanwhile
            known = {call.id for call in record.calls}
            calls = (*record.calls, *(CallRecord.of(call) for call in made if call.id not in known))
            fuller = replace(
                record,
                status="over_budget" if record.status == "over_budget" else status,
                pipeline=STEP,
                channel=story.options.channel,
                sla=story.options.sla,
                calls=calls,
                elapsed_ms=max((call.elapsed_ms for call in calls), default=0),
                totals=Totals.of(calls),
            )
            await run_uncancelled(self._runs.finish, fuller)


def _read(attempts: Sequence[str]) -> Sequence[Proposal]:
    """The openings of the attempt that came furthest."""
    from chatspace.core.stages.story import parse_reply

    return max((parse_reply(text, whole=False)[0] for text in attempts), key=len, default=())


def _shown(said: Sequence[Opening]) -> Turn:
    """Openings in the form in which the model writes them."""
    listed = [{"tone": each.tone, "text": each.text} for each in said]
    return Turn("assistant", json.dumps({"openings": listed}, ensure_ascii=False))


def _missing(share: Share, proposals: Sequence[Proposal]) -> str:
    return "" if len(proposals) >= share.count else f"{len(proposals)} of {share.count} openings received"


def _unreadable(target: Target, problem: str) -> ModelError:
    return ModelError(
        f"{target.model} returned no readable opening",
        problem,
        "Press r to try again, or choose another model with --model.",
        kind="bad_request",
    )


def _nothing_new() -> ModelError:
    return ModelError(
        "No new openings received",
        "every opening already exists",
        "Choose other tones, or another source.",
        kind="bad_request",
    )
