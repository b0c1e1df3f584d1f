"""The command of a run: for each of several files, and as it is stored in the conversation."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from chatspace.tui.commands import ParsedCommand


def for_each_file(typed: ParsedCommand) -> list[ParsedCommand]:
    """A command for each of several files; with one, or with a text, it is the command itself."""
    if "\n" in typed.text:
        return [typed]
    try:
        names = shlex.split(typed.text)
    except ValueError:
        return [typed]
    if len(names) < 2 or not all(Path(name).expanduser().is_file() for name in names):
        return [typed]
    return [replace(typed, text=name) for name in names]


def line_of(text: str, options: Iterable[tuple[str, str | int]], others: Iterable[str]) -> str:
    """The command as it is stored in the conversation."""
    said = [f"--{name} {_quoted(str(value))}" for name, value in options]
    said += [f"--with {_quoted(other)}" for other in others]
    return " ".join(part for part in ("/run", text, *said) if part)


def _quoted(text: str) -> str:
    return text if text and not any(character.isspace() or character in "'\"" for character in text) else repr(text)
