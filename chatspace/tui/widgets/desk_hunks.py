"""The hunks of a proposal, a sentence each, with what was decided on them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rich.text import Text
from textual.binding import Binding
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from chatspace.core.rewriting.decisions import Decision
from chatspace.core.rewriting.hunks import Hunk
from chatspace.core.rewriting.review import Review, State
from chatspace.core.text.difference import Change, changes
from chatspace.core.text.safe import for_screen

Verb = Literal["accept", "reject", "edit", "accept_all", "reject_all", "more", "version", "undo"]

MARKS: dict[Decision | None, str] = {None: "·", "accepted": "✓", "rejected": "✗", "edited": "✎"}
_WRAPPED = re.compile(r"(?<=[^\n])\n(?=\w)")
"""A line break within a sentence."""

MAX_SHOWN = 1_500
"""Characters of one hunk that the list shows."""


class DeskHunks(OptionList):
    """Walk through the hunks and decide on each."""

    HELP = """\
Each entry is a sentence that the rewrite changes: -struck- text is removed, +underlined+ text is added.
a accepts it into the text at once, r rejects it, e edits it first; A and R do so for all that are left.
n and p go to the next and the previous entry, v or a number to another version, m asks for another version.
u or ctrl+z undoes the last step. esc closes the proposal; accepted changes stay.
✓ accepted  ✗ rejected  ✎ edited  · open  ! new figures or names  ⊘ would break the structure
"""

    BINDINGS = [
        Binding("a", "decide('accept')", "accept", id="desk.accept"),
        Binding("r", "decide('reject')", "reject", id="desk.reject"),
        Binding("e", "decide('edit')", "edit", id="desk.edit"),
        Binding("n,j", "cursor_down", "next", id="desk.next"),
        Binding("p,k", "cursor_up", "previous", show=False, id="desk.previous"),
        Binding("A", "decide('accept_all')", "accept all", show=False, id="desk.accept_all"),
        Binding("R", "decide('reject_all')", "reject all", show=False, id="desk.reject_all"),
        Binding("m", "decide('more')", "more", id="desk.more"),
        Binding("v", "decide('version')", "version", show=False, id="desk.version"),
        Binding("u,ctrl+z", "decide('undo')", "undo", show=False, id="app.undo"),
        Binding("g", "first", "first", show=False, id="desk.first"),
        Binding("G", "last", "last", show=False, id="desk.last"),
        *(
            Binding(str(number), f"number({number})", show=False, id=f"desk.version_{number}")
            for number in range(1, 10)
        ),
    ]

    @dataclass
    class Decided(Message):
        """What the user wants done, with the hunk under the cursor."""

        verb: Verb
        hunk: int | None

    @dataclass
    class VersionWanted(Message):
        number: int

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._hunks: tuple[Hunk, ...] = ()

    def show(self, review: Review | None, text: str) -> None:
        """List the hunks of a version."""
        self._hunks = review.rewrite.hunks if review else ()
        self.clear_options()
        if review:
            self.add_options(Option(self._line(review, hunk, text)) for hunk in self._hunks)

    def refresh_hunk(self, review: Review, number: int, text: str) -> None:
        """What is known of one hunk has changed."""
        for index, hunk in enumerate(self._hunks):
            if hunk.id == number:
                self.replace_option_prompt_at_index(index, self._line(review, hunk, text))

    def go_to(self, number: int | None) -> None:
        self.highlighted = next((index for index, hunk in enumerate(self._hunks) if hunk.id == number), None)

    @property
    def current(self) -> int | None:
        """The hunk under the cursor."""
        return self._hunks[self.highlighted].id if self.highlighted is not None and self._hunks else None

    def action_decide(self, verb: Verb) -> None:
        self.post_message(self.Decided(verb, self.current))

    def action_number(self, number: int) -> None:
        self.post_message(self.VersionWanted(number))

    def _line(self, review: Review, hunk: Hunk, text: str) -> Text:
        state = review.states[hunk.id]
        stale = not review.applies(hunk, text)
        line = Text.assemble((f"{MARKS[state.decision]} ", "bold"))
        line.append_text(difference(hunk.before, _proposed(hunk, state)))
        notes = [f"! {flag.message}" for flag in hunk.flags]
        if hunk.blocked and state.decision is None:
            notes.append(f"⊘ {hunk.blocked}")
        if stale:
            notes.append("the text has changed here: this no longer applies")
        for note in notes:
            line.append(f"\n  {for_screen(note)}", style="italic")
        line.append("\n")
        return line


def _proposed(hunk: Hunk, state: State) -> str:
    return state.text if state.decision == "edited" else hunk.after


def difference(before: str, after: str) -> Text:
    """Words that go with a `-` and struck through, words that come with a `+` and underlined."""
    shown = Text()
    found = changes(before, after)
    for index, change in enumerate(found):
        if len(shown) > MAX_SHOWN:
            shown.append(" …")
            break
        replaced = change.kind == "removed" and [each.kind for each in found[index + 1 : index + 2]] == ["added"]
        shown.append_text(_changed(change, replaced))
    return shown


def _changed(change: Change, replaced: bool) -> Text:
    text = _WRAPPED.sub(" ", for_screen(change.text)) if change.text.strip() else for_screen(change.text)
    if change.kind == "same":
        return Text(text)
    # A change of white space alone would not be seen.
    visible = text if text.strip() else text.replace("\n", "⏎").replace(" ", "␣")
    lead = visible[: len(visible) - len(visible.lstrip())]
    core, tail = visible.strip(), visible[len(visible.rstrip()) :]
    mark, style = ("-", "strike dim") if change.kind == "removed" else ("+", "underline bold")
    # Between what goes and what comes in its place there is no space of its own.
    between = " " if replaced and not tail else ""
    return Text.assemble(lead, (mark, "bold"), (core, style), tail or between)
