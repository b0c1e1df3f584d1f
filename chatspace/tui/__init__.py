"""The terminal workspace."""

from chatspace.tui.app import run_app

__all__ = ["run_app"]
