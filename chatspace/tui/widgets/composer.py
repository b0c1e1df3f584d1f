"""The composer: the prompt with the sources that go along, and the list of what can follow what is typed."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import AwaitMount, Widget
from textual.widgets import Static, TextArea

from chatspace.core.text.display import count
from chatspace.core.text.safe import for_screen
from chatspace.tui.command_runner import TAKES_SOURCES
from chatspace.tui.messages import PromptPaused, Submitted
from chatspace.tui.paths import dropped, mentioned, quoted, readable
from chatspace.tui.prompt_history import FormerPrompts
from chatspace.tui.undo import Done, Gone, Undoable
from chatspace.tui.widgets.attachment_rows import AttachmentRows, Held, absolute
from chatspace.tui.widgets.blocking_calls import BlockingCalls
from chatspace.tui.widgets.completions import Completions
from chatspace.tui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import UnsentPrompt
    from chatspace.core.document import Source
    from chatspace.wiring import Workspace

ATTACH = "/attach"


class Composer(Vertical, BlockingCalls):
    """Holds what the next message consists of.

    `here` tells which conversation it is for; without `commands` none but /attach is offered.
    """

    def __init__(
        self, workspace: Workspace, here: Callable[[], int | None], id: str | None = None, *, commands: bool = True
    ) -> None:
        super().__init__(id=id)
        self._workspace = workspace
        self._sending = False
        self.prompt = Prompt(id="prompt")
        self.rows = AttachmentRows(workspace, id="attached")
        """What goes along."""
        self._completions = Completions(self.prompt, id="completions", commands=commands)
        former = FormerPrompts(workspace, here, lambda error: self.app.call_from_thread(self.complain, error))
        self.prompt.former, self.prompt.instead = former.page, self._text_of_paste

    def compose(self) -> ComposeResult:
        with Horizontal(id="writing"):
            yield Static("›", id="caret")
            yield self.prompt

    def finish_mount(self) -> AwaitMount:
        """Add the lists, which show nothing before something is attached or typed: the first frame does without."""
        return self.mount(self.rows, self._completions, before="#writing")

    def on_resize(self) -> None:
        """A third of the screen each: what is longer scrolls."""
        third = max(3, self.app.size.height // 3)
        self.prompt.styles.max_height = self._completions.styles.max_height = third

    @property
    def parts(self) -> list[Widget]:
        """Those that can have the focus: the prompt, and what is attached where there is anything."""
        return [self.prompt, *([self.rows] if self.rows.display else [])]

    # What goes along

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources that go along, as far as they are read."""
        return self.rows.sources

    @property
    def paths(self) -> tuple[str, ...]:
        """The files of all that is attached, for the draft; mentions stand in the text."""
        return tuple(str(held.path) for held in self.rows.held if not held.mentioned)

    def take_sources(self) -> tuple[Source, ...]:
        """Those that go along; they are no longer here, and what was taken away doesn't come back."""
        sources = self.sources
        self.rows.hold(())
        self.prompt.detached = False
        self.app.post_message(Gone(frozenset((self,))))
        return sources

    def put(self, unsent: UnsentPrompt) -> None:
        """Show what was kept of a conversation."""
        self.prompt.put(unsent.text)
        self.take_sources()
        self.rows.attach(Path(path) for path in unsent.attached)
        self._attach_mentioned()

    @on(AttachmentRows.Changed)
    def _others_go_along(self) -> None:
        if self._sending and not self.rows.reading:
            self._sending = False
            self.post_message(Submitted(self.prompt.text))

    @on(AttachmentRows.Removed)
    def _removed(self, event: AttachmentRows.Removed) -> None:
        self._sending = False
        self.prompt.detached = True
        if not self.rows.held and self.rows.has_focus:
            self.screen.set_focus(self.prompt)
        self.post_message(PromptPaused(self.prompt.text))
        done = f"{for_screen(event.held.path.name)} taken away"
        of = frozenset((self, self.screen))
        self.app.post_message(Done(Undoable(done, partial(self._put_back, event.held, event.at), of)))

    async def _put_back(self, held: Held, at: int) -> None:
        self.prompt.detached = False
        self.rows.put_back(held, at)
        self.post_message(PromptPaused(self.prompt.text))

    @on(Prompt.Emptied)
    def _emptied(self) -> None:
        if self.rows.held:
            self.rows.take_away(self.rows.held[-1])

    @on(AttachmentRows.Left)
    def _left(self) -> None:
        self.screen.set_focus(self.prompt)

    @on(AttachmentRows.Opened)
    def _opened(self, event: AttachmentRows.Opened) -> None:
        if event.held.error:
            self.complain(event.held.error)
        elif event.held.attachment:
            from chatspace.tui.screens.attached import AttachedText

            self.app.push_screen(AttachedText(self._workspace, event.held.attachment, event.share))

    # Sending

    @on(Submitted)
    def _submitted(self, event: Submitted) -> None:
        """Let a message through once its sources are read; `/attach` is done here."""
        self._completions.close()
        command = event.text.split(maxsplit=1)[0]
        if command == ATTACH:
            event.stop()
            rest = event.text.removeprefix(ATTACH).strip()
            names = dropped(rest, readable) or _words(rest)
            if not names:
                self.notify(f"Name a file, as in {ATTACH} brief.md, or type @ and its name.", severity="error")
                return
            self.prompt.take()
            self.rows.attach(map(Path, names))
            self.post_message(PromptPaused(""))
        elif not command.startswith("/") or command[1:] in TAKES_SOURCES or "/" in command[1:]:
            self._attach_mentioned()
            unread = next((held for held in self.rows.held if held.error), None)
            if unread:
                event.stop()
                self.notify(
                    f"{unread.path.name} can't be sent. Remove it, then send. {unread.error}",
                    severity="error",
                    timeout=10,
                )
            elif self.rows.reading:
                event.stop()
                self._sending = True
                self.notify("It is sent as soon as its sources are read.")

    # Mentions and pastes

    @on(PromptPaused)
    @on(Completions.Taken)
    def _attach_mentioned(self) -> None:
        """The files that the text mentions go along; those that it mentions no more don't."""
        text = self.prompt.text
        names = [] if _is_other_command(text) else mentioned(text, readable)
        paths = [absolute(Path(name)) for name in names]
        kept = [held for held in self.rows.held if not held.mentioned or held.path in paths]
        if len(kept) < len(self.rows.held):
            self.rows.hold(kept)
        self.rows.attach(paths, mentioned=True)

    async def _text_of_paste(self, pasted: str) -> str:
        """Files go along, unless a command is being written or they are pasted once more; anything else is text."""
        paths = await asyncio.to_thread(dropped, pasted, readable)
        if not paths:
            return pasted
        if self.prompt.text.startswith("/"):
            return quoted(paths)
        there = {held.path for held in self.rows.held}
        if all(absolute(Path(path)) in there for path in paths):
            return pasted
        self.rows.attach(map(Path, paths))
        self.post_message(PromptPaused(self.prompt.text))
        told = "It goes" if len(paths) == 1 else f"{count(len(paths), 'file')} go"
        self.notify(f"{told} along with the message. Paste again for the path as text.")
        return ""

    # What can follow

    @on(TextArea.Changed)
    def _changed(self) -> None:
        self._sending = self.prompt.detached = False
        if self.prompt.typed:
            self._completions.offer()
        else:
            self._completions.close()

    @on(Prompt.Offered)
    def _offered(self, event: Prompt.Offered) -> None:
        self._completions.step(event.step)

    def step_back(self) -> bool:
        """What esc does here: close the list, or leave the sources; gives whether there was anything to do."""
        if self.rows.has_focus:
            self.screen.set_focus(self.prompt)
            return True
        return self._completions.step_back()

    # Former prompts

    @on(Prompt.Searched)
    @work
    async def search(self) -> None:
        """Find a former prompt, which then stands here; undo brings back what stood here before."""
        from chatspace.tui.screens.prompt_search import PromptSearch

        self._completions.close()
        text = await self.app.push_screen_wait(PromptSearch(self._workspace, self.prompt.text))
        if text is not None:
            self.prompt.rewrite(text)
        self.screen.set_focus(self.prompt)

    def edit_outside(self) -> None:
        """Go on writing in the user's own editor."""
        self.screen.set_focus(self.prompt)
        self.prompt.action_editor()


def _words(text: str) -> list[str]:
    """Names that don't lead to files too, which are then told apart."""
    try:
        return shlex.split(text)
    except ValueError:
        return [text]


def _is_other_command(text: str) -> bool:
    """A command whose `@` is none of ours."""
    return text.startswith("/") and text[1:].split(maxsplit=1)[:1] not in [[name] for name in TAKES_SOURCES]
