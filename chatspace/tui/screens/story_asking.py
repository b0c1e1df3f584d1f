"""What the screen of a story asks for: openings of a source, more of them, several made one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from textual import on, work
from textual.widgets import Static

from chatspace.core.chat.conversation import Message
from chatspace.core.chat.openings import Opening
from chatspace.core.document import Source
from chatspace.core.errors import ChatspaceError, UsageError
from chatspace.core.events import CallStarted, Emit, ReplyStarted, Warned
from chatspace.core.profiles.options import Options
from chatspace.core.workspace.stories import DEFAULT_OPENINGS, MAX_OPENINGS, STEP, Share
from chatspace.tui.command_runner import CommandRunner
from chatspace.tui.jobs import JobEnded, JobHappened
from chatspace.tui.screens.model_dialog import choose_model
from chatspace.tui.screens.story_board import StoryBoard

OWN_OPTIONS = ("openings", "tones")
NOTHING = """\
[b]Openings for a story[/b]

[b]/story brief.md[/b]                        three openings, each in a tone of its own
[b]/story brief.md --tones plain,warm[/b]     in the tones that you name
[b]/story brief.md --openings 6[/b]           so many

{offer}"""
OFFER = "[b]+[/b]   asks for three from the last message, {words} words"


class StoryAsking(StoryBoard):
    """Asks, and shows what comes of it."""

    @work
    async def _begin(self) -> None:
        if self.typed.text or self.typed.options or self.standing.sources:
            await self._ask_anew()
            return
        if told := self.standing.reply_of(STEP):
            self._came_from = told
            self._story = await self.in_thread(self.workspace.stories.reopened, told, self.standing.options)
            await self._load()
        self._offer()

    def _offer(self) -> None:
        """What can be done where there are no openings yet."""
        last = next((message for message in reversed(self.standing.thread) if message.text.strip()), None)
        offer = OFFER.format(words=f"{len(last.text.split()):,}") if last and not self._story else ""
        self.query_one("#story-nothing", Static).update(NOTHING.format(offer=offer))

    async def _ask_anew(self) -> None:
        """A new story of what was typed, or of the last message."""
        try:
            count, tones, options = wanted(self.typed.options, self.standing.options)
            if self._chosen:
                options = replace(options, profile=self._chosen.profile, model=self._chosen.model)
            attached = self.standing.sources
            if attached and not self.typed.text:
                source = attached[0]
            else:
                work_ = CommandRunner(self.workspace)
                source = await asyncio.to_thread(work_.source, self.typed, self.standing.thread)
            others = [each for each in attached if each.id != source.id]
            self._story = await self.workspace.stories.begin(source, options, tones, others)
            shares = await asyncio.to_thread(self.workspace.stories.shares, self._story, count)
        except ChatspaceError as error:
            self.complain(error)
            self._offer()
            return
        options_said = " ".join(f"--{name} {value}" for name, value in self.typed.options.items())
        line = " ".join(part for part in ("/story", self.typed.text or source.name, options_said) if part)
        await self._ask(line, shares, sources=self._story.others)
        if attached and self._stored:  # they went along
            await self.in_thread(self.workspace.history.prompts.save, self.standing.conversation, "")

    async def _ask(
        self, line: str, shares: Sequence[Share], said: Sequence[Opening] = (), sources: Sequence[Source] = ()
    ) -> None:
        """Store what was asked for, then one job for each reply."""
        message = await self._store(line, sources)
        if message is None or self._story is None:
            return
        for share in shares:
            self._start(partial(self.workspace.stories.tell, self._story, message, share, said=said), share)
        self._show_state()

    async def _store(self, line: str, sources: Sequence[Source] = ()) -> Message | None:
        try:
            store = self.workspace.conversations.store
            message = await store(line, conversation=self._conversation, step=STEP, sources=sources)
        except ChatspaceError as error:
            self.complain(error)
            return None
        self._conversation, self._stored = message.conversation, True
        return message

    def _start(self, tell: Callable[[Emit], Awaitable[object]], share: Share) -> None:
        job = self.jobs.start(self._conversation, tell, self)
        self._writing[job] = 0
        self._asked[job] = share

    @on(JobHappened)
    def _job_happened(self, message: JobHappened) -> None:
        match message.event:
            case ReplyStarted(reply):
                self._came_from = self._came_from or reply
            case CallStarted():
                self._writing[message.job] = len(message.job.live.text)  # a second try begins anew
            case Warned(text):
                self.notify(text, severity="warning")

    @on(JobEnded)
    @work(group="ended")
    async def _job_ended(self, message: JobEnded) -> None:
        self._writing.pop(message.job, None)
        share = self._asked.pop(message.job, None)
        reply = message.job.reply
        if message.error:
            self.complain(message.error)
            self._failed += [share] if share and share.count else []
        elif reply and reply.error:
            self.notify(reply.error, severity="warning")
        self._came_from = reply or self._came_from
        await self._load()
        if not self._rows:
            self._offer()

    def action_edit(self) -> None:
        """Edit the opening under the cursor."""
        raise NotImplementedError

    # Asking for more

    @work(exclusive=True, group="model")
    async def action_choose_model(self) -> None:
        """The profile or model that tells the next openings."""
        options = self._story.options if self._story else replace(self.standing.options, profile=None, model=None)
        target = await self.in_thread(self.workspace.stories.target, options)
        if target is None:
            return
        chosen = await choose_model(self.app, self.workspace, STEP, options, target.profile.name)
        told = await self.in_thread(self.workspace.stories.target, chosen) if chosen else None
        if chosen and told:
            self._chosen = chosen
            if self._story:
                self._story = replace(self._story, options=chosen)
            said = f"The next openings come from {told.profile.name} · {told.model} → {told.host}"
            self.notify(said)

    @property
    def _starred(self) -> list[Opening]:
        return [row.opening for row in self._rows if row.opening.state == "starred"]

    @work(exclusive=True, group="merge")
    async def action_merge(self) -> None:
        """By the model; the embedded engine has none, so there they are joined to be edited."""
        merged, story = self._starred, self._story
        if story is None or self._writing:
            return
        target = await self.in_thread(self.workspace.stories.target, story.options)
        if target is None:
            return
        numbers = " and ".join(str(each.number) for each in merged)
        if target.offline:
            made = await self.in_thread(self.workspace.stories.join, story, merged)
            if made:
                self.can_undo(f"Openings {numbers} merged", [*merged, replace(made, state="scrapped")])
                await self._load(made.number)
                self.action_edit()
            return
        message = await self._store(f"Merge the openings {numbers}")
        if message:
            self._start(partial(self.workspace.stories.merge, story, message, merged), Share(0))
            self._show_state()

    @work(exclusive=True, group="more")
    async def action_more(self) -> None:
        """As many again in the same tones, other than these; where there is nothing yet, from the last message."""
        if self._writing:
            return
        if self._story is None:
            if any(message.text.strip() for message in self.standing.thread):
                await self._ask_anew()
            return
        said = [row.opening for row in self._rows]
        count = min(max(DEFAULT_OPENINGS, len(self._story.tones)), MAX_OPENINGS)
        try:
            shares = await asyncio.to_thread(self.workspace.stories.shares, self._story, count)
        except ChatspaceError as error:
            self.complain(error)
            return
        tones = f" in the tones {', '.join(self._story.tones)}" if self._story.tones else ""
        await self._ask(f"{count} more openings{tones}", shares, said)

    @work(exclusive=True, group="more")
    async def action_retry(self) -> None:
        shares, self._failed = self._failed, []
        await self._ask("Once more", shares, [row.opening for row in self._rows])


def wanted(typed: Mapping[str, str | int], standing: Options) -> tuple[int, list[str], Options]:
    """How many openings, in which tones, and the options of the call. Raises UsageError."""
    count = str(typed.get("openings", ""))
    tones = [" ".join(tone.split()) for tone in str(typed.get("tones", "")).split(",") if tone.strip()]
    if count and not (count.isdecimal() and 1 <= int(count) <= MAX_OPENINGS):
        raise UsageError(f"--openings is {count}", f"it must be a number from 1 to {MAX_OPENINGS}")
    others = {name: value for name, value in typed.items() if name not in OWN_OPTIONS}
    fixed: dict[str, Any] = {"profile": None, "model": None, **others}
    return int(count or max(DEFAULT_OPENINGS, len(tones))), tones, replace(standing, **fixed)
