"""A rewrite under review: where each hunk stands in the text that is being edited, and what was decided on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from chatspace.core.document import Span
from chatspace.core.rewriting.decisions import Decision
from chatspace.core.rewriting.hunks import Hunk
from chatspace.core.rewriting.passage import Edit, moved
from chatspace.core.rewriting.rewrite import Rewrite


@dataclass(frozen=True, slots=True)
class State:
    """What stands in the text for a hunk; without a decision that is what stood there before."""

    text: str
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """One hunk going from one state to another."""

    hunk: Hunk
    was: State
    now: State

    @property
    def back(self) -> Move:
        return Move(self.hunk, self.now, self.was)


@dataclass(eq=False)
class Review:
    """A version of a rewrite: the reply `message` has it. Places are spans of the text that is being edited."""

    message: int
    rewrite: Rewrite
    places: dict[int, Span] = field(default_factory=dict)
    states: dict[int, State] = field(default_factory=dict)

    @classmethod
    def begin(cls, message: int, rewrite: Rewrite, offset: int, since: Iterable[Edit] = ()) -> Review:
        """`offset` is where the passage began when it was asked about, `since` what was edited after that."""
        places = {hunk.id: (hunk.span[0] + offset, hunk.span[1] + offset) for hunk in rewrite.hunks}
        review = cls(message, rewrite, places, {hunk.id: State(hunk.before) for hunk in rewrite.hunks})
        for edit in since:
            review.follow(edit)
        return review

    def follow(self, edit: Edit) -> None:
        """Something else in the text was changed."""
        self.places = {number: moved(span, edit) for number, span in self.places.items()}

    def applies(self, hunk: Hunk, text: str) -> bool:
        """Whether the text still says what it is known to say in the hunk's place."""
        return text[slice(*self.places[hunk.id])] == self.states[hunk.id].text

    def move(self, move: Move) -> Edit:
        """Note that a hunk's state has changed; the edit that does it in the text."""
        number = move.hunk.id
        start, end = self.places[number]
        edit = Edit(start, end - start, len(move.now.text))
        for other, (first, last) in self.places.items():
            # Hunks stand in order, also where two are at one place.
            if other > number:
                self.places[other] = (first + edit.inserted - edit.removed, last + edit.inserted - edit.removed)
        self.places[number] = (start, start + edit.inserted)
        self.states[number] = move.now
        return edit

    def to(self, hunk: Hunk, decision: Decision, text: str | None = None) -> Move:
        """What a decision does; `text` is the editor's own."""
        return Move(hunk, self.states[hunk.id], State(hunk.decided(decision, text), decision))

    def pending(self) -> Sequence[Hunk]:
        return [hunk for hunk in self.rewrite.hunks if self.states[hunk.id].decision is None]

    def next_pending(self, number: int) -> int | None:
        """The hunk to decide on after this one, from the first again behind the last."""
        left = [hunk.id for hunk in self.pending()]
        return next((other for other in left if other > number), left[0] if left else None)

    def count(self, decision: Decision | None) -> int:
        return sum(state.decision == decision for state in self.states.values())
