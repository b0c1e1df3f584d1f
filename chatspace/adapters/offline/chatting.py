"""What the embedded engine answers in a chat: that it can't, how to get a model that can, and what can be counted."""

from __future__ import annotations

from chatspace.adapters.offline.material import FIGURES, plain
from chatspace.core.extraction import Fact
from chatspace.core.facts import find_facts
from chatspace.core.text.length import words as count_words
from chatspace.core.text.ranking import key_points
from chatspace.core.text.scripts import shown
from chatspace.core.text.tone import Tone, tone

LONG_MESSAGE = 60
"""Words; a message from here on is taken for a text to look at."""

MAX_FIGURES = 8

NO_MODEL = (
    "This is the built-in engine. It has no language model and can't answer in its own words. To connect one, set "
    "`OPENAI_API_KEY`, `ANTHROPIC_API_KEY` or `GEMINI_API_KEY` before you start chatspace, or run Ollama on this "
    "machine; then choose it with ctrl+o (`--model` on the command line)."
)
COMMANDS = (
    "These work without a model, on a file, on pasted text or on the last message: `/extract` shows its structure and "
    "figures, `/draft` arranges its own sentences into a text, `/copy` writes short variants within a channel's limits."
)


def answer(message: str) -> str:
    """Markdown; a message that holds a longer text is described as well."""
    parts = [NO_MODEL]
    if count_words(message) >= LONG_MESSAGE:
        parts += _described(message)
    return "\n\n".join((*parts, COMMANDS)) + "\n"


def _described(text: str) -> list[str]:
    counted = tone(text)
    parts = ["What rules can tell about your text:", _counts(text, counted)]
    points = sorted(key_points(text, limit=3), key=lambda point: point.span)
    if points:
        parts += ["Its key sentences:", "\n".join(f"- {plain(point.text)}" for point in points)]
    found = sorted((fact for fact in find_facts(text) if fact.type in FIGURES), key=_rank)
    figures = list(
        dict.fromkeys(shown(fact.raw) for fact in found if any(character.isdigit() for character in fact.raw))
    )
    if figures:
        more = f" and {len(figures) - MAX_FIGURES} more" if len(figures) > MAX_FIGURES else ""
        parts.append(f"Its figures: {'; '.join(figures[:MAX_FIGURES])}{more}.")
    return parts


def _rank(fact: Fact) -> int:
    """Money and percentages first: bare numbers say the least."""
    return ("money", "percent", "quantity", "number").index(fact.type)


def _counts(text: str, counted: Tone) -> str:
    lines = [
        f"- {count_words(text):,} words, {counted.sentences} sentences of {counted.sentence_mean:g} words on average"
    ]
    if counted.reading_ease is not None:
        lines.append(f"- reading ease {counted.reading_ease:.0f} ({_ease(counted.reading_ease)})")
    if counted.passive:
        lines.append(f"- {counted.passive:.0%} of the sentences are in the passive voice")
    return "\n".join(lines)


def _ease(value: float) -> str:
    return "easy" if value >= 70 else "plain" if value >= 60 else "fairly hard" if value >= 40 else "hard"
