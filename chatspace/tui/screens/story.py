"""Stories: openings side by side, with a tone table that no model made; star, discard, merge, go on from one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from textual import on, work
from textual.binding import Binding
from textual.widgets import Static

from chatspace.core.conversation import Message
from chatspace.core.errors import ChatspaceError, UsageProblem
from chatspace.core.events import CallStarted, Emit, ReplyStarted, Warned
from chatspace.core.openings import Opening, OpeningState
from chatspace.core.plan import Options
from chatspace.core.text.safe import for_screen
from chatspace.core.text.tone_table import MEASURES
from chatspace.core.workspace.stories import DEFAULT_OPENINGS, MOST_OPENINGS, STEP, Share
from chatspace.tui.jobs import JobEnded, JobHappened
from chatspace.tui.places import PLACES, Onward
from chatspace.tui.screens.story_board import StoryBoard
from chatspace.tui.slash_work import SlashWork
from chatspace.tui.widgets.opening_cards import OpeningCards
from chatspace.tui.widgets.text_editor import TextEditor
from chatspace.tui.yanking import yank

OWN_OPTIONS = ("openings", "tones")
NOTHING = """\
[b]Openings for a story[/b]

[b]/story brief.md[/b]                        three openings, each in a tone of its own
[b]/story brief.md --tones plain,warm[/b]     in the tones that you name
[b]/story brief.md --openings 6[/b]           so many

{offer}"""
OFFER = "[b]+[/b]   asks for three from the last message, {words} words"


class StoryScreen(StoryBoard):
    """The openings of one story. What is discarded stays on its scrap list."""

    HELP = """\
