"""doctor: what works on this machine, what doesn't, and what to do."""

from __future__ import annotations

from pathlib import Path

import click

from chatspace.adapters.diagnosis import diagnose
from chatspace.cli import options
from chatspace.core.formats import to_json
from chatspace.core.text.safe import for_screen
from chatspace.wiring import build

MARKS = {"ok": ("ok", "green"), "note": ("note", "yellow"), "wrong": ("wrong", "red")}


@click.command("doctor")
@options.profiles_folder
@options.formats("text", "json")
def doctor_command(profiles_folder: Path | None, format_: str) -> None:
    """Keys, endpoints, database, clipboard and terminal. Ends with the code of what is wrong, else with 0."""
    workspace = build(profiles_folder)
    code, area = 0, ""
    for check in diagnose(workspace.library, workspace.catalog, workspace.history):
        code = max(code, check.code)
        if format_ == "json":
            click.echo(for_screen(to_json(check)))
            continue
        if check.area != area:
            area = check.area
            click.secho(f"{area}", bold=True)
        mark, color = MARKS[check.state]
        click.echo(f"  {click.style(f'{mark:<6}', fg=color)}{for_screen(f'{check.name}: {check.detail}')}")
        if check.remedy:
            click.echo(for_screen(f"        {check.remedy}"))
    if code:
        raise SystemExit(code)
