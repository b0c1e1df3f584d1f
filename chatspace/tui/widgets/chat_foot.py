"""The foot of the chat: where the next message goes, the prompt, and the line of status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Static

from chatspace.tui.entries import progress_of
from chatspace.tui.messages import PromptPaused
from chatspace.tui.widgets.attachment_rows import AttachmentRows
from chatspace.tui.widgets.composer import Composer
from chatspace.tui.widgets.prompt import Prompt
from chatspace.tui.widgets.status_line import StatusLine, hints, standing

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import UnsentPrompt
    from chatspace.core.document import Source
    from chatspace.tui.sessions.changed import Changed
    from chatspace.tui.sessions.chat import ChatSession


class ComposerField:
    """A composer as a session reads and fills it."""

    def __init__(self, composer: Composer) -> None:
        self._composer = composer

    @property
    def text(self) -> str:
        return self._composer.prompt.text

    @property
    def paths(self) -> tuple[str, ...]:
        return self._composer.paths

    @property
    def sources(self) -> tuple[Source, ...]:
        return self._composer.sources

    def write(self, text: str) -> None:
        self._composer.prompt.put(text)

    def put(self, unsent: UnsentPrompt) -> None:
        self._composer.put(unsent)

    def take_sources(self) -> tuple[Source, ...]:
        return self._composer.take_sources()

    def give_back(self, sources: Sequence[Source]) -> None:
        if sources:
            self._composer.rows.give_back(sources)


class ChatFoot(Vertical):
    """Shows what the next message of a session consists of. `room` says what the status line has room for."""

    # With priority: `up` belongs to the prompt, but for an empty one that something waits behind.
    BINDINGS = [Binding("up", "take_back", "take back what waits", id="chat.take-back", show=False, priority=True)]

    def __init__(self, session: ChatSession, composer: Composer, id: str | None = None) -> None:
        super().__init__(id=id)
        self._session = session
        self.composer = composer
        self.room: Literal["all", "where", "keys"] = "all"

    def compose(self) -> ComposeResult:
        yield Static(id="turning", markup=False)
        yield self.composer
        yield StatusLine(id="status")

    def on_mount(self) -> None:
        self.set_interval(0.5, self.show_status)

    @property
    def stands(self) -> bool:
        """Whether the parts are there: something may be reported to a screen that is being taken down."""
        return all(self.query_one_optional(part) is not None for part in (Prompt, StatusLine))

    def take(self, change: Changed) -> None:
        """Show what has changed in the session."""
        preview, target = self._session.preview, self._session.target
        if change.part == "target":
            line = self.query_one("#turning", Static)
            line.display = target.current is not None
            line.update(target.current.said if target.current else "")
        elif change.part == "preview" and preview.outlook:
            self.composer.rows.fit(preview.outlook.cut)
        if change.part not in ("text", "nothing"):
            self.show_status()

    def show_status(self) -> None:
        """Where the next message goes and what it takes, or how far the reply in sight is, and the keys."""
        if not self.stands:
            return
        line, session = self.query_one(StatusLine), self._session
        options, outlook = session.options.current, session.preview.outlook
        if job := session.job:
            line.left = f"{progress_of(job)} · esc stops and keeps the text so far"
        elif outlook and self.room != "keys":
            profile = f"{options.profile or 'chat'}{f' · think {options.effort}' if options.effort else ''}"
            said = standing(profile, outlook)
            line.left = said if self.room == "all" else said.partition(" · ~")[0]
        else:
            line.left = ""
        if self.screen.is_active:  # else another screen would be asked which of the keys work
            line.right = hints(self.screen)

    @on(PromptPaused)
    def _paused(self) -> None:
        self._session.keep()
        self._session.refresh()

    @on(AttachmentRows.Changed)
    def _other_sources(self) -> None:
        self._session.refresh()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        prompt = self.composer.prompt
        return action != "take_back" or (bool(self._session.queue.waiting) and prompt.has_focus and not prompt.text)

    def action_take_back(self) -> None:
        """The last message that waits, back into the prompt."""
        self._session.take_back(self._session.queue.waiting[-1])
