"""Finding a line of a list, or a message of a transcript, by typing a part of it, as `/` does in a pager."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Protocol, runtime_checkable

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static

from chatspace.tui.widgets.transcript import Transcript


@runtime_checkable
class Searched(Protocol):
    """Something with texts among which the cursor goes."""

    def texts(self) -> Sequence[tuple[Hashable, str]]:
        """What can be stood on, in order, each with its text."""
        ...

    def at(self) -> Hashable:
        """Where the cursor is; None where it is nowhere."""
        ...

    def go_to(self, place: Hashable) -> None: ...


class _List:
    def __init__(self, options: OptionList) -> None:
        self._options = options

    def texts(self) -> Sequence[tuple[int, str]]:
        options = ((index, self._options.get_option_at_index(index)) for index in range(self._options.option_count))
        prompts = ((index, option.prompt) for index, option in options if not option.disabled)
        return [
            (index, prompt.plain if isinstance(prompt, Text | Content) else str(prompt)) for index, prompt in prompts
        ]

    def at(self) -> Hashable:
        return self._options.highlighted

    def go_to(self, place: Hashable) -> None:
        assert place is None or isinstance(place, int)
        self._options.highlighted = place


class _Messages:
    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript

    def texts(self) -> Sequence[tuple[Hashable, str]]:
        return [(entry.key, self._transcript.sheet.source_of(entry.key)) for entry in self._transcript.sheet.entries]

    def at(self) -> Hashable:
        entry = self._transcript.entry_under_cursor
        return entry.key if entry else None

    def go_to(self, place: Hashable) -> None:
        for entry in self._transcript.sheet.entries:
            if entry.key == place:
                self._transcript.go_to(entry.key)


def searched(widget: Widget | None) -> Searched | None:
    """What `/` searches in a part, which may be it itself; None where there is nothing to search."""
    if isinstance(widget, Searched):
        return widget
    if isinstance(widget, OptionList):
        return _List(widget)
    return _Messages(widget) if isinstance(widget, Transcript) else None


class FindDialog(ModalScreen[None]):
    """Moves the cursor while one types; enter stays there, esc goes back to where it was."""

    CSS_PATH = "find_dialog.tcss"
    BINDINGS = [
        Binding("escape", "give_up", "back", id="find.leave"),
        Binding("down,ctrl+n", "next(1)", "next match", show=False, id="find.next"),
        Binding("up", "next(-1)", "previous match", show=False, id="find.previous"),
    ]

    def __init__(self, place: Searched) -> None:
        super().__init__()
        self._place = place
        self._from = place.at()
        self._texts = [(at, text.casefold()) for at, text in place.texts()]
        self._order = {at: index for index, (at, _) in enumerate(self._texts)}
        self._matches: list[Hashable] = []

    def compose(self) -> ComposeResult:
        with Horizontal(id="find"):
            yield Static("/", id="find-mark")
            yield Input(placeholder="what to look for", compact=True)
            yield Static("", id="find-count")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        typed = event.value.casefold()
        self._matches = [at for at, text in self._texts if typed and typed in text]
        start = self._order.get(self._from, 0)
        below = (at for at in self._matches if self._order[at] >= start)
        self._go(next(below, next(iter(self._matches), self._from)))

    def _go(self, place: Hashable) -> None:
        self._place.go_to(place)
        found = f"{self._matches.index(place) + 1}/{len(self._matches)}" if place in self._matches else "nothing"
        self.query_one("#find-count", Static).update(found if self.query_one(Input).value else "")

    def action_next(self, step: int) -> None:
        """The next match, and from the last one the first."""
        if self._matches:
            at = self._place.at()
            index = self._matches.index(at) if at in self._matches else 0
            self._go(self._matches[(index + step) % len(self._matches)])

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.dismiss()

    def action_give_up(self) -> None:
        """Back to where the cursor was."""
        self._place.go_to(self._from)
        self.dismiss()
