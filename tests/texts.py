"""Every text that a user can see, with its place: `python -m tests.texts [WORD...]` prints them, or those with a word.

A text is a string of the package that reads as words: help, notices, errors, labels, footers, empty states, and the
docstrings of commands, which click shows. SQL, CSS, patterns, prompts for models and word lists are left out.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "chatspace"

FOR_MODELS = (
    "core/calls/step_client.py",
    "core/facts/name_lists.py",
    "core/text/language.py",
    "adapters/history/migrations.py",
)
"""Modules whose strings are read by models, or are words to look for."""

PROMPT = re.compile(
    r"JSON object|(never|not) instructions|^Write (\d+|\{)|^Merge these|^The last of them|^It doesn't fit whole|"
    r"^It is not here|^It stands further|^These variants can't be used|^This is a test of the connection"
)
"""What is said to a model in a module that also speaks to people."""

LISTS = re.compile(r"^\s*[\w'’/-]+(\.\w+)*(\s+[\w'’/-]+(\.\w+)*){12,}\s*$")
"""A list of words that a text is compared with: no sentence is so long without a sign."""

CODE = re.compile(
    r"^\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|PRAGMA|WITH RECURSIVE|ALTER|DROP|BEGIN|VACUUM|AND |OR |FROM |WHERE |"
    r"LEFT JOIN|ON CONFLICT|VALUES)|\{\s*\n|\(\?[:=!P<]|\\[bdsw]|^[#.&$*:]|^--?\w|^\w+=\w|^<"
)


class Text(NamedTuple):
    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text!r}"


def texts() -> Iterator[Text]:
    """The texts of the package, each with its file below the package and its line."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if not name.startswith(FOR_MODELS):
            yield from _texts_of(name, ast.parse(path.read_text(encoding="utf-8")))


def _texts_of(name: str, tree: ast.Module) -> Iterator[Text]:
    hidden, labels = set(_not_shown(tree)), set(_labels(tree))
    for node in ast.walk(tree):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.JoinedStr):
            hidden.update(id(each) for part in node.values for each in _inside(part))
            text = "".join(map(_shown, node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if (id(node) in labels or _reads_as_words(text)) and not PROMPT.search(text):
            yield Text(name, node.lineno, text)


def _inside(part: ast.expr) -> Iterator[ast.AST]:
    """The pieces of an f-string itself; a string in one of its expressions is a text of its own."""
    yield part
    if isinstance(part, ast.FormattedValue) and part.format_spec:
        yield from ast.walk(part.format_spec)


def _shown(part: ast.expr) -> str:
    if isinstance(part, ast.FormattedValue):
        return "{" + ast.unparse(part.value) + "}"
    return str(part.value) if isinstance(part, ast.Constant) else ""


def _not_shown(tree: ast.Module) -> Iterator[int]:
    """Docstrings but those of commands, names in annotations, and the members of literals."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    help_texts = {id(each.body[0]) for each in functions if any(map(_is_command, each.decorator_list))}
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and id(node) not in help_texts:
            yield id(node.value)
        if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("Literal"):
            yield from (id(each) for each in ast.walk(node.slice))
        for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if isinstance(annotation, ast.AST):
                yield from (id(each) for each in ast.walk(annotation))


def _is_command(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith((".command", ".group"))


def _labels(tree: ast.Module) -> Iterator[int]:
    """What a key is labelled with, and the titles and hints that may be one word."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Binding" and len(node.args) > 2:
            yield id(node.args[2])
        if isinstance(node, ast.keyword) and node.arg in ("help", "placeholder", "title", "remedy", "reason"):
            yield id(node.value)


def _reads_as_words(text: str) -> bool:
    bare = re.sub(r"\{[^}]*\}", "0", text)
    words = re.search(r"[A-Za-z]{2,},? [\w(]|\w [a-z]{2,}", bare)
    return bool(words) and not CODE.search(text) and not LISTS.match(text)


if __name__ == "__main__":
    wanted = [word.lower() for word in sys.argv[1:]]
    for each in texts():
        if not wanted or any(word in each.text.lower() for word in wanted):
            print(each)  # noqa: T201
