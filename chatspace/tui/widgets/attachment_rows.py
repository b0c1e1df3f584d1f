"""The sources that go along with the next message, one line each."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text
from textual import work
from textual.binding import Binding
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from chatspace.core.errors import ChatspaceError
from chatspace.core.text.display import count
from chatspace.core.text.safe import for_screen

if TYPE_CHECKING:
    from chatspace.core.chat.attachment import Attachment
    from chatspace.core.document import Source
    from chatspace.wiring import Workspace

NARROW = 72
"""Columns below which a line is brief."""

MARKS = {"passed": "✓", "repaired": "~", "rejected": "✗"}


@dataclass(eq=False)
class Held:
    """A file that is to go along: still being read, read, or failed. One that is `mentioned` goes with its mention."""

    path: Path
    mentioned: bool = False
    attachment: Attachment | None = None
    error: ChatspaceError | None = None

    @property
    def reading(self) -> bool:
        return self.attachment is None and self.error is None


class AttachmentRows(OptionList):
    """Reads files and shows how they came out. Enter shows what would be sent, delete takes a source away."""

    HELP = """\
The sources attached to the next message: size, words, tokens (an estimate) and the gate's check of their structure.
✓ passed, ~ repaired, ✗ rejected, ! can't be read.
enter shows what will be sent, delete or x removes the source, u restores it, i goes back to the prompt.
"""
    BINDINGS = [
        Binding("enter", "select", "what would be sent", id="attached.open"),
        Binding("delete,backspace,x", "remove", "take it away", id="attached.remove"),
        Binding("i", "leave", "back to the prompt", show=False, id="attached.leave"),
    ]

    class Changed(Message):
        """There are others, or one was read."""

    @dataclass
    class Removed(Message):
        """The user took it away from this place."""

        held: Held
        at: int

    @dataclass
    class Opened(Message):
        """`share` is in tokens, where it doesn't fit whole."""

        held: Held
        share: int | None

    class Left(Message):
        """Back to the prompt."""

    def __init__(self, workspace: Workspace, id: str | None = None) -> None:
        super().__init__(id=id, markup=False, compact=True)
        self._workspace = workspace
        self.display = False
        self.held: tuple[Held, ...] = ()
        self._cut: Mapping[str, int] = {}

    @property
    def reading(self) -> bool:
        return any(held.reading for held in self.held)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Those that could be read."""
        return tuple(held.attachment.source for held in self.held if held.attachment)

    def hold(self, held: Iterable[Held]) -> None:
        """These and no others go along."""
        self.held = tuple(held)
        self._show()
        self.post_message(self.Changed())

    def attach(self, paths: Iterable[Path], *, mentioned: bool = False) -> None:
        """Read files, which go along with the next message."""
        there = {held.path for held in self.held}
        new = [Held(path, mentioned) for path in dict.fromkeys(map(absolute, paths)) if path not in there]
        if new:
            self.hold((*self.held, *new))
            for held in new:
                self._read(held)

    def give_back(self, sources: Iterable[Source]) -> None:
        """Take in what was read already and couldn't be sent, as it was read."""
        new = [(Held(absolute(Path(source.path or source.name))), source) for source in sources]
        self.hold((*self.held, *(held for held, _ in new)))
        for held, source in new:
            self._read(held, source)

    def take_away(self, held: Held) -> None:
        self.post_message(self.Removed(held, self.held.index(held)))
        self.hold(each for each in self.held if each is not held)

    def put_back(self, held: Held, at: int) -> None:
        """What was taken away from a place goes along again."""
        others = [each for each in self.held if each.path != held.path]
        self.hold((*others[:at], held, *others[at:]))
        self.highlighted = self.held.index(held)

    def fit(self, cut: Mapping[str, int]) -> None:
        """`cut` has the tokens of each source that doesn't fit the window whole, by its id."""
        if cut != self._cut:
            self._cut = cut
            self._show()

    @work
    async def _read(self, held: Held, source: Source | None = None) -> None:
        try:
            if source:
                held.attachment = await asyncio.to_thread(self._workspace.attachments.gated, source)
            else:
                held.attachment = await asyncio.to_thread(self._workspace.attachments.read, held.path)
        except ChatspaceError as error:
            held.error = error
        if held in self.held:
            self._show()
            self.post_message(self.Changed())

    def _show(self) -> None:
        at = self.highlighted or 0
        brief = self.app.size.width < NARROW
        self.display = bool(self.held)
        self.set_options([Option(line_of(each, self._cut, brief=brief)) for each in self.held])
        self.highlighted = min(at, len(self.held) - 1) if self.held else None
        if self.has_focus and not self.held:
            self.post_message(self.Left())

    def on_resize(self) -> None:
        self._show()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        held = self.held[event.option_index]
        share = self._cut.get(held.attachment.source.id) if held.attachment else None
        self.post_message(self.Opened(held, share))

    def action_remove(self) -> None:
        """The message goes without it."""
        if self.highlighted is not None:
            self.take_away(self.held[self.highlighted])

    def action_leave(self) -> None:
        self.post_message(self.Left())


def absolute(path: Path) -> Path:
    """Where a path leads from here, so that it means the same at the next start."""
    with contextlib.suppress(RuntimeError):  # ~nobody
        path = path.expanduser()
    return Path.cwd() / path


def line_of(held: Held, cut: Mapping[str, int], *, brief: bool = False) -> Text:
    """`✓ brief.md · 4.2 KB · 812 words · ~1,100 tokens · gate passed`; a brief one has the tokens alone."""
    name = for_screen(held.path.name)
    if held.error:
        told = for_screen(f"{held.error.reason or held.error.title}. {held.error.remedy}")
        return Text.assemble(("! ", "bold"), (name, "bold"), f" · {told}", no_wrap=True, overflow="ellipsis")
    if held.attachment is None:
        return Text.assemble("… ", (name, "bold"), (" · reading", "dim"), no_wrap=True, overflow="ellipsis")
    read = held.attachment
    share = cut.get(read.source.id)
    fits = ""
    if share is not None:
        fits = f" · too long: sent as an extraction of ~{share:,} tokens" if share else " · doesn't fit at all"
        fits += ", /draft reads all"
    counts = f"~{count(read.tokens, 'token')}"
    counts = counts if brief else f"{size(read.size)} · {count(read.words, 'word')} · {counts}"
    detail = f" · {counts} · {for_screen(read.verdict)}"
    mark = MARKS[read.report.status]
    return Text.assemble(f"{mark} ", (name, "bold"), (fits, "bold"), detail, no_wrap=True, overflow="ellipsis")


def size(number: int) -> str:
    """`812 B`, `4.2 KB`, `3.1 MB`."""
    if number < 1000:
        return f"{number} B"
    return f"{number / 1000:.1f} KB" if number < 999_950 else f"{number / 1_000_000:.1f} MB"
