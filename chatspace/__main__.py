"""No argument opens the workspace; a command runs headless."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from pathlib import Path

from chatspace.core.errors import ChatspaceError

PRELOAD_MODULES = (
    "chatspace.adapters.history.store",
    "chatspace.adapters.litellm.client",
    "chatspace.tui.completion",
    "chatspace.core.events",
    "chatspace.core.workspace.conversations",
    "chatspace.tui.widgets.transcript",
)
"""What the first frame has no need of, and what comes after it has."""


def open_workspace(profiles: Path | None = None, local: bool = False) -> None:
    """The terminal workspace, with the models in a child process so that typing never waits for them."""
    gc.disable()  # looking for garbage among what is imported, all of which stays, takes a tenth of the start
    sys.setswitchinterval(0.001)  # so soon a thread that imports or parses lets a key through; by default 5 ms
    from chatspace.tui import run_app
    from chatspace.wiring import Workspace, open_history

    database = open_history()  # what is wrong with it is reported before the screen is taken
    run_app(Workspace(profiles, database=database, in_child=True), local=local, load=_load)


def _load() -> None:
    for module in PRELOAD_MODULES:
        import_module(module)
    gc.freeze()
    gc.enable()


def main() -> None:
    """The program `chatspace`."""
    if sys.argv[1:] or "_CHATSPACE_COMPLETE" in os.environ:  # by which a shell asks for its completion
        from chatspace.cli import command_line  # which the workspace needn't wait for

        command_line(open_workspace, sys.argv[1:])
        return
    try:
        open_workspace()
    except ChatspaceError as error:
        from chatspace.cli.progress import report_error

        report_error(error)
        raise SystemExit(error.exit_code) from None


if __name__ == "__main__":
    main()
