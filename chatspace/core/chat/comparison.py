"""A comparison: one message, answered by several at once, of which one may be picked."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from chatspace.core.calls.usage import Usage
from chatspace.core.chat.conversation import Message, MessageStatus
from chatspace.core.profiles.profile import Target

FEWEST, MAX = 2, 6
"""How many can be compared."""


@dataclass(frozen=True, slots=True)
class ComparisonTarget:
    """Who is asked: a profile, or a model in the place of the profile's own, with its endpoint behind an @."""

    profile: str
    model: str | None = None

    @property
    def name(self) -> str:
        return self.model or self.profile


@dataclass(frozen=True, slots=True)
class ComparisonAnswer:
    """An answer that was won with, or beaten; `profile` and `model` are those that really answered."""

    message: int
    profile: str
    model: str
    host: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was asked of whom, and how it ended; `message` is the user's.

    Without a pick `picked` and `winner` are None and nobody was `beaten`. `blind` says whether the names were hidden
    when the winner was picked. Times are UTC.
    """

    message: int
    conversation: int
    asked: datetime
    contestants: tuple[ComparisonTarget, ...]
    picked: datetime | None = None
    blind: bool = False
    winner: ComparisonAnswer | None = None
    beaten: tuple[ComparisonAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """One answer; in a blind comparison `profile` is a letter and what would give the model away is null."""

    profile: str
    model: str | None
    text: str
    status: MessageStatus
    usage: Usage | None
    cost_usd: float | None
    first_token_ms: int | None
    elapsed_ms: int | None
    error: str | None
    message: str | None = None
    host: str | None = None


@dataclass(frozen=True, slots=True)
class ComparisonRecord:
    """`chatspace.compare/1`: the answers in the order in which they were asked for; ids are strings."""

    prompt: str
    answers: tuple[AnswerRecord, ...]
    conversation: str
    message: str
    schema: Literal["chatspace.compare/1"] = "chatspace.compare/1"


def answer_record(contestant: ComparisonTarget, answer: Message | None, error: str | None = None) -> AnswerRecord:
    """`error` says why there is no answer at all."""
    if answer is None:
        return AnswerRecord(contestant.profile, contestant.model, "", "failed", None, None, None, None, error)
    return AnswerRecord(
        profile=answer.profile or contestant.profile,
        model=answer.model,
        text=answer.text,
        status=answer.status,
        usage=answer.usage,
        cost_usd=answer.cost_usd,
        first_token_ms=answer.first_token_ms,
        elapsed_ms=answer.elapsed_ms,
        error=answer.error,
        message=str(answer.id),
        host=answer.host,
    )


LETTERS = "ABCDEF"
"""What the contestants of a blind comparison are called."""


def without_names(text: str, target: Target, letter: str) -> str:
    """A text, such as an error, in which nothing says any more who is behind the letter."""
    model = target.model
    names = {model, model.rpartition("/")[2], target.profile.name, target.host}
    pattern = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if name)
    return re.sub(rf"(?<![\w-])(?:{pattern})(?![\w-])", letter, text)


def blind_record(record: AnswerRecord, target: Target, letter: str) -> AnswerRecord:
    """The answer under its letter, without what would give the model away: its name, its price and its speed."""
    error = record.error and without_names(record.error, target, letter)
    hidden = replace(record, profile=letter, model=None, host=None, error=error)
    return replace(hidden, usage=None, cost_usd=None, first_token_ms=None, elapsed_ms=None)
