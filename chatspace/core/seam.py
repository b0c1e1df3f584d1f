"""Joining a reply that was cut with what the model went on with, so that no reader sees where."""

from __future__ import annotations

from collections.abc import Callable

HELD = 240
"""Characters of a continuation that are waited for, to see what it repeats."""

LEAST_OVERLAP = 6


class Seam:
    """Takes a continuation piece by piece and hands on what is new in it, once it is clear what that is."""

    def __init__(self, before: str, hear: Callable[[str], None] | None = None) -> None:
        self._pieces = [before]
        self._hear = hear
        self._held: str | None = ""

    def take(self, piece: str) -> None:
        if self._held is None:
            self._hand_on(piece)
            return
        self._held += piece
        if len(self._held.lstrip()) >= HELD:
            self._join()

    def close(self) -> str:
        """The whole text."""
        self._join()
        return "".join(self._pieces)

    def _join(self) -> None:
        if self._held is not None:
            held, self._held = self._held, None
            self._hand_on(new_part(self._pieces[0], held))

    def _hand_on(self, text: str) -> None:
        if text:
            self._pieces.append(text)
            if self._hear:
                self._hear(text)


def new_part(before: str, after: str) -> str:
    """What to put behind `before`: `after` without what it repeats, or with the space that a fresh start lost."""
    if not after.strip():
        return ""
    ending, opening = before.rstrip(), after.lstrip()
    for length in range(min(len(ending), len(opening), HELD), LEAST_OVERLAP - 1, -1):
        if ending.endswith(opening[:length]) and _at_word(ending, length):
            rest, space = opening[length:], before[len(ending) :]
            return rest.removeprefix(space) if rest.startswith(space) else rest.lstrip()
    if before[-1:].isspace() or after[0].isspace() or not (after[0].isalnum() or after[0] in "*_[(`\"'“‘#|-"):
        return after
    return f"\n{after}" if after[0] in "#|" else f" {after}"


def _at_word(text: str, length: int) -> bool:
    """Whether the last `length` characters of `text` begin with a word of their own."""
    start = len(text) - length
    return start == 0 or not (text[start - 1].isalnum() and text[start].isalnum())
