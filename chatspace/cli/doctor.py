"""doctor: what works on this machine, what doesn't, and what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import click

from chatspace.cli import options
from chatspace.cli.plugins import OWN_COMMANDS
from chatspace.cli.session import wait_for
from chatspace.core.reports.formats import to_json
from chatspace.core.reports.health import Check
from chatspace.core.text.safe import for_screen
from chatspace.wiring import Workspace

MARKS = {"ok": ("ok", "green"), "note": ("note", "yellow"), "wrong": ("wrong", "red")}


@click.command("doctor")
@click.option("--call", is_flag=True, help="Request one token from each model. Costs a fraction of a cent.")
@click.option("--full", is_flag=True, help="Also compare each index of the database with its table.")
@options.profiles_folder
@options.text_or_json
def doctor_command(call: bool, full: bool, profiles_folder: Path | None, format_: str) -> None:
    """Check keys, endpoints, database, clipboard and terminal. The exit code is that of the worst problem, or 0."""
    doctor, say = Workspace(profiles_folder).doctor, _Say(format_)
    for check in doctor.checks(full=full, commands=OWN_COMMANDS):
        say(check)
    if call:
        wait_for(_say_each(doctor.calls(), say))
    if say.code:
        raise SystemExit(say.code)


async def _say_each(checks: AsyncIterator[Check], say: _Say) -> None:
    async for check in checks:
        say(check)


class _Say:
    """Prints each check as it is done; `code` is the highest of what is wrong."""

    def __init__(self, format_: str) -> None:
        self._format = format_
        self._area = ""
        self.code = 0

    def __call__(self, check: Check) -> None:
        self.code = max(self.code, check.code)
        if self._format == "json":
            click.echo(for_screen(to_json(check)))
            return
        if check.area != self._area:
            self._area = check.area
            click.secho(f"{check.area}", bold=True)
        mark, color = MARKS[check.state]
        click.echo(f"  {click.style(f'{mark:<6}', fg=color)}{for_screen(f'{check.name}: {check.detail}')}")
        if check.remedy:
            click.echo(for_screen(f"        {check.remedy}"))
