"""A batch as it is asked for, and the line that asks for it."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chatspace.core.calls.budget import Allowance, Budget
from chatspace.core.errors import UsageError
from chatspace.core.profiles.options import Options
from chatspace.core.workspace.documents import purse_of
from chatspace.tui.command_runner import path_in
from chatspace.tui.commands import ParsedCommand

DEFAULT_OUTPUT = "out"
DEFAULT_JOBS = 4
MAX_JOBS = 256

OF_THE_BATCH = ("output", "jobs", "budget", "token-budget", "retry-failed", "overwrite")
"""The options that are not those of each run."""
AMBIGUOUS = re.compile(r"[\s'\"\\]|^$")
"""What a word has to be quoted for."""


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """The documents, where their outputs go, and how they are made."""

    typed: ParsedCommand
    paths: tuple[str, ...]
    output: Path
    jobs: int
    options: Options
    retry_failed: bool
    overwrite: bool

    @classmethod
    def of(cls, typed: ParsedCommand, standing: Options, *, retry: bool = False) -> BatchRequest:
        """With the options of the next message where nothing else is said. Raises UsageError.

        `retry` tries those again too that failed for good.
        """
        if not typed.words:
            raise UsageError("/batch wants documents", remedy="Name files, folders, globs or a manifest.")
        said = dict(typed.options)
        own: dict[str, Any] = {name: said.pop(name, None) for name in OF_THE_BATCH}
        output = path_in(str(own["output"] or DEFAULT_OUTPUT))
        usd = _number("budget", own["budget"], float, least=0)
        tokens = _number("token-budget", own["token-budget"], int)
        jobs = _number("jobs", own["jobs"], int) or DEFAULT_JOBS
        if jobs > MAX_JOBS:
            raise UsageError(f"--jobs is {jobs}", f"it must be at most {MAX_JOBS}")
        allowance = Allowance(usd, tokens)
        values: dict[str, Any] = {"profile": None, "model": None, "effort": None, **said}
        options = replace(standing, **values, budget=Budget(purse_of(output), allowance) if allowance else None)
        paths = tuple(str(path_in(word)) for word in typed.words)
        return cls(typed, paths, output, jobs, options, bool(own["retry-failed"]) or retry, bool(own["overwrite"]))


def _number(name: str, value: str | None, kind: type[int] | type[float], least: int = 1) -> Any:
    """Raises UsageError for what is no number of `least` or more."""
    if value is None:
        return None
    try:
        number = kind(value)
    except ValueError:
        number = kind(least) - 1
    if not least <= number < float("inf"):
        raise UsageError(f"--{name} is {value}", f"it must be a number that is {least} or more")
    return number


def line_of(typed: ParsedCommand) -> str:
    """The line as it was typed, to be changed; words that can't be read stay as they are."""
    words = list(typed.words)
    for name, value in typed.options.items():
        words += [f"--{name}"] if value is True else [f"--{name}", str(value)]
    quoted = " ".join(shlex.quote(word) if AMBIGUOUS.search(word) else word for word in words)
    return quoted if typed.words else typed.text
