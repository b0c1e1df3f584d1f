"""Replies of any length: mixed Markdown, and such of one block that grows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count

from tests.benchmarks.documents import document

MARK = "\n\nΩmega"
"""The end of every reply, by which it is known on a screen."""

SENTENCE = "the quiet heat pump number {n} takes the *noise* out of `heating` for **everybody** in the house, "
LINES: Mapping[str, str] = {
    "fence": '    total_{n} = price("heat pump", {n}) + 4.20  # and something about it\n',
    "list": "- " + SENTENCE + "and its neighbours\n",
    "table": "| Tern {n} | ${n}.50 | quiet and *reliable* | Porto |\n",
    "paragraph": SENTENCE,
}
FIRST = {"fence": "```python\n", "list": "", "table": "| Name | Price | What | Where |\n|---|---:|---|---|\n"}
LAST = {"fence": "```"}


def text_of(kind: str, size: int) -> str:
    """Markdown of about so many bytes; `kind` is "mixed" or the one block that it consists of."""
    if kind == "mixed":
        return document(size)[:size]
    return _grown(size, FIRST.get(kind, ""), LINES[kind].format) + LAST.get(kind, "")


def _grown(size: int, first: str, line: Callable[..., str]) -> str:
    parts, written = [first], len(first)
    for number in count():
        if written >= size:
            break
        parts.append(line(n=number))
        written += len(parts[-1])
    return "".join(parts)
