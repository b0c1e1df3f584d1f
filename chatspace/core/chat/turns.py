"""What of a conversation a model is sent: the turns that fit its window, with the sources that belong to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from chatspace.core.calls.call import Turn
from chatspace.core.chat.attachment import FRAME_TOKENS, Enclosed, enclose, shares, shown
from chatspace.core.chat.conversation import Role
from chatspace.core.document import Source
from chatspace.core.text.tokens import TURN_OVERHEAD, estimate_tokens


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """One turn, with the sources attached to it."""

    role: Role
    text: str
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Fitted:
    """The turns that fit. `dropped` counts the older ones; `cut` has the tokens of each source that can't go whole."""

    said: tuple[ChatTurn, ...]
    dropped: int
    tokens: int
    cut: Mapping[str, int] = field(default_factory=dict)


def fit_turns(
    said: Iterable[ChatTurn], recipe_tokens: int, room: int | None, size: Callable[[Source], int] | None = None
) -> Fitted:
    """The newest turns within `room` tokens (None takes everything); the last is always in.

    The sources of turns that are dropped go with the first that is kept. Sources take what the texts leave, and texts
    leave them up to half of the room.
    """
    size = size or (lambda source: estimate_tokens(source.text))
    turns = [one for one in said if one.text.strip() or one.sources]
    sizes = {source.id: size(source) + FRAME_TOKENS for one in turns for source in one.sources}
    reserve = 0 if room is None else min(sum(sizes.values()), room // 2)
    needed = recipe_tokens
    kept = 0
    for one in reversed(turns):
        more = estimate_tokens(one.text) + TURN_OVERHEAD
        if kept and room is not None and needed + more > room - reserve:
            break
        needed += more
        kept += 1
    cut = {} if room is None else shares(sizes, room - needed)
    tokens = needed + sum(min(each, cut[id_] + FRAME_TOKENS) if id_ in cut else each for id_, each in sizes.items())
    dropped = len(turns) - kept
    return Fitted(_carried(turns[:dropped], turns[dropped:]), dropped, tokens, cut)


def _carried(dropped: Sequence[ChatTurn], kept: Sequence[ChatTurn]) -> tuple[ChatTurn, ...]:
    """The kept turns, the first of the user's with the sources of those that were dropped."""
    sources = tuple(source for one in dropped for source in one.sources)
    first = next((place for place, one in enumerate(kept) if one.role == "user"), None)
    if not sources or first is None:
        return tuple(kept)
    return (*kept[:first], replace(kept[first], sources=(*sources, *kept[first].sources)), *kept[first + 1 :])


def turns_of(
    fitted: Fitted, payload: Callable[[Source, int], str], size: Callable[[Source], int] | None = None
) -> list[Turn]:
    """The turns as they are sent; a source that is attached again is named with the first."""
    size = size or (lambda source: estimate_tokens(source.text))
    sent: set[str] = set()
    turns: list[Turn] = []
    for one in fitted.said:
        enclosed = []
        for source in one.sources:
            if source.id in sent:
                enclosed.append(Enclosed(source, "", "It stands further up already."))
            else:
                sent.add(source.id)
                enclosed.append(shown(source, fitted.cut.get(source.id), size(source), payload))
        text = enclose(one.text, enclosed)
        if one.role == "assistant" and turns and turns[-1].role == "assistant":
            turns[-1] = Turn("assistant", f"{turns[-1].content}\n\n{text}")  # some models want the roles in turn
        else:
            turns.append(Turn(one.role, text))
    return turns
