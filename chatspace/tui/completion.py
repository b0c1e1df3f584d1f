"""What can follow what is being typed: commands, their options, and paths."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chatspace.core.text.safe import for_screen
from chatspace.tui.commands import COMMANDS, SlashCommand
from chatspace.tui.paths import going_on, mention, quoted

WORD = re.compile(r'(?:^|\s)(@"[^"\n]*|\S*)$')
TAKES_PATHS = re.compile(r"PATH|FILE|FOLDER")
MAX_SHOWN = 50

OPTIONS: Mapping[str, str] = {
    "words": "how long, in words",
    "variants": "how many per field",
    "channel": "where it goes: blog, social, ad, google-ads, x, linkedin, ...",
    "sla": "fast, standard or best",
    "lang": "the language of the result, as in de",
    "tone": "as in warm or matter-of-fact",
    "audience": "whom the text is for",
    "profile": "the profile for this step",
    "model": "a model instead of the profile's own",
    "policy": "the rules that choose the profile",
    "with": "a further source",
    "profiles": "who is compared, as in chat,quick",
    "openings": "how many",
    "tones": "as in plain,warm",
    "output": "the folder of the outputs; -o",
    "jobs": "how many documents at once; -j",
    "pipeline": "the order of the stages",
    "budget": "what it may cost, in USD",
    "token-budget": "how many tokens it may take",
    "local": "call nothing but this machine",
    "force": "continue even if the gate rejects the text",
    "fresh": "repeat calls that were already paid for",
    "retry-failed": "try those too that a reader or the gate refused",
    "overwrite": "replace outputs that were edited",
}
"""What each option of a command says."""

Kind = Literal["command", "option", "mention", "path"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The beginning of something that can be completed: `length` characters before the cursor, and what they name."""

    kind: Kind
    typed: str
    length: int
    command: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to go on. `text` takes the place of what was typed; after a folder it goes `further`."""

    text: str
    label: str
    detail: str = ""
    further: bool = False


@dataclass(frozen=True, slots=True)
class Completion:
    wanted: Wanted
    candidates: tuple[Candidate, ...]
    note: str = ""


def wanted(before: str) -> Wanted | None:
    """What is being typed at the end of `before`, the text up to the cursor."""
    command = re.match(r"/(\w*)", before)
    if command and command[0] == before:
        return Wanted("command", command[1], len(command[1]))
    match = WORD.search(before)
    word = match[1] if match else ""
    if word.startswith("@"):
        return Wanted("mention", word[1:].lstrip('"'), len(word))
    slash = COMMANDS.get(command[1]) if command and "\n" not in before else None
    if slash is None or command is None:
        return None
    if word.startswith("--") and "=" not in word:
        return Wanted("option", word[2:], len(word), command[1])
    if word and not word.startswith("-") and TAKES_PATHS.search(slash.arguments):
        return Wanted("path", word, len(word), command[1])
    return None


def complete(wanted_: Wanted, folder: Path) -> Completion:
    """What can follow. Looks at a disk where paths are wanted: then to be called from a thread."""
    if wanted_.kind == "command":
        return Completion(wanted_, tuple(_commands(wanted_.typed)))
    if wanted_.kind == "option":
        options = COMMANDS[wanted_.command].options
        matching = [name for name in options if name.startswith(wanted_.typed)]
        return Completion(
            wanted_, tuple(Candidate(f"--{name} ", f"--{name}", OPTIONS.get(name, "")) for name in matching)
        )
    found = going_on(wanted_.typed, folder, MAX_SHOWN)
    candidates = tuple(_path(path, wanted_.kind) for path in found.paths)
    return Completion(wanted_, candidates, "" if found.whole else "There are more: type on, or name a folder.")


def _path(path: str, kind: Kind) -> Candidate:
    further = path.endswith("/")
    written = mention(path) if kind == "mention" else quoted([path])
    if further and written.endswith('"'):
        written = written[:-1]  # the path goes on
    return Candidate(written if further else f"{written} ", for_screen(path), further=further)


def _commands(typed: str) -> Sequence[Candidate]:
    """Those that begin so, then those that hold it, then those whose summary does."""
    wanted_ = typed.casefold()
    ranked: Mapping[int, list[Candidate]] = {0: [], 1: [], 2: []}
    for name, slash in COMMANDS.items():
        places = (name.startswith(wanted_), wanted_ in name, wanted_ in slash.summary.casefold())
        if True in places:
            candidate = Candidate(f"{name} ", f"/{name} {slash.arguments}".rstrip(), _told(slash))
            ranked[places.index(True)].append(candidate)
    return [candidate for candidates in ranked.values() for candidate in candidates]


def _told(slash: SlashCommand) -> str:
    options = f" · --{' --'.join(slash.options)}" if slash.options else ""
    return slash.summary + options
