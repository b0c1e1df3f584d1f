"""A draft as it grows: what the reader is shown while it comes is, character by character, what is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

WRAPPERS = ("```markdown", "```md")
"""First lines of a reply that a model put into one fence as a whole, as some do."""

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+|(?=\n|$))(.*)", re.DOTALL)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})([^\n]*)")

SECTION_LEVEL = 2


class Manuscript:
    """Takes replies piece by piece. `show` gets what is added to `text`."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._pieces: list[str] = []

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    def add(self, text: str) -> None:
        if text:
            self._pieces.append(text)
            self._show(text)

    def whole(self) -> Reply:
        """A reply that is the whole draft, and is kept as it comes."""
        return Reply(Kept(self.add))

    def section(self, heading: str | None, *, begins: bool = True, title: str = "") -> Reply:
        """A reply that is one section, or goes on with one, put under its heading; None where headings don't belong.

        `title` is the draft's, and comes before its first section.
        """
        before = "\n\n" if self._pieces else f"# {title}\n\n" if title else ""
        return Reply(Section(Kept(self.add), before, heading, begins))


class ReplyText(Protocol):
    """What becomes of the text of a reply."""

    def take(self, text: str) -> None: ...

    def end(self) -> str:
        """What was kept, now that nothing follows."""
        ...


COPY_FOLLOWS = "=== COPY ==="
"""The line behind which a reply has copy instead of text."""


class Apart:
    """Keeps what follows the line COPY_FOLLOWS out of the text as it comes; `text` is that."""

    def __init__(self) -> None:
        self._held = ""
        self._found = False

    @property
    def text(self) -> str:
        return self._held if self._found else ""

    def hear(self, piece: str, pass_on: Callable[[str], None]) -> None:
        """Hold back what may be the beginning of that line, with the blank lines before it."""
        self._held += piece
        if self._found:
            return
        before, line, after = self._held.partition(COPY_FOLLOWS)
        if line:
            self._found, self._held = True, after
            pass_on(before.rstrip() + "\n")
            return
        kept = next((n for n in range(len(COPY_FOLLOWS), 0, -1) if before.endswith(COPY_FOLLOWS[:n])), 0)
        kept = len(before) - len(before[: len(before) - kept].rstrip())
        self._held = before[len(before) - kept :]
        pass_on(before[: len(before) - kept])

    def end(self, pass_on: Callable[[str], None]) -> None:
        """Nothing follows."""
        if not self._found:
            pass_on(self._held)
            self._held = ""


class Reply:
    """One reply, whose text goes into `into` without a wrapper. `hear` takes its pieces, `end` gives what was kept."""

    def __init__(self, into: ReplyText) -> None:
        self._into = into
        self._opening: str | None = ""  # until it is clear whether the first line is a wrapper's
        self._wrapped = False

    def hear(self, piece: str) -> None:
        if self._opening is None:
            self._into.take(piece)
            return
        self._opening += piece
        first = self._opening.lstrip()
        line, newline, _ = first.partition("\n")
        self._wrapped = bool(newline) and line.strip().lower() in WRAPPERS
        undecided = (
            self._wrapped
            or not first
            or (not newline and any(opening.startswith(line.strip().lower()) for opening in WRAPPERS))
        )
        if not undecided:
            self._release()

    def end(self) -> str:
        """What was kept, now that nothing follows."""
        if self._opening is not None:
            self._opening = without_wrapper(self._opening) if self._wrapped else self._opening
            self._release()
        return self._into.end()

    def _release(self) -> None:
        opening, self._opening = self._opening or "", None
        self._into.take(opening)


class Kept:
    """Text that is kept as it comes."""

    def __init__(self, add: Callable[[str], None]) -> None:
        self._add = add
        self._pieces: list[str] = []

    def take(self, text: str) -> None:
        if text:
            self._pieces.append(text)
            self._add(text)

    def end(self) -> str:
        return "".join(self._pieces)

    @property
    def begun(self) -> bool:
        return bool(self._pieces)


class Section:
    """Sees to the section's heading, at its level, and to blank lines at both ends."""

    def __init__(self, kept: Kept, before: str, heading: str | None, begins: bool) -> None:
        self._kept = kept
        self._before = before
        self._heading = heading
        self._begins = begins
        self._line = ""  # a line that isn't kept yet, because it may be a heading or a fence
        self._plain = False  # whether the line under way is known to be neither
        self._blank = ""  # blank lines, kept once something follows
        self._fence = ""
        self._shift: int | None = None

    def end(self) -> str:
        line, self._line = self._line, ""
        if line:
            self._finish_line(line)
        return self._kept.end()

    def take(self, text: str) -> None:
        for part in text.splitlines(keepends=True):
            self._take_part(part)

    def _take_part(self, part: str) -> None:
        """A part of one line, with its end or without."""
        if self._plain:
            self._put(part)
        else:
            self._line += part
            bare = self._line.lstrip()
            if part.endswith("\n"):
                self._finish_line(self._line)
                self._line = ""
            elif bare and not self._fence and bare[0] not in "#`~":
                self._plain = True
                self._begin_body()
                self._put(self._line)
                self._line = ""
        if part.endswith("\n"):
            self._plain = False

    def _finish_line(self, line: str) -> None:
        if not line.strip():
            self._blank += line if self._fence else "\n"
            return
        fence = _FENCE.match(line)
        if self._fence:
            if fence and fence[1].startswith(self._fence) and not fence[2].strip():
                self._fence = ""
            self._put(line)
            return
        heading = _HEADING.match(line)
        if heading and self._heading is not None:
            self._put_heading(len(heading[1]), heading[2].strip())
            return
        self._begin_body()
        if fence:
            self._fence = fence[1]
        self._put(line)

    def _begin_body(self) -> None:
        """Text that comes before any heading stands under the one that was planned."""
        if self._shift is None:
            self._shift = 0
            if self._begins and self._heading:
                self._put(f"{'#' * SECTION_LEVEL} {self._heading}\n\n")

    def _put_heading(self, level: int, title: str) -> None:
        lowest = SECTION_LEVEL if self._begins else SECTION_LEVEL + 1
        if self._shift is None:
            self._shift = lowest - level
            if not self._begins and title.casefold().strip("# ") == (self._heading or "").casefold():
                self._shift = SECTION_LEVEL - level
                return
        self._put(f"{'#' * min(6, max(lowest, level + self._shift))} {title}\n")

    def _put(self, text: str) -> None:
        before = self._blank if self._kept.begun else self._before
        body = text.rstrip("\n")
        self._kept.take(before + body)
        self._blank = text[len(body) :]


def without_wrapper(text: str) -> str:
    """The Markdown inside a fence round the whole reply; any other text as it is."""
    lines = text.strip().split("\n")
    opens = lines[0].strip().lower() in WRAPPERS
    if opens and len(lines) > 2 and lines[-1].strip() == "```":
        return "\n".join(lines[1:-1]).strip() + "\n"
    return text
