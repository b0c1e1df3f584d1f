"""A proposal of the desk: one question with its versions, and the places that follow the text."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce

from chatspace.core.chat.conversation import Message
from chatspace.core.document import Span
from chatspace.core.rewriting.check import PassagePair
from chatspace.core.rewriting.passage import Edit, moved
from chatspace.core.rewriting.review import Move, Review
from chatspace.core.rewriting.rewrite import Rewrite


@dataclass(frozen=True, slots=True)
class Step:
    """A decision, as the undo of the text knows it."""

    review: Review
    moves: tuple[Move, ...]

    @property
    def back(self) -> tuple[Move, ...]:
        """What takes it back."""
        return tuple(move.back for move in reversed(self.moves))


@dataclass(eq=False)
class Proposal:
    """`since` is what was edited after it was asked for, `at` the version in sight; `failure` says why none came."""

    instruction: str
    passage: PassagePair
    question: Message | None = None
    at: int = 0
    failure: str = ""
    since: list[Edit] = field(default_factory=list)
    versions: list[Review] = field(default_factory=list)
    _replies: dict[int, Message] = field(default_factory=dict)

    @property
    def review(self) -> Review | None:
        """The version in sight."""
        return self.versions[self.at] if self.versions else None

    def reply_of(self, review: Review) -> Message:
        return self._replies[review.message]

    @property
    def span(self) -> Span:
        """Where the passage is now."""
        return reduce(moved, self.since, self.passage.span)

    def add(self, reply: Message, rewrite: Rewrite) -> None:
        """One more version, which is shown."""
        self._replies[reply.id] = reply
        self.versions.append(Review.begin(reply.id, rewrite, self.passage.span[0], self.since))
        self.at = len(self.versions) - 1

    def follow(self, edit: Edit, besides: Review | None = None) -> None:
        """Let every place follow an edit, but for a version that has followed it already."""
        self.since.append(edit)
        for version in self.versions:
            if version is not besides:
                version.follow(edit)

    def carry_out(self, review: Review, move: Move, text: str) -> str:
        """The text after a move, which every place has followed."""
        edit = review.move(move)
        if move.now.text == move.was.text:
            return text
        self.follow(edit, review)
        return text[: edit.at] + move.now.text + text[edit.at + edit.removed :]

    def stale(self, text: str) -> frozenset[int]:
        """The hunks in sight that no longer apply."""
        review = self.review
        if review is None:
            return frozenset()
        return frozenset(hunk.id for hunk in review.rewrite.hunks if not review.applies(hunk, text))
