"""profiles: what can be chosen, where each came from, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import click

from chatspace.cli import options
from chatspace.cli.progress import report_error
from chatspace.core.profiles.profile import Profile, Target
from chatspace.core.reports.formats import to_json
from chatspace.core.text.safe import for_screen
from chatspace.wiring import Workspace


@click.group("profiles")
def profiles_command() -> None:
    """List, show and check profiles, policies and pipelines."""


@profiles_command.command("list")
@options.profiles_folder
@options.text_or_json
def list_command(profiles_folder: Path | None, format_: str) -> None:
    """List the profiles, each with the model it uses on this machine, then the policies and pipelines."""
    workspace = Workspace(profiles_folder)
    library = workspace.library
    for profile in library.profiles():
        target = _target(workspace, profile)
        if format_ == "json":
            click.echo(for_screen(to_json(_record(profile, target))))
        else:
            click.echo(for_screen(f"{profile.name:<20}{', '.join(profile.steps):<16}{_model(profile, target)}"))
    if format_ == "json":
        return
    for word, files in (("policies", library.policies()), ("pipelines", library.pipelines())):
        click.echo(f"\n{word}")
        for file in files:
            click.echo(for_screen(f"  {file.name:<18}{file.origin}"))


@profiles_command.command("show")
@click.argument("name", type=options.FileName("", ".md"))
@options.profiles_folder
@options.text_or_json
def show_command(name: str, profiles_folder: Path | None, format_: str) -> None:
    """Show a profile: its file, and the model it uses on this machine."""
    workspace = Workspace(profiles_folder)
    profile = workspace.library.profile(name)
    target = _target(workspace, profile)
    if format_ == "json":
        click.echo(for_screen(to_json(_record(profile, target))))
        return
    click.echo(for_screen(f"# {profile.origin}\n# uses {_model(profile, target)}\n"))
    click.echo(for_screen(Path(profile.origin).read_text("utf-8")))


@profiles_command.command("check")
@options.profiles_folder
def check_command(profiles_folder: Path | None) -> None:
    """Check every file in the profile folders. The exit code is 4 if a file is invalid."""
    problems = Workspace(profiles_folder).library.check()
    for problem in problems:
        report_error(problem)
    if problems:
        raise SystemExit(4)
    click.echo("All profiles, policies, pipelines and channels are valid.")


def _target(workspace: Workspace, profile: Profile) -> Target:
    return workspace.catalog.resolve(profile, profile.steps[0])


def _model(profile: Profile, target: Target) -> str:
    resolved = "" if target.model == profile.model else f" → {target.model}"
    return f"{profile.model}{resolved} on {target.host}"


def _record(profile: Profile, target: Target) -> dict[str, object]:
    return {
        "name": profile.name,
        "steps": profile.steps,
        "model": profile.model,
        "resolved": target.model,
        "host": target.host,
        "why": target.why,
        "window": target.window,
        "price": target.price,
        "origin": profile.origin,
    }
