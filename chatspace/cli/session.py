"""Running the core's coroutines from a command: signals, exit codes, and the one place where errors become messages."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from chatspace.cli.progress import report_error
from chatspace.core.document import Source
from chatspace.core.errors import ChatspaceError, SourceError, UsageError
from chatspace.core.registry import Format
from chatspace.core.text.safe import file_name, for_screen
from chatspace.wiring import Workspace

INTERRUPTED = 130
STANDARD_INPUT = "-"

Result = TypeVar("Result")


def wait_for(work: Coroutine[Any, Any, Result], *, stopping: str = "", kept: str = "Received text is kept.") -> Result:
    """Run to the end. The first ctrl+c, SIGTERM or SIGHUP stops it in order and exits with 130, saying what is `kept`.

    What takes its time to stop says so, as `stopping` has it; a second signal then ends it at once.
    """

    async def with_signals() -> Result:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()

        def stop() -> None:
            if stopping and task.cancelling():
                os._exit(INTERRUPTED)
            if stopping:
                click.echo(f"\n{stopping}", err=True)
            task.cancel()

        for number in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
            with contextlib.suppress(NotImplementedError):  # on Windows ctrl+c comes as KeyboardInterrupt
                loop.add_signal_handler(number, stop)
        return await task

    try:
        return asyncio.run(with_signals())
    except (asyncio.CancelledError, KeyboardInterrupt):
        click.echo(f"Interrupted. {kept}", err=True)
        raise SystemExit(INTERRUPTED) from None


def each_source(workspace: Workspace, names: tuple[str, ...], work: Callable[[Source, str], None]) -> None:
    """Do the work for every source, going on after a failure; ends with the highest exit code of all.

    The work gets the source and a name for its output, which no other source of the command has.
    """
    code, taken = 0, set[str]()
    for name in names:
        try:
            source = read_source(workspace, name)
            path = Path(source.name)
            work(source, f"{_free(path.stem, taken)}{path.suffix}")
        except ChatspaceError as error:
            report_error(error, name if len(names) > 1 else "")
            code = max(code, error.exit_code)
    if code:
        raise SystemExit(code)


def _free(stem: str, taken: set[str]) -> str:
    """The name, with a number where an output has it already, whatever the case."""
    number, found = 1, stem
    while file_name(found).casefold() in taken:
        number += 1
        found = f"{stem}-{number}"
    taken.add(file_name(found).casefold())
    return found


def attached(workspace: Workspace, names: Sequence[str], *, quiet: bool) -> list[Source]:
    """What goes along, read; its size and what the gate says of it go to standard error."""
    read = [workspace.attachments.gated(read_source(workspace, name)) for name in names]
    for each in () if quiet else read:
        click.echo(for_screen(f"with {each.source.name}: {each.summary}"), err=True)
    return [each.source for each in read]


def read_source(workspace: Workspace, name: str) -> Source:
    """A path or `-`. What the reader warns of goes to standard error."""
    if name == STANDARD_INPUT:
        if sys.stdin.isatty():
            raise SourceError("Standard input is a terminal", remedy="Pipe text in, or give a file.")
        source = workspace.runs.read_bytes(sys.stdin.buffer.read(), "stdin")
    else:
        source = workspace.runs.read(Path(name))
    for warning in source.warnings:
        click.echo(for_screen(warning), err=True)
    return source


def check_terminal(format: Format) -> None:
    """Raises UsageError where standard output is a terminal, which can't show the format."""
    if not format.is_text and sys.stdout.isatty():
        raise UsageError(
            f"{format.name} can't be shown in a terminal",
            remedy=f"Write to a file with -o NAME{format.suffix}, or use a pipe.",
        )


def print_data(format: Format, data: bytes) -> None:
    """What an exporter made to standard output: text harmless for a terminal, other data byte by byte."""
    click.echo(for_screen(data.decode("utf-8")) if format.is_text else data, nl=False)


def print_text(text: str) -> None:
    """Text from models and files, harmless for a terminal, ending in one newline."""
    click.echo(for_screen(text).rstrip("\n"))
