"""The commands: they parse, call the workspace and print. Standard output is data, standard error is diagnostics."""

from chatspace.cli.main import command_line

__all__ = ["command_line"]
