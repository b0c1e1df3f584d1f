"""desk.yaml: the single keys of the desk and what each asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from chatspace.adapters.profiles.entries import Entry
from chatspace.adapters.profiles.marked import parse
from chatspace.adapters.profiles.validation import validated
from chatspace.core.profiles.profile import DeskKey

FILE_NAME = "desk.yaml"
Key = Annotated[str, Field(pattern=r"^[^\s\x00-\x1f\x7f]$")]


class DeskKeyEntry(Entry):
    name: Annotated[str, Field(min_length=1, max_length=30, pattern=r"^\S(.*\S)?$")] = Field(
        description="text of at most 30 characters"
    )
    instruction: Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")] = Field(
        description="the instruction, as text"
    )


class DeskEntry(Entry):
    keys: dict[Key, DeskKeyEntry] = Field(
        description="a mapping of keys (single characters, quoted if YAML requires it), each with name, instruction"
    )


def load_desk(path: Path, text: str) -> tuple[DeskKey, ...]:
    """In the order of the file."""
    entry = validated(DeskEntry, parse(path, text))
    return tuple(DeskKey(key, each.name, each.instruction) for key, each in entry.keys.items())
