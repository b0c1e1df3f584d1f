"""A history of any length: words as often as in a natural language, conversations of twenty messages."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path

from chatspace.adapters.history import Store
from chatspace.adapters.history.database import Database
from chatspace.adapters.history.ids import LOW_BITS

VOCABULARY = 200_000
MESSAGES_EACH = 20
BATCH = 20_000
APART_MS = 60_000
"""A message a minute: a million take two years."""

PROFILES = ("chat", "chat", "chat", "chat", "balanced-drafter", "longform-drafter", "rewriter", "storyteller")
MODELS = ("openai/gpt-4.1", "openai/gpt-4.1", "anthropic/claude-sonnet", "gemini/flash", "ollama/qwen3")
TAGS = (("harbour", 0.05), ("winter", 0.01), ("embargo", 0.002))
ARCHIVED, TRASHED, PINNED = 0.1, 0.02, 0.0005

SYLLABLES = [first + vowel + last for first in "bdfgklmnprstvz" for vowel in "aeiou" for last in ("", "n", "r", "s")]


def vocabulary() -> list[str]:
    """Words by rank, the most frequent first and shortest, all different."""
    chosen = random.Random(7)
    words: dict[str, None] = {}
    while len(words) < VOCABULARY:
        syllables = 1 + (len(words) > 40) + (len(words) > 3_000) + (len(words) > 60_000)
        words["".join(chosen.choices(SYLLABLES, k=syllables + chosen.randint(0, 1)))] = None
    return list(words)


class Speech:
    """Texts whose words follow the law of Zipf and Mandelbrot."""

    def __init__(self, seed: int = 1) -> None:
        self.words = vocabulary()
        self._weights = list(accumulate(1 / (rank + 2.7) ** 1.05 for rank in range(VOCABULARY)))
        self._random = random.Random(seed)

    def text(self) -> str:
        """Some sixty words; a few texts are ten times as long."""
        count = int(self._random.lognormvariate(3.7, 0.9)) + 3
        return " ".join(self._random.choices(self.words, cum_weights=self._weights, k=count))


def fill(path: Path, messages: int, started_ms: int | None = None) -> None:
    """Make a store with so many messages, as the program itself would have."""
    with Store(path) as store:
        store.conversations.page()  # makes the file
    now = started_ms or int(time.time() * 1000)
    speech, chances = Speech(), random.Random(2)
    first = now - messages * APART_MS
    database = Database(path)
    for start in range(0, messages, BATCH):
        with database.write() as connection:
            for number in range(start, min(start + BATCH, messages), MESSAGES_EACH):
                rows = list(_conversation(number, first, speech, chances))
                connection.execute(CONVERSATION, _described(rows, speech, chances))
                connection.executemany(MESSAGE, rows)
    database.close()


Row = tuple[int, int, int | None, str, int, str | None, str | None, str]

CONVERSATION = """INSERT INTO conversations
    (id, title, created, updated, message_count, profile, model, tags, archived, pinned, deleted, leaf)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
MESSAGE = """INSERT INTO messages (id, conversation, parent, role, created, status, step, profile, model, text)
             VALUES (?, ?, ?, ?, ?, 'complete', 'chat', ?, ?, ?)"""


def _conversation(number: int, first: int, speech: Speech, chances: random.Random) -> Iterator[Row]:
    conversation = (first + number * APART_MS) << LOW_BITS
    profile, model = chances.choice(PROFILES), chances.choice(MODELS)
    parent = None
    for index in range(MESSAGES_EACH):
        created = first + (number + index) * APART_MS
        id = (created << LOW_BITS) + 1
        who = (None, None) if index % 2 == 0 else (profile, model)
        yield id, conversation, parent, "assistant" if index % 2 else "user", created, *who, speech.text()
        parent = id


def _described(rows: Sequence[Row], speech: Speech, chances: random.Random) -> tuple[object, ...]:
    tags = ", ".join(f'"{tag}"' for tag, share in TAGS if chances.random() < share)
    archived, deleted = chances.random() < ARCHIVED, chances.random() < TRASHED
    conversation, created, updated = rows[0][1], rows[0][4], rows[-1][4]
    title = rows[0][-1][:50]
    return (
        conversation,
        title,
        created,
        updated,
        len(rows),
        rows[-1][5],
        rows[-1][6],
        f"[{tags}]",
        archived,
        chances.random() < PINNED,
        updated if deleted else None,
        rows[-1][0],
    )
