"""The desk's right side: what should change, the single keys, and what the model proposes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from chatspace.core.profiles.profile import DeskKey
from chatspace.core.text.safe import for_screen
from chatspace.tui.widgets.desk_hunks import DeskHunks
from chatspace.tui.widgets.text_field import TextField

FRAME_SECONDS = 0.1
"""How often the proposal is painted while it grows."""


@dataclass
class RewriteRequested(Message):
    """The user said what should change."""

    instruction: str


class DeskKeys(OptionList):
    """The user's own list: one key asks for one thing."""

    HELP = """\
One key of this list rewrites the passage that is marked in the text. The list is the file desk.yaml in your
configuration folder; without one it is the shipped list.
tab leads to the line above, where anything can be asked for; esc back to the text.
"""
    BINDINGS = [
        Binding("enter", "select", "ask", id="desk.ask_key"),
        Binding("j", "cursor_down", show=False, id="desk.next_key"),
        Binding("k", "cursor_up", show=False, id="desk.previous_key"),
        Binding("tab", "screen.say", "say it in words", id="desk.say"),
    ]

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._keys: Sequence[DeskKey] = ()

    def show(self, keys: Sequence[DeskKey]) -> None:
        self._keys = keys
        self.clear_options()
        self.add_options(
            Option(Text.assemble((f" {for_screen(each.key)}  ", "bold"), for_screen(each.name), no_wrap=True))
            for each in keys
        )
        self.highlighted = 0 if keys else None

    def on_key(self, event: events.Key) -> None:
        for each in self._keys:
            if event.character == each.key:
                event.stop()
                event.prevent_default()
                self.post_message(RewriteRequested(each.instruction))

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(RewriteRequested(self._keys[event.option_index].instruction))


class HunkEditor(TextField):
    """One hunk, to be put differently."""

    HELP = "enter takes it into the text, ctrl+j breaks the line, esc goes back without."
    BINDINGS = [
        Binding("enter", "take", "take it", id="desk.take", priority=True),
        Binding("ctrl+j", "break_line", "break the line", show=False, id="desk.break_line", priority=True),
    ]

    @dataclass
    class Taken(Message):
        text: str

    def action_take(self) -> None:
        self.post_message(self.Taken(self.text))

    def action_break_line(self) -> None:
        self.insert("\n")


class DeskHelper(Vertical):
    """Shows one of three: the keys, a proposal that grows, or its hunks."""

    def compose(self) -> ComposeResult:
        yield Input(placeholder="What should change?", id="desk-instruction", compact=True)
        yield Static(id="desk-where", markup=False)
        yield DeskKeys(id="desk-keys")
        with VerticalScroll(id="desk-stream", can_focus=False):
            yield Static(id="desk-growing", markup=False)
        yield DeskHunks(id="desk-hunks")
        yield HunkEditor(id="desk-hunk")

    def on_mount(self) -> None:
        self._growing = ""
        self._painting = False
        self.show_keys()

    @property
    def instruction(self) -> Input:
        return self.query_one("#desk-instruction", Input)

    @property
    def keys(self) -> DeskKeys:
        return self.query_one(DeskKeys)

    @property
    def hunks(self) -> DeskHunks:
        return self.query_one(DeskHunks)

    @property
    def editor(self) -> HunkEditor:
        return self.query_one(HunkEditor)

    def say(self, text: str) -> None:
        """One line under the instruction: where passages go, or which version this is."""
        self.query_one("#desk-where", Static).update(for_screen(text))

    def show_keys(self) -> None:
        self._show("desk-keys")

    def show_stream(self) -> None:
        """A proposal begins to grow."""
        self._growing = ""
        self.query_one("#desk-growing", Static).update("")
        self._show("desk-stream")

    def grow(self, text: str) -> None:
        self._growing += text
        if not self._painting:
            self._painting = True
            self.set_timer(FRAME_SECONDS, self._paint)

    def _paint(self) -> None:
        self._painting = False
        # Only the end is in sight.
        self.query_one("#desk-growing", Static).update(for_screen(self._growing[-4000:]))
        self.query_one("#desk-stream", VerticalScroll).scroll_end(animate=False)

    def show_hunks(self) -> None:
        self._show("desk-hunks")

    def edit(self, text: str) -> None:
        self.editor.display = True
        self.editor.begin(text)
        self.screen.set_focus(self.editor)

    def end_edit(self) -> None:
        self.editor.display = False

    def _show(self, wanted: str) -> None:
        for name in ("desk-keys", "desk-stream", "desk-hunks"):
            self.query_one(f"#{name}").display = name == wanted
        self.editor.display = False

    @on(Input.Submitted, "#desk-instruction")
    def _said(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self.post_message(RewriteRequested(event.value.strip()))
