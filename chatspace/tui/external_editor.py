"""The user's own editor, on a text of the workspace."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from textual.app import App, SuspendNotSupported

from chatspace.core.errors import UsageError
from chatspace.core.text.safe import for_file

USUAL = ("sensible-editor", "nano", "vi", "notepad")
REMEDY = "Set $VISUAL or $EDITOR to an editor that runs in the terminal, as in EDITOR=nano."


def editor_command(environment: Mapping[str, str]) -> list[str]:
    """The words of the command. Raises UsageError where there is no editor."""
    for name in ("VISUAL", "EDITOR"):
        if environment.get(name, "").strip():
            try:
                return shlex.split(environment[name])
            except ValueError as error:
                raise UsageError(f"${name} can't be read", str(error), REMEDY) from error
    found = next((command for command in USUAL if shutil.which(command)), None)
    if found is None:
        raise UsageError("No editor found", "neither $VISUAL nor $EDITOR is set", REMEDY)
    return [found]


async def edit_outside(app: App[object], text: str) -> str:
    """What the editor made of a text. The workspace goes on meanwhile, unseen.

    Raises UsageError where the editor couldn't be started or failed; what was written in it then is kept in a file
    that the error names.
    """
    command = editor_command(os.environ)
    folder = Path(tempfile.mkdtemp(prefix="chatspace-"))
    path = folder / "prompt.md"
    path.write_text(text, encoding="utf-8", errors="replace")
    keep = False
    try:
        try:
            with app.batch_update(), app.suspend(), _interrupts_are_the_editors():
                code = await _run([*command, str(path)])
        except SuspendNotSupported as error:
            raise UsageError(
                "The editor can't be opened here", "this terminal can't be handed over", "Write on here."
            ) from error
        if isinstance(code, Exception):
            reason = getattr(code, "strerror", None) or str(code)
            raise UsageError(f"{command[0]} can't be started", reason, REMEDY) from code
        try:
            edited = path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise UsageError(f"{command[0]} left no text", str(error), "The text was not changed.") from error
        edited = for_file(edited.replace("\r\n", "\n").replace("\r", "\n"))
        if edited.endswith("\n") and not text.endswith("\n"):
            edited = edited[:-1]  # editors end the last line
        if code:
            keep = edited != text
            kept = f"What it wrote is in {path}." if keep else "The text was not changed."
            raise UsageError(f"{command[0]} failed", f"it exited with code {code}", kept)
        return edited
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


async def _run(command: list[str]) -> int | Exception:
    """The exit code, or why it couldn't be started: an exception would leave the terminal with nobody."""
    try:
        process = await asyncio.create_subprocess_exec(*command)
        return await process.wait()
    except (OSError, ValueError) as error:
        return error


@contextmanager
def _interrupts_are_the_editors() -> Iterator[None]:
    """ctrl+c in the editor reaches this process too, where it means nothing now."""
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
