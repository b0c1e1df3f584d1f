"""The command group and what starts it."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from chatspace import __version__
from chatspace.cli import options
from chatspace.cli.progress import report_error
from chatspace.core.errors import ChatspaceError, UsageError

COMMANDS = {
    "extract": ("produce", "Extract the structure, figures and names of a source."),
    "draft": ("produce", "Write a long-form text from a source."),
    "copy": ("produce", "Write ad copy and headlines within a channel's limits."),
    "story": ("story", "Draft opening paragraphs for a source, in several tones."),
    "run": ("produce", "Run the complete pipeline, one folder per source."),
    "rewrite": ("rewrite", "Rewrite a text by an instruction and show the diff."),
    "batch": ("batch", "Run many sources through the pipeline, resumable."),
    "canary": ("canary", "Compare two pipelines on the same sources."),
    "report": ("report", "Show cost, latency and outcome of calls and runs."),
    "route": ("route", "Show which profile a source would be routed to, and why."),
    "chat": ("chat", "Send one message and print the reply."),
    "compare": ("compare", "Send one prompt to several models at once."),
    "history": ("history", "List, search, import, export and delete conversations."),
    "profiles": ("profiles", "List, show and check profiles, policies and pipelines."),
    "schema": ("schema", "Print the JSON Schema of an output format."),
    "docs": ("docs", "Print the documentation."),
    "plugins": ("plugins", "List installed plugins."),
    "doctor": ("doctor", "Check keys, endpoints, database, clipboard and terminal."),
}
"""Each command with its module below this package, imported when it is called, and its line of help."""

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
MAKE_ROOM = "Free up disk space, or write the output elsewhere. Model replies are kept in the history."

OpenWorkspace = Callable[[Path | None, bool], None]


class LateCommands(click.Group):
    """A group whose commands are imported when they are called, so that `--help` costs nothing."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *(name for name, _ in _added())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            from chatspace import entry_points  # a command of ours needs none

            added = entry_points.commands().get(cmd_name)
            return entry_points.command(added) if added else None
        module = import_module(f"chatspace.cli.{COMMANDS[cmd_name][0]}")
        command = getattr(module, f"{cmd_name}_command")
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])
        if added := _added():
            with formatter.section("Plugin commands"):
                formatter.write_dl(added)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ChatspaceError as error:
            report_error(error)
            raise SystemExit(error.exit_code) from None
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            _discard_output()
            full = UsageError("The output can't be written", (error.strerror or str(error)).lower(), MAKE_ROOM)
            report_error(full)
            raise SystemExit(full.exit_code) from None


def _added() -> list[tuple[str, str]]:
    """The commands of other packages, with what their package says of itself."""
    from chatspace.entry_points import commands, summary  # a command of ours needs none

    return [(name, summary(entry)) for name, entry in commands().items() if name not in COMMANDS]


def _discard_output() -> None:
    """What still waits to be written to standard output goes nowhere, or the end of the program fails once more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def command_line(open_workspace: OpenWorkspace, arguments: Sequence[str]) -> None:
    """Run `chatspace` with these arguments; without a command it opens the workspace."""

    @click.group(
        "chatspace",
        cls=LateCommands,
        invoke_without_command=True,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        epilog="Without a command, chatspace opens the workspace.",
    )
    @options.profiles_folder
    @options.local
    @click.version_option(__version__, prog_name="chatspace", message="%(prog)s %(version)s")
    @click.pass_context
    def chatspace(context: click.Context, profiles_folder: Path | None, local: bool) -> None:
        """A multi-model chat workspace, and a staged pipeline from brief to published text."""
        if context.invoked_subcommand is None:
            open_workspace(profiles_folder, local)
        elif profiles_folder or local:
            raise click.UsageError("Put --profiles and --local after the command, as in: chatspace draft --local ...")

    chatspace.main(list(arguments), prog_name="chatspace")
