"""The slash commands: what can be typed in the prompt behind a `/`."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from difflib import get_close_matches

from chatspace.core.errors import UsageError
from chatspace.core.profiles.options import Options
from chatspace.tui.navigation import SCREENS, SOURCE_OPTIONS, WITH


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """One command: what stands behind it, and what it does."""

    arguments: str
    summary: str
    options: tuple[str, ...] = ()


FLAGS = ("local", "force", "fresh", "retry-failed", "overwrite")
"""The options without a value."""
SHORT = {"-o": "--output", "-j": "--jobs"}
"""As the command line has them."""

COMMANDS: Mapping[str, SlashCommand] = {
    "extract": SlashCommand("[PATH or text]", "outline, figures, names and key points", (*SOURCE_OPTIONS, WITH)),
    "draft": SlashCommand(
        "[PATH or text]", "a long-form text; --words N, --with PATH for further sources", (*SOURCE_OPTIONS, WITH)
    ),
    "copy": SlashCommand(
        "[PATH or text]", "headlines and ad copy; --channel NAME says for where", (*SOURCE_OPTIONS, WITH)
    ),
    "attach": SlashCommand("PATH...", "attach files to the next message; @path does the same"),
    "export": SlashCommand(
        "[FILE]",
        "this conversation as .md, .json or .html, its draft as .docx, a run as FOLDER/; --all FOLDER/ takes every one",
    ),
    "model": SlashCommand("[NAME]", "the model for the next messages; NAME@HOST names its endpoint"),
    "profile": SlashCommand("[NAME]", "the profile for the next messages"),
    "think": SlashCommand(
        "low|medium|high|off", "how much the model thinks before it answers; `profile` leaves it to that"
    ),
    **{name: SlashCommand(place.arguments, place.summary, place.options) for name, place in SCREENS.items()},
    "help": SlashCommand("", "the commands and keys"),
}


@dataclass(frozen=True, slots=True)
class ParsedCommand:
    """A command as typed: its name, what stands behind it, the options among that, and the sources after `--with`.

    `words` are those of its first line without the options, as a shell reads them.
    """

    name: str
    text: str
    options: Mapping[str, str | int] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    words: tuple[str, ...] = field(default=(), compare=False)


def parse_slash(line: str) -> ParsedCommand | None:
    """The command in a prompt, or None where it is a message. Raises UsageError for one that doesn't exist."""
    if not line.startswith("/") or line.startswith("//"):
        return None
    head, _, rest = line[1:].partition("\n") if "\n" in line.split(" ")[0] else line[1:].partition(" ")
    name = head.strip()
    if name not in COMMANDS:
        if "/" in name:
            return None  # a path, not a command
        near = get_close_matches(name, COMMANDS, 1)
        hint = f"Did you mean /{near[0]}?" if near else "/help lists them."
        raise UsageError(f"Unknown command /{name}", remedy=hint)
    return _typed(name, rest, COMMANDS[name].options)


def _typed(name: str, rest: str, known: Sequence[str]) -> ParsedCommand:
    """Take `--name value` pairs from the first line, wherever they stand; pasted lines below are left alone.

    A command without options takes its line as it is.
    """
    first, newline, below = rest.partition("\n")
    try:
        words = shlex.split(first)
    except ValueError:
        return ParsedCommand(name, rest.strip())  # a quote that isn't closed belongs to a text
    words = [long if (long := SHORT.get(word, word))[2:] in known else word for word in words]
    if not known or not any(word.startswith("--") for word in words):
        return ParsedCommand(name, rest.strip(), words=tuple(words))
    kept, options, others, index = [], dict[str, str | int](), list[str](), 0
    while index < len(words):
        word = words[index]
        option = word[2:].partition("=")[0]
        if not word.startswith("--"):
            kept.append(word)
        elif option in FLAGS and option in known:
            options[option] = True
        elif option not in known:
            raise UsageError(f"Unknown option {word}", remedy=f"Known: --{', --'.join(known)}.")
        else:
            _, has_value, value = word.partition("=")
            if not has_value:
                index += 1
                if index == len(words):
                    raise UsageError(f"{word} needs a value")
                value = words[index]
            if option == WITH:
                others.append(value)
            else:
                options[option] = _value(option, value)
        index += 1
    return ParsedCommand(name, (" ".join(kept) + newline + below).strip(), options, tuple(others), tuple(kept))


MAX_DIGITS = 9
"""More would be no length of a text."""


def _value(name: str, value: str) -> str | int:
    kinds = {field.name: str(field.type) for field in fields(Options)}
    if "int" not in kinds.get(name, ""):
        return value
    if not (value.isdecimal() and len(value) <= MAX_DIGITS and int(value) >= 1):
        raise UsageError(f"--{name} must be a whole number of 1 or more, not {value}")
    return int(value)
