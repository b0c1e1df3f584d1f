"""Sessions know no terminal."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import chatspace.tui.sessions

FOLDER = Path(chatspace.tui.sessions.__path__[0])
SCREEN_PARTS = ("textual", "chatspace.tui.screens", "chatspace.tui.widgets")


def imported(node: ast.AST) -> Iterator[str]:
    """The modules that are imported when the program runs."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.Import):
            yield from (name.name for name in child.names)
        elif isinstance(child, ast.ImportFrom):
            yield child.module or ""
        yield from imported(child)


@pytest.mark.parametrize(
    "path", sorted(Path(chatspace.tui.sessions.__path__[0]).glob("*.py")), ids=lambda path: path.name
)
def test_a_session_imports_nothing_of_a_screen(path: Path) -> None:
    assert not [name for name in imported(ast.parse(path.read_text("utf-8"))) if name.startswith(SCREEN_PARTS)]
