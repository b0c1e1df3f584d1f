"""One story, without its screen: its openings, the replies that are on their way, and what the editor does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from chatspace.core.chat.openings import Opening
from chatspace.core.chat.openings_table import OpeningRow, joined, openings_table, with_evidence
from chatspace.core.errors import ChatspaceError, UsageError
from chatspace.core.events import CallStarted, Emit, Event, ReplyStarted, Warned
from chatspace.core.profiles.options import Options
from chatspace.core.stages.story import parse_reply
from chatspace.core.workspace.stories import DEFAULT_OPENINGS, MAX_OPENINGS, STEP, Share, Story
from chatspace.tui.command_runner import CommandRunner
from chatspace.tui.navigation import ScreenContext, ScreenResult
from chatspace.tui.sessions.changed import Changed, Listener, attempt
from chatspace.tui.sessions.marks import Markable, Marks

if TYPE_CHECKING:
    from textual.message_pump import MessagePump

    from chatspace.core.chat.conversation import Message
    from chatspace.core.document import Source
    from chatspace.core.profiles.profile import Target
    from chatspace.tui.commands import ParsedCommand
    from chatspace.tui.jobs import Job, Jobs
    from chatspace.wiring import Workspace

OWN_OPTIONS = ("openings", "tones")


class StorySession:
    """The openings of one story. `reply` is one of its replies, `failed` what `retry` asks for again.

    Its jobs report to the `owner`, who passes it on to `take` and `ended`.
    """

    def __init__(
        self,
        workspace: Workspace,
        jobs: Jobs,
        owner: MessagePump,
        context: ScreenContext,
        typed: ParsedCommand,
        listener: Listener,
    ) -> None:
        self._workspace = workspace
        self._context = context
        self._typed = typed
        self._listener = listener
        self._conversation = context.conversation
        self._stored = False
        self._chosen: Options | None = None
        self._loading = asyncio.Lock()
        self.story: Story | None = None
        self.reply: Message | None = None
        self.rows: list[OpeningRow] = []
        self.replies = RepliesOnTheirWay(jobs, owner)
        self.failed: list[Share] = []
        stories = workspace.stories
        self.marks = Marks(
            Markable(
                scraps=lambda: [row.opening for row in self.rows if not row.opening.on_board],
                name=lambda opening: f"Opening {opening.number}",
                is_starred=lambda opening: opening.state == "starred",
                mark=stories.mark,
                restore=lambda opening: stories.mark(opening, opening.state),
                load=lambda opening: self.load(opening.number if opening else None),
            ),
            listener,
        )

    # Asking

    async def begin(self) -> None:
        """A new story where the command names a source, a wish or something attached, else the one opened before."""
        if self._typed.text or self._typed.options or self._context.sources:
            await self._ask_for_source()
        elif reply := self._context.reply_of(STEP):
            self.reply = reply
            self.story = await attempt(
                self._listener, asyncio.to_thread(self._workspace.stories.reopened, reply, self._context.options)
            )
            await self.load()
        self._listener(Changed())

    async def _ask_for_source(self) -> None:
        """A new story of what was typed, of what is attached, or of the last message."""
        typed, attached, stories = self._typed, self._context.sources, self._workspace.stories
        try:
            count, tones, options = wanted(typed.options, self._context.options)
            if self._chosen:
                options = replace(options, profile=self._chosen.profile, model=self._chosen.model)
            if attached and not typed.text:
                source = attached[0]
            else:
                runner = CommandRunner(self._workspace)
                source = await asyncio.to_thread(runner.source, typed, self._context.thread)
            others = [each for each in attached if each.id != source.id]
            self.story = await stories.begin(source, options, tones, others)
            shares = await asyncio.to_thread(stories.shares, self.story, count)
        except ChatspaceError as error:
            self._listener(Changed(error=error))
            return
        options_said = " ".join(f"--{name} {value}" for name, value in typed.options.items())
        line = " ".join(part for part in ("/story", typed.text or source.name, options_said) if part)
        await self._ask(line, shares, sources=self.story.others)
        if attached and self._stored:  # they went along
            self._workspace.prompt_drafts.save(self._context.conversation, "")

    async def _ask(
        self, line: str, shares: Sequence[Share], said: Sequence[Opening] = (), sources: Sequence[Source] = ()
    ) -> None:
        """Store what was asked for, then one job for each reply."""
        message = await self._store(line, sources)
        if message is None or self.story is None:
            return
        for share in shares:
            tell = partial(self._workspace.stories.tell, self.story, message, share, said=said)
            self.replies.start(self._conversation, tell, share)
        self._listener(Changed())

    async def _store(self, line: str, sources: Sequence[Source] = ()) -> Message | None:
        try:
            store = self._workspace.conversations.store
            message = await store(line, conversation=self._conversation, step=STEP, sources=sources)
        except ChatspaceError as error:
            self._listener(Changed(error=error))
            return None
        self._conversation, self._stored = message.conversation, True
        return message

    async def more(self) -> None:
        """As many again in the same tones, other than these; where there is nothing yet, from the last message."""
        if self.replies:
            return
        if self.story is None:
            if self.last_message:
                await self._ask_for_source()
            return
        count = min(max(DEFAULT_OPENINGS, len(self.story.tones)), MAX_OPENINGS)
        shares = await attempt(self._listener, asyncio.to_thread(self._workspace.stories.shares, self.story, count))
        if shares is not None:
            tones = f" in the tones {', '.join(self.story.tones)}" if self.story.tones else ""
            await self._ask(f"{count} more openings{tones}", shares, [row.opening for row in self.rows])

    async def retry(self) -> None:
        """Ask once more for what failed."""
        shares, self.failed = self.failed, []
        await self._ask("Once more", shares, [row.opening for row in self.rows])

    async def merge(self) -> Opening | None:
        """Those with a star, by the model; the embedded engine only joins them, and gives the one to be edited."""
        merged, story, stories = self.starred, self.story, self._workspace.stories
        if story is None or self.replies or len(merged) < 2:
            return None
        target = await self.target(story.options)
        if target is None:
            return None
        numbers = " and ".join(str(each.number) for each in merged)
        if target.offline:
            made = await attempt(self._listener, asyncio.to_thread(stories.join, story, merged))
            if made:
                await self.load(made.number)
                undo = self.marks.undo(f"Openings {numbers} merged", [*merged, replace(made, state="scrapped")])
                self._listener(Changed(undo=undo))
            return made
        message = await self._store(f"Merge the openings {numbers}")
        if message:
            self.replies.start(self._conversation, partial(stories.merge, story, message, merged), Share(0))
            self._listener(Changed())
        return None

    # Who answers

    @property
    def options(self) -> Options:
        """Those of the next openings."""
        if self.story:
            return self.story.options
        return self._chosen or replace(self._context.options, profile=None, model=None)

    async def target(self, options: Options) -> Target | None:
        return await attempt(self._listener, asyncio.to_thread(self._workspace.stories.target, options))

    async def choose(self, options: Options) -> None:
        """Let the next openings come from the profile or model of these options."""
        target = await self.target(options)
        if target is None:
            return
        self._chosen = options
        if self.story:
            self.story = replace(self.story, options=options)
        said = f"The next openings come from {target.profile.name} · {target.model} → {target.host}"
        self._listener(Changed(notice=said))

    # What the jobs report

    def take(self, job: Job, event: Event) -> None:
        match event:
            case ReplyStarted(reply):
                self.reply = self.reply or reply
            case CallStarted():
                self.replies.begin_again(job)
            case Warned(text):
                self._listener(Changed(notice=text, severity="warning"))

    async def ended(self, job: Job, error: ChatspaceError | None) -> None:
        share = self.replies.end(job)
        if error and share and share.count:
            self.failed.append(share)
        self.reply = job.reply or self.reply
        problem = job.reply.error if job.reply and not error else None
        await self._read()
        self._listener(Changed(notice=problem or "", severity="warning", error=error))
        await self._look_up_facts()

    # The openings

    async def load(self, at: int | None = None) -> None:
        """Read the openings, count their tone, then look up their facts."""
        await self._read()
        self._listener(Changed(at=at))
        await self._look_up_facts()

    async def _read(self) -> None:
        if self.reply is None:
            return
        async with self._loading:
            openings = await attempt(self._listener, asyncio.to_thread(self._workspace.stories.openings, self.reply))
            if openings is not None:
                self.rows = await asyncio.to_thread(openings_table, openings)

    async def _look_up_facts(self) -> None:
        rows = self.rows
        if not rows or self.story is None:
            return
        found = await attempt(
            self._listener, asyncio.to_thread(self._workspace.grounding.check, joined(rows), self.story.run)
        )
        if found is not None and [row.opening for row in rows] == [row.opening for row in self.rows]:
            self.rows = with_evidence(rows, found)
            self._listener(Changed())

    async def edit(self, opening: Opening, text: str) -> None:
        if text.strip() and text != opening.text:
            await attempt(self._listener, asyncio.to_thread(self._workspace.stories.edit, opening, text.strip()))
        await self.load()

    @property
    def in_sight(self) -> list[OpeningRow]:
        """Those of the board or of the scrap list."""
        return [row for row in self.rows if row.opening.on_board != self.marks.scraps_shown]

    @property
    def coming(self) -> list[OpeningRow]:
        """What has come of the replies that are on their way, numbered on; none of it is scrapped yet."""
        if self.marks.scraps_shown:
            return []
        last = max((row.opening.number for row in self.rows), default=0)
        growing = [each for text in self.replies.texts if "text" in text for each in parse_reply(text, whole=False)[0]]
        return [
            OpeningRow(Opening(0, 0, last + number, "fresh", each.tone, each.text), ())
            for number, each in enumerate(growing, start=1)
        ]

    @property
    def starred(self) -> list[Opening]:
        return [row.opening for row in self.rows if row.opening.state == "starred"]

    @property
    def last_message(self) -> Message | None:
        """What a story is told of where nothing else is named."""
        return next((message for message in reversed(self._context.thread) if message.text.strip()), None)

    # Going on

    def go_on(self, opening: Opening, *, to_desk: bool = False) -> ScreenResult | None:
        """An opening in the prompt of its conversation; None while a reply is on its way."""
        if self.replies:
            self._listener(Changed(notice="A reply is still coming in. esc stops it and keeps the text so far."))
            return None
        prompt = f"/desk\n{opening.text}" if to_desk else f"Continue from this opening:\n\n{opening.text}"
        return ScreenResult(self._conversation, opening.message or None, prompt)

    @property
    def left(self) -> ScreenResult | None:
        """Where it goes on when the story is left: its conversation, if something was asked for."""
        return ScreenResult(self._conversation) if self._stored else None


class RepliesOnTheirWay:
    """The jobs that write openings, each with what it was asked for and where its last attempt begins in its text."""

    def __init__(self, jobs: Jobs, owner: MessagePump) -> None:
        self._jobs = jobs
        self._owner = owner
        self._asked: dict[Job, Share] = {}
        self._begin: dict[Job, int] = {}

    def __len__(self) -> int:
        return len(self._asked)

    def start(self, conversation: int | None, tell: Callable[[Emit], Awaitable[object]], share: Share) -> None:
        job = self._jobs.start(conversation, tell, self._owner)
        self._asked[job], self._begin[job] = share, 0

    def begin_again(self, job: Job) -> None:
        """What comes from now on is another attempt."""
        if job in self._asked:
            self._begin[job] = len(job.live.text)

    def end(self, job: Job) -> Share | None:
        self._begin.pop(job, None)
        return self._asked.pop(job, None)

    def stop(self) -> None:
        """What has come is kept."""
        for job in self._asked:
            self._jobs.stop(job)

    @property
    def texts(self) -> list[str]:
        return [job.live.text[begin:] for job, begin in self._begin.items()]


def wanted(typed: Mapping[str, str | int], standing: Options) -> tuple[int, list[str], Options]:
    """How many openings, in which tones, and the options of the call. Raises UsageError."""
    count = str(typed.get("openings", ""))
    tones = [" ".join(tone.split()) for tone in str(typed.get("tones", "")).split(",") if tone.strip()]
    if count and not (count.isdecimal() and 1 <= int(count) <= MAX_OPENINGS):
        raise UsageError(f"--openings is {count}", f"it must be a number from 1 to {MAX_OPENINGS}")
    others = {name: value for name, value in typed.items() if name not in OWN_OPTIONS}
    fixed: dict[str, Any] = {"profile": None, "model": None, **others}
    return int(count or max(DEFAULT_OPENINGS, len(tones))), tones, replace(standing, **fixed)
