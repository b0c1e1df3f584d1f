"""No argument opens the workspace; a command runs headless."""

from __future__ import annotations

import sys
from pathlib import Path

from chatspace.cli import command_line


def open_workspace(profiles: Path | None = None, local: bool = False) -> None:
    """The terminal workspace, with the models in a child process so that typing never waits for them."""
    from chatspace.adapters.hosted_provider import HostedProvider
    from chatspace.tui import run_app
    from chatspace.wiring import build

    models = HostedProvider()
    run_app(build(profiles, models), models, local=local)


def main() -> None:
    """The program `chatspace`."""
    command_line(open_workspace, sys.argv[1:])


if __name__ == "__main__":
    main()
