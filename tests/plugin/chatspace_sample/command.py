"""The command `chatspace count`."""

from __future__ import annotations

from pathlib import Path

import click

from chatspace.wiring import Workspace


@click.command("count")
@click.argument("source", type=click.Path(path_type=Path))
def count(source: Path) -> None:
    """The number of words in SOURCE."""
    click.echo(len(Workspace().runs.read(source).text.split()))
