"""Joining a reply that was cut with what the model went on with, so that no reader sees where."""

from __future__ import annotations

from collections.abc import Callable

HELD = 240
"""Characters of a continuation that are waited for, to see what it repeats."""

MIN_OVERLAP = 6
LAST_WORDS = 8
"""Among so many words at the end a repetition begins; five are asked for."""


class ContinuationJoiner:
    """Takes a continuation piece by piece and hands on what is new in it, once it is clear what that is."""

    def __init__(self, before: str, on_text: Callable[[str], None] | None = None) -> None:
        self._pieces = [before]
        self._on_text = on_text
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
            if self._on_text:
                self._on_text(text)


def new_part(before: str, after: str) -> str:
    """What to put behind `before`: `after` without what it repeats, or with the space that a fresh start lost."""
    if not after.strip():
        return ""
    ending, opening = before.rstrip(), after.lstrip()
    said = _plain(ending[-2 * HELD :])
    for length in range(min(len(ending), len(opening), HELD), MIN_OVERLAP - 1, -1):
        repeated = _plain(opening[:length])
        # Models repeat words and not the line breaks between them.
        if not opening[length - 1].isspace() and said.endswith(repeated) and _at_word(said, len(repeated)):
            rest, space = opening[length:], before[len(ending) :]
            return rest.removeprefix(space) if rest.startswith(space) else rest.lstrip()
    if _within_repetition(said, _plain(after)):
        return ""
    if before[-1:].isspace() or after[0].isspace() or not (after[0].isalnum() or after[0] in "*_[(`\"'“‘#|-"):
        return after
    return f"\n{after}" if after[0] in "#|" else f" {after}"


def _within_repetition(said: str, after: str) -> bool:
    """Whether a continuation ended while it still repeated: it is the beginning of the last words."""
    words = said.split()
    return any(
        " ".join(words[first:]).startswith(after) for first in range(max(0, len(words) - LAST_WORDS), len(words))
    )


def _plain(text: str) -> str:
    return " ".join(text.split())


def _at_word(text: str, length: int) -> bool:
    """Whether the last `length` characters of `text` begin with a word of their own."""
    start = len(text) - length
    return start == 0 or not (text[start - 1].isalnum() and text[start].isalnum())
