"""No argument opens the workspace; a command runs headless."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from chatspace.core.errors import ChatspaceError


def open_workspace(profiles: Path | None = None, local: bool = False) -> None:
    """The terminal workspace, with the models in a child process so that typing never waits for them."""
    gc.disable()  # looking for garbage among what is imported, all of which stays, takes a tenth of the start
    from chatspace.adapters.hosted_provider import HostedProvider
    from chatspace.tui import run_app
    from chatspace.wiring import build

    gc.freeze()
    gc.enable()
    models = HostedProvider()
    run_app(build(profiles, models), models, local=local)


def main() -> None:
    """The program `chatspace`."""
    if sys.argv[1:]:
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
