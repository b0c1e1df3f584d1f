"""The prompt: where messages and commands are written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.timer import Timer
from textual.widgets.text_area import EditResult, Location

from chatspace.tui.messages import PromptPaused, Submitted
from chatspace.tui.prompt_history import PromptHistory
from chatspace.tui.undo import UndoWanted
from chatspace.tui.widgets.text_field import TextField

PAUSE_SECONDS = 0.5


class Prompt(TextField):
    """Grows with its text. Enter sends; ctrl+j and shift+enter break the line.

    `former`, called from a thread, gives older former prompts at each call, from the newest on where its argument is
    False, until there are no more.
    """

    HELP = """\
Enter sends, ctrl+j (or shift+enter or alt+enter, where the terminal knows them) breaks the line.
up on the first line recalls earlier prompts, first from this conversation; down returns to what you were writing.
ctrl+r searches them. ctrl+z and ctrl+y undo and redo.
A line that begins with / is a command: the list shows them as you type, tab takes one, esc closes the list. Without a
list, tab does nothing: f6 leads to the other parts, esc to the transcript, f9 to the history.
@ and the name of a file attaches it; so does pasting or dropping files, and /attach. backspace on the empty prompt
removes the last one, and ctrl+z restores it.
ctrl+g opens the text in your own editor ($VISUAL or $EDITOR).
Unsent text is saved at every pause and is still here after a crash.
"""

    BINDINGS = [
        Binding("ctrl+j,shift+enter,alt+enter", "break_line", "break the line", show=False, id="prompt.break_line"),
        Binding("up", "older", "up; on the first line, a former prompt", show=False, id="prompt.recall"),
        Binding("down", "newer", "down; on the last line, a newer prompt", show=False, id="prompt.recall_newer"),
        Binding("ctrl+r", "search", "search former prompts", show=False, id="prompt.search"),
        Binding("tab", "take", "take what the list offers", show=False, id="prompt.complete"),
        Binding("backspace", "delete_left", "delete; take a source away", show=False, id="prompt.detach"),
        Binding("ctrl+z", "undo", "undo", show=False, id="prompt.undo"),
    ]

    class Searched(Message):
        """Former prompts are to be searched."""

    class Emptied(Message):
        """Backspace was pressed where there is nothing to delete."""

    @dataclass
    class Offered(Message):
        """A key for the list of what can follow: it is moved by `step`, or, where that is 0, something is taken."""

        step: int

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id, placeholder="Write a message, or / for a command")
        self.former: Callable[[bool], Sequence[str]] | None = None
        self.offering = False
        """Whether there is a list of what can follow; `chosen` whether something in it is highlighted."""
        self.chosen = False
        self.typed = False
        """Whether the last change was made by hand."""
        self.detached = False
        """Whether a source was taken away since the text was changed: undo then brings that back."""
        self._recall = PromptHistory()
        self._pause: Timer | None = None

    # Sending and the draft

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            if self.offering and self.chosen:
                self.post_message(self.Offered(0))
            elif self.text.strip():
                self.post_message(Submitted(self.text))
            return
        # Act at once: by way of the app, a key would be overtaken by what is typed right behind it.
        active = None if event.is_printable else self.screen.active_bindings.get(event.key)
        mine = active is not None and active.node is self and active.enabled
        if active and mine and await self.app.run_action(active.binding.action, self):
            event.stop()
            event.prevent_default()
        else:
            await super()._on_key(event)

    def on_text_area_changed(self) -> None:
        if self._pause:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE_SECONDS, lambda: self.post_message(PromptPaused(self.text)))

    def take(self) -> str:
        """The text, which is no longer here afterwards."""
        text = self.text
        self.put("")
        return text

    def put(self, text: str) -> None:
        """Show a text with the cursor behind it, without a way back to the one before."""
        self.typed = False
        self._recall.forget()
        self.begin(text)

    def rewrite(self, text: str) -> None:
        self.typed = False
        super().rewrite(text)

    # Typing

    def _replace_via_keyboard(self, insert: str, start: Location, end: Location) -> EditResult | None:
        self.typed = True
        return super()._replace_via_keyboard(insert, start, end)

    def _delete_via_keyboard(self, start: Location, end: Location) -> EditResult | None:
        self.typed = True
        return super()._delete_via_keyboard(start, end)

    def action_break_line(self) -> None:
        self._replace_via_keyboard("\n", *self.selection)

    def action_undo(self) -> None:
        """Undo what was done last, to the text or to what is attached."""
        if self.detached:
            self.app.post_message(UndoWanted())
        else:
            super().action_undo()

    def action_delete_left(self) -> None:
        if self.text:
            super().action_delete_left()
        else:
            self.post_message(self.Emptied())

    async def _on_paste(self, event: events.Paste) -> None:
        """A paste never sends, and is nothing typed."""
        await super()._on_paste(event)
        self.typed = False

    # Former prompts

    async def action_older(self) -> None:
        """Up; on the first line, the former prompt."""
        if self.offering:
            self.post_message(self.Offered(-1))
        elif self.selection.is_empty and self.navigator.is_first_wrapped_line(self.cursor_location):
            while self.former and self._recall.at_the_end:
                texts = await asyncio.to_thread(self.former, self._recall.begun)
                if not texts:
                    break
                self._recall.know(texts)
            if (text := self._recall.older(self.text)) is not None:
                self.rewrite(text)
        else:
            self.action_cursor_up()

    def action_newer(self) -> None:
        """Down; on the last line, the prompt that came after, at last what you were writing."""
        if self.offering:
            self.post_message(self.Offered(1))
        elif self.selection.is_empty and self.navigator.is_last_wrapped_line(self.cursor_location):
            if (text := self._recall.newer(self.text)) is not None:
                self.rewrite(text)
        else:
            self.action_cursor_down()

    def action_search(self) -> None:
        """Find a former prompt by its words."""
        self.post_message(self.Searched())

    # The list of what can follow

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where there is nothing to take, tab is the app's, which leads from here to another text at most."""
        if action == "take":
            return self.offering
        return self.former is not None if action == "search" else True

    def action_take(self) -> None:
        """Take what the list offers."""
        self.post_message(self.Offered(0))
