"""report: calls, cost, tokens, times, gates and edits of a time, from the store alone."""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from chatspace.cli import options
from chatspace.cli.session import check_terminal, print_data
from chatspace.core.registry import by_suffix
from chatspace.core.reports import report_lines
from chatspace.core.reports.report import GROUPINGS
from chatspace.core.text.safe import for_screen
from chatspace.core.workspace.reports import moment
from chatspace.wiring import Workspace

WIDTH = 100
"""Columns where there is no terminal."""


@click.command("report")
@click.option("--since", metavar="7d|2026-11-01", default="all", show_default=True, help="Start of the period.")
@click.option("--by", type=click.Choice(GROUPINGS), default="profile", show_default=True, help="Group the calls by.")
@options.written_as(
    "report", None, printed=("text",), help="Output format. Default: text, or the format that FILE's suffix selects."
)
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Output file.")
@options.overwrite
def report_command(since: str, by: Any, format_: str | None, output: Path | None, overwrite: bool) -> None:
    """Show cost, latency and outcome of calls and runs, and what editors changed."""
    began = moment(since, datetime.now(UTC))
    workspace = Workspace()
    if output:
        workspace.exporter.target(output, overwrite=overwrite)
    formats = workspace.exporter.formats("report")
    chosen = formats.get(format_) if format_ else by_suffix(output.suffix, formats) if output else None
    if chosen and not output:
        check_terminal(chosen)
    report = workspace.reports.report(by, began)
    if chosen is None:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() and not output else WIDTH
        data = ("\n".join(map(for_screen, report_lines.lines(report, width))) + "\n").encode("utf-8")
    else:
        data = workspace.exporter.report(report, chosen.name)
    if output:
        workspace.exporter.write(output, data, overwrite=overwrite)
        click.echo(output)
    elif chosen:
        print_data(chosen, data)
    else:
        click.echo(data.decode("utf-8"), nl=False)