Openings side by side, and below them what can be counted of their tone, each bar against the highest of the set.
The bars are no marks: nothing is better for being longer.
up and down (j, k) choose an opening, left and right (h, l) a column; o sorts by it, and again the other way.
≈ says nearly the same as another, ? holds facts that no source bears out, … was cut off.
s stars, x discards, tab shows the scrap list, u brings back. m merges those with a star.
e edits, v looks up the facts, y yanks, + asks for more in the same tones.
Enter goes on from the opening: it is put into your prompt, in the conversation it came from.
"""
    BINDINGS = [
        Binding("enter", "go_on", "go on", id="story.go_on"),
        Binding("s,asterisk", "star", "star", id="story.star"),
        Binding("x", "discard", "discard", id="story.discard"),
        Binding("u", "bring_back", "bring back", id="story.bring_back", show=False),
        Binding("tab,X", "scraps", "scrap list", id="story.scraps"),
        Binding("m", "merge", "merge", id="story.merge"),
        Binding("plus", "more", "more", id="story.more"),
        Binding("e", "edit", "edit", id="story.edit"),
        Binding("o", "sort", "sort", id="story.sort"),
        Binding("left,h", "column(-1)", "column left", id="story.column_left", show=False),
        Binding("right,l", "column(1)", "column right", id="story.column_right", show=False),
        Binding("v", "facts", "facts", id="story.facts"),
        Binding("y", "yank", "yank", id="story.yank"),
        Binding("d", "desk", "to the desk", id="story.desk", show=False),
        Binding("r", "retry", "try again", id="story.retry", show=False),
        Binding("pageup", "scroll_card(-1)", "card up", id="story.card_up", show=False),
        Binding("pagedown", "scroll_card(1)", "card down", id="story.card_down", show=False),
    ]

    def on_mount(self) -> None:
        self._show_rows([])
        self.set_focus(self._list)
        self.set_interval(0.3, self._show_writing)
        self._begin()

    # Where the openings come from

    @work
    async def _begin(self) -> None:
        if self.typed.text or self.typed.options:
            await self._ask_anew()
            return
        told = [message for message in (self.standing.chosen, *reversed(self.standing.thread)) if _is_story(message)]
        if told and told[0]:
            self._came_from = told[0]
            options = replace(self.standing.options, profile=told[0].profile, model=None)
            self._story = await self.in_thread(self.workspace.stories.reopened, told[0], options)
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
            work_ = SlashWork(self.workspace)
            source = await asyncio.to_thread(work_.source, self.typed, self.standing.thread)
            self._story = await self.workspace.stories.begin(source, options, tones)
            shares = await asyncio.to_thread(self.workspace.stories.shares, self._story, count)
        except ChatspaceError as error:
            self.complain(error)
            self._offer()
            return
        options_said = " ".join(f"--{name} {value}" for name, value in self.typed.options.items())
        line = " ".join(part for part in ("/story", self.typed.text or source.name, options_said) if part)
        await self._ask(line, shares)

    async def _ask(self, line: str, shares: Sequence[Share], said: Sequence[Opening] = ()) -> None:
        """Store what was asked for, then one job for each reply."""
        message = await self._store(line)
        if message is None or self._story is None:
            return
        for share in shares:
            self._start(partial(self.workspace.stories.tell, self._story, message, share, said=said), share)
        self._show_state()

    async def _store(self, line: str) -> Message | None:
        try:
            message = await self.workspace.conversations.store(line, conversation=self._conversation, step=STEP)
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
                self._writing[message.job] = len(message.job.text)  # a second try begins anew
            case Warned(text):
                self.notify(for_screen(text), severity="warning", markup=False)

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
            self.notify(for_screen(reply.error), severity="warning", markup=False)
        self._came_from = reply or self._came_from
        await self._load()
        if not self._rows:
            self._offer()

    # What the editor does

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a text is edited, its keys are its own; some keys need something to act on."""
        if self._editing is not None:
            return action in ("leave", "app.help")
        if action in ("go_on", "star", "edit", "facts", "yank", "sort", "desk"):
            return bool(self._ordered)
        if action == "discard":
            return bool(self._ordered) and not self._scrap_list
        if action == "scraps":
            return self._scrap_list or any(not row.opening.on_board for row in self._rows)
        if action == "merge":
            return len(self._starred) > 1
        return not (action == "retry" and not self._failed)

    @property
    def _starred(self) -> list[Opening]:
        return [row.opening for row in self._rows if row.opening.state == "starred"]

    @work(exclusive=True, group="mark")
    async def action_star(self) -> None:
        if row := self._current:
            state: OpeningState = "fresh" if row.opening.state == "starred" else "starred"
            await self.in_thread(self.workspace.stories.mark, row.opening, state)
            await self._load()

    @work(exclusive=True, group="mark")
    async def action_discard(self) -> None:
        if row := self._current:
            await self.in_thread(self.workspace.stories.mark, row.opening, "scrapped")
            await self._load()

    @work(exclusive=True, group="mark")
    async def action_bring_back(self) -> None:
        """The one under the cursor of the scrap list; from the board, the last of the list."""
        scraps = [row.opening for row in self._rows if not row.opening.on_board]
        chosen = self._current.opening if self._scrap_list and self._current else next(reversed(scraps), None)
        if chosen:
            await self.in_thread(self.workspace.stories.mark, chosen, "fresh")
            if len(scraps) == 1:
                self._scrap_list = False
            await self._load(chosen.number)

    def action_scraps(self) -> None:
        self._scrap_list = not self._scrap_list
        self._show()

    def action_column(self, step: int) -> None:
        chosen = min(max(0, self._view.chosen + step), len(MEASURES) - 1)
        self._view = replace(self._view, chosen=chosen)
        self._show()

    def action_sort(self) -> None:
        """By the chosen column: the highest first, then the lowest, then as they came."""
        view = self._view
        if view.sorted_by != view.chosen:
            self._view = replace(view, sorted_by=view.chosen, descending=True)
        elif view.descending:
            self._view = replace(view, descending=False)
        else:
            self._view = replace(view, sorted_by=None)
        self._show()

    @work(exclusive=True, group="merge")
    async def action_merge(self) -> None:
        """By the model; the embedded engine has none, so there they are joined to be edited."""
        merged, story = self._starred, self._story
        if story is None or self._writing:
            return
        target = await self.in_thread(self.workspace.stories.target, story.options)
        if target is None:
            return
        if target.offline:
            made = await self.in_thread(self.workspace.stories.join, story, merged)
            if made:
                await self._load(made.number)
                self.action_edit()
            return
        numbers = " and ".join(str(each.number) for each in merged)
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
        count = min(max(DEFAULT_OPENINGS, len(self._story.tones)), MOST_OPENINGS)
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

    def action_edit(self) -> None:
        if row := self._current:
            self._editing = row.opening
            editor = self.query_one(TextEditor)
            editor.begin(row.opening.text)
            self._show()
            self.set_focus(editor)

    @on(TextEditor.Left)
    @work(exclusive=True, group="mark")
    async def _edited(self, event: TextEditor.Left) -> None:
        opening, self._editing = self._editing, None
        self.set_focus(self._list)
        if opening and event.text.strip() and event.text != opening.text:
            await self.in_thread(self.workspace.stories.edit, opening, event.text.strip())
        await self._load()
        self._show()

    def action_facts(self) -> None:
        from chatspace.tui.screens.facts import Facts

        row = self._current
        if row and row.evidence is not None:
            self.app.push_screen(Facts(row.opening.text, row.evidence))
        elif row:
            self.notify("The facts are still being looked up.")

    @work
    async def action_yank(self) -> None:
        if row := self._current:
            await yank(self, self.workspace, row.opening.text, f"opening {row.opening.number}")

    def action_scroll_card(self, direction: int) -> None:
        if card := self.query_one(OpeningCards).current:
            card.scroll_page_down(animate=False) if direction > 0 else card.scroll_page_up(animate=False)

    # Going on

    def action_go_on(self) -> None:
        if row := self._current:
            self._leave_with(f"Go on from this opening:\n\n{row.opening.text}", row.opening)

    def action_desk(self) -> None:
        """The opening on the desk, where there is one."""
        row = self._current
        if row and "desk" in PLACES:
            self._leave_with(f"/desk\n{row.opening.text}", row.opening)

    def _leave_with(self, prompt: str, opening: Opening) -> None:
        if self._writing:
            self.notify("A reply is still on the way. esc stops it and keeps what came.")
            return
        self.dismiss(Onward(self._conversation, opening.message or None, prompt))

    def action_leave(self) -> None:
        """Leave the editor, stop what is being written, leave the scrap list, and then the place."""
        if self._editing is not None:
            self.query_one(TextEditor).leave()
        elif self._writing:
            for job in self._writing:
                self.jobs.stop(job)
        elif self._scrap_list:
            self.action_scraps()
        else:
            self.dismiss(Onward(self._conversation) if self._stored else None)


def wanted(typed: Mapping[str, str | int], standing: Options) -> tuple[int, list[str], Options]:
    """How many openings, in which tones, and the options of the call. Raises UsageProblem."""
    count = str(typed.get("openings", ""))
    tones = [" ".join(tone.split()) for tone in str(typed.get("tones", "")).split(",") if tone.strip()]
    if count and not (count.isdecimal() and 1 <= int(count) <= MOST_OPENINGS):
        raise UsageProblem(f"--openings is {count}", f"it must be a number from 1 to {MOST_OPENINGS}")
    others = {name: value for name, value in typed.items() if name not in OWN_OPTIONS}
    fixed: dict[str, Any] = {"profile": None, "model": None, **others}
    return int(count or max(DEFAULT_OPENINGS, len(tones))), tones, replace(standing, **fixed)


def _is_story(message: Message | None) -> bool:
    return bool(message and message.step == STEP and message.role == "assistant" and message.run)
