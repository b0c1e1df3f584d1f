"""The word lists that ship with the program: text files in `data/words`, with a heading in brackets above each list."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "data" / "words"


@cache
def lines_of(name: str) -> Mapping[str, tuple[str, ...]]:
    """The lines of a file by the heading above them, without blank lines and comments."""
    lists: dict[str, tuple[str, ...]] = {}
    heading = ""
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            heading = line.strip("[]")
            lists[heading] = ()
        elif line and not line.startswith("#"):
            lists[heading] += (line,)
    return lists


@cache
def word_lists(name: str) -> Mapping[str, frozenset[str]]:
    """The words of a file, each between spaces, by the heading above them."""
    return {heading: frozenset(" ".join(lines).split()) for heading, lines in lines_of(name).items()}


def pairs_of(name: str, heading: str) -> dict[str, str]:
    """What is written as `one = other`, a pair a line, in the order of the file."""
    split = (line.partition("=") for line in lines_of(name)[heading])
    return {one.strip(): other.strip() for one, _, other in split}
