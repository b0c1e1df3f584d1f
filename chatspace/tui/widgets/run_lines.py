"""Lines of which the views of a run are made."""

from __future__ import annotations

import textwrap

from textual.content import Content

from chatspace.core.text.safe import for_screen
from chatspace.tui.widgets.run_rows import MUTED

MIN_ROOM = 20
"""In fewer columns a text isn't set apart from what stands before it."""

Line = Content | str


def muted(text: str) -> Content:
    return Content.styled(for_screen(text), MUTED)


def hanging(before: Content, text: str, width: int, after: str = "") -> Content:
    """A text whose further lines stand below its first, behind what is `before`; `after` is muted."""
    said, margin = " ".join(text.split()), " " * before.cell_length
    room = width - before.cell_length
    lines = textwrap.wrap(said, room) if room > MIN_ROOM else [said]
    shown = Content(f"\n{margin}".join(lines))
    if after:
        own_line = room > MIN_ROOM and lines and len(lines[-1]) + 2 + len(after) > room
        shown = Content.assemble(shown, f"\n{margin}" if own_line else "  ", (after, MUTED))
    return Content.assemble(before, shown)


def head(text: str, beside: str = "") -> Content:
    return Content.assemble((for_screen(text), "bold"), (f"  {for_screen(beside)}" if beside else "", MUTED))
