"""The pieces of an exported conversation put together to messages.

Other programs keep thoughts, tool calls, their output and the answer as rows of their own; here they are one reply. A
piece that nobody said leaves no message, and what hangs below it hangs below the one above it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chatspace.adapters.importers.values import joined
from chatspace.core.calls.usage import Usage
from chatspace.core.chat.conversation import MessageStatus, Role
from chatspace.core.chat.imported import ImportedConversation, ImportedMessage, LeftOut
from chatspace.core.document import Source


@dataclass(frozen=True, slots=True)
class Piece:
    """A row of the export; `role` is None for one that only holds others."""

    id: str
    parent: str | None = None
    role: Role | None = None
    text: str = ""
    created: datetime | None = None
    reasoning: str = ""
    model: str | None = None
    status: MessageStatus = "complete"
    usage: Usage | None = None
    elapsed_ms: int | None = None
    sources: tuple[Source, ...] = ()

    @property
    def says(self) -> bool:
        return self.role is not None and bool(self.text.strip() or self.reasoning.strip() or self.sources)


@dataclass(slots=True)
class Notes:
    """What couldn't be read of a conversation, and what isn't a part of one here."""

    file: str
    conversation: str
    left_out: list[LeftOut] = field(default_factory=list)
    omitted: Counter[str] = field(default_factory=Counter)

    def leave_out(self, message: str, why: str) -> None:
        self.left_out.append(LeftOut(self.file, why, self.conversation, message and f"message {message}"))

    def omit(self, what: str) -> None:
        self.omitted[what] += 1


@dataclass(frozen=True, slots=True)
class _Turn:
    """A piece of a reply behind those that belong to the same."""

    piece: Piece
    before: _Turn | None


@dataclass(frozen=True, slots=True)
class _State:
    """Where the walk stands: the message above, and the reply that isn't told yet."""

    above: str | None = None
    turn: _Turn | None = None


class _MessageAssembler:
    def __init__(self, pieces: Sequence[Piece], notes: Notes) -> None:
        self._pieces: dict[str, Piece] = {}
        for piece in pieces:
            if piece.id in self._pieces:
                notes.leave_out(piece.id, "another message has this id")
            else:
                self._pieces[piece.id] = piece
        parents = _parents(self._pieces, notes)
        self._children: dict[str | None, list[Piece]] = {}
        for piece in self._pieces.values():
            self._children.setdefault(parents[piece.id], []).append(piece)
        self._told: dict[str, ImportedMessage] = {}
        self._place: dict[str, str | None] = {}

    def tell(self, leaf: str | None) -> tuple[list[ImportedMessage], str | None]:
        """The messages, parents before their replies, and the one that `leaf` is a part of."""
        waiting = [(piece, _State()) for piece in reversed(self._children.get(None, []))]
        while waiting:
            piece, state = waiting.pop()
            state = self._take(piece, state)
            below = self._children.get(piece.id, [])
            if len(below) != 1:
                state = self._end(state)
            self._place.setdefault(piece.id, state.turn.piece.id if state.turn else state.above)
            waiting += [(each, state) for each in reversed(below)]
        at = leaf
        while at is not None and at not in self._told:
            at = self._place.get(at)
        return list(self._told.values()), at

    def _take(self, piece: Piece, state: _State) -> _State:
        if not piece.says:
            return state
        if piece.role == "assistant":
            return _State(state.above, _Turn(piece, state.turn))
        state = self._end(state)
        self._keep(_message(piece.id, state.above, "user", [piece]))
        return _State(piece.id)

    def _end(self, state: _State) -> _State:
        """The reply is told, where it has begun."""
        if state.turn is None:
            return state
        pieces = list(_of(state.turn))[::-1]
        id = pieces[-1].id
        self._keep(_message(id, state.above, "assistant", pieces))
        self._place.update((piece.id, id) for piece in pieces[:-1])
        return _State(id)

    def _keep(self, message: ImportedMessage) -> None:
        self._told[message.id] = message


def _of(turn: _Turn | None) -> Iterator[Piece]:
    while turn:
        yield turn.piece
        turn = turn.before


def _message(id: str, parent: str | None, role: Role, pieces: Sequence[Piece]) -> ImportedMessage:
    last = pieces[-1]
    sources = {source.id: source for piece in pieces for source in piece.sources}
    return ImportedMessage(
        id=id,
        parent=parent,
        role=role,
        text=joined(*(piece.text for piece in pieces)),
        created=next((piece.created for piece in pieces if piece.created), None),
        status=last.status,
        reasoning=joined(*(piece.reasoning for piece in pieces)),
        model=next((piece.model for piece in reversed(pieces) if piece.model), None),
        usage=last.usage,
        elapsed_ms=last.elapsed_ms,
        sources=tuple(sources.values()),
    )


def _parents(pieces: Mapping[str, Piece], notes: Notes) -> dict[str, str | None]:
    """The parent of each piece: none where it isn't there, or where going up never ends."""
    parents = {id: piece.parent if piece.parent in pieces else None for id, piece in pieces.items()}
    for missing in {piece.parent: None for piece in pieces.values() if piece.parent and piece.parent not in pieces}:
        notes.leave_out(missing, "it is not in the file; the messages below it start a new branch")
    ends: set[str] = set()
    for start in pieces:
        path: dict[str, None] = {}
        at: str | None = start
        while at is not None and at not in ends and at not in path:
            path[at] = None
            at = parents[at]
        if at is not None and at in path:
            parents[at] = None
            notes.leave_out(at, "it is its own ancestor; it starts a new branch")
        ends.update(path)
    return parents


def conversation(
    origin: str,
    id: str,
    title: str,
    pieces: Sequence[Piece],
    notes: Notes,
    *,
    created: datetime | None = None,
    updated: datetime | None = None,
    leaf: str | None = None,
    archived: bool = False,
) -> ImportedConversation:
    """The pieces as a conversation, with what was noted on the way."""
    told, left_at = _MessageAssembler(pieces, notes).tell(leaf)
    return ImportedConversation(
        origin=origin,
        id=id,
        title=title,
        messages=tuple(told),
        created=created,
        updated=updated,
        leaf=left_at,
        archived=archived,
        left_out=tuple(notes.left_out),
        omitted=dict(notes.omitted),
    )
