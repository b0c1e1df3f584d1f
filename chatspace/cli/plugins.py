"""plugins: what other packages add to the program."""

from __future__ import annotations

import click

from chatspace import plugins
from chatspace.cli import options
from chatspace.cli.main import COMMANDS
from chatspace.core.reports.formats import to_json
from chatspace.core.text.safe import for_screen

OWN_COMMANDS = tuple(COMMANDS)


@click.group("plugins")
def plugins_command() -> None:
    """Show what installed packages add: readers, formats, importers, model providers, stages and commands."""


@plugins_command.command("list")
@options.text_or_json
def list_command(format_: str) -> None:
    """List each plugin with its package, what it adds, and its problems."""
    installed = plugins.installed(OWN_COMMANDS)
    for plugin in installed:
        if format_ == "json":
            click.echo(for_screen(to_json(plugin)))
            continue
        click.echo(for_screen(f"{plugin.name}  {plugin.package} {plugin.version}".rstrip()))
        if plugin.registers:
            click.echo(for_screen(f"    {', '.join(plugin.registers)}"))
        for problem in plugin.problems:
            click.echo(f"    {click.style('wrong', fg='red')} {for_screen(problem)}")
    if not installed and format_ == "text":
        click.echo("No plugins are installed.", err=True)
