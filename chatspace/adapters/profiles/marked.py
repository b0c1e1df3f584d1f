"""YAML that remembers the line of every field, so that an error can name it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from chatspace.core.errors import ConfigurationError

MAX_BYTES = 128 * 1024
FENCE = "---"
PLAIN_COLLECTIONS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")

Location = tuple[str | int, ...]
"""The way to a value from the top of a file: ("steps", "draft", 0, "use")."""


@dataclass(frozen=True, slots=True)
class Marked:
    """What a file says, with the line of each field, counted from 1."""

    path: Path
    data: Any
    lines: Mapping[Location, int]

    def error(self, location: Location, reason: str, remedy: str = "") -> ConfigurationError:
        """About the field at `location`, or the nearest above it that the file has."""
        line = next(
            (self.lines[location[:end]] for end in range(len(location), -1, -1) if location[:end] in self.lines), 1
        )
        return wrong(self.path, line, ".".join(map(str, location)), reason, remedy)


def wrong(path: Path, line: int | None, field: str, reason: str, remedy: str = "") -> ConfigurationError:
    """The error for a file, with the place in its title."""
    place = f"{path}, line {line}" if line else str(path)
    title = f"{place}: {field}" if field else place
    return ConfigurationError(title, reason, remedy, path=str(path), line=line, field=field)


def read_text(path: Path) -> str:
    """A file's text with LF newlines. Raises ConfigurationError for one that isn't UTF-8 text of a sensible size."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise wrong(path, None, "", f"it can't be read: {error.strerror or error}") from error
    if len(data) > MAX_BYTES:
        raise wrong(path, None, "", "it is too large", f"The limit is {MAX_BYTES // 1024} KB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise wrong(path, line, "", "it is not UTF-8 text", "Save it as UTF-8.") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def split_front_matter(path: Path, text: str) -> tuple[Marked, str, int]:
    """The front matter, the body, and the line at which the body begins."""
    lines = text.split("\n")
    example = f"Start the file with a {FENCE} line, then step: and model:, then another {FENCE} line."
    if lines[0].rstrip() != FENCE:
        raise wrong(path, 1, "", "the front matter is missing", example)
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == FENCE), None)
    if end is None:
        raise wrong(path, 1, "", "the front matter is not closed", example)
    return parse(path, "\n".join(["", *lines[1:end]])), "\n".join(lines[end + 1 :]), end + 2


def parse(path: Path, text: str) -> Marked:
    """The one YAML document of `text`, as `yaml.safe_load` reads it, without aliases and with dates as text."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        lines: dict[Location, int] = {(): 1}
        return Marked(path, None if node is None else _plain(loader, node, (), lines), lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise wrong(path, mark.line + 1 if mark else None, "", f"it is not valid YAML: {error.problem}") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise wrong(path, line, "", "it contains a control character") from error
    except RecursionError as error:
        raise wrong(path, None, "", "it is nested too deeply") from error


class _Loader(yaml.SafeLoader):
    """Aliases are refused: a file of a few lines can grow to gigabytes with them."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # the stubs leave it untyped
            raise yaml.composer.ComposerError(None, None, "aliases are not allowed here", mark)
        return super().compose_node(parent, index)


def _plain(loader: _Loader, node: yaml.Node, location: Location, lines: dict[Location, int]) -> Any:
    lines.setdefault(location, node.start_mark.line + 1)
    if isinstance(node, yaml.CollectionNode) and node.tag not in PLAIN_COLLECTIONS:
        raise yaml.constructor.ConstructorError(None, None, f"the tag {node.tag!r} is not allowed", node.start_mark)
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key, value in node.value:
            name = _name(key, found)
            lines[(*location, name)] = key.start_mark.line + 1
            found[name] = _plain(loader, value, (*location, name), lines)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loader, item, (*location, index), lines) for index, item in enumerate(node.value)]
    if node.tag == "tag:yaml.org,2002:timestamp":
        return node.value
    try:
        return loader.construct_object(node)
    except (ValueError, LookupError, OverflowError) as error:
        raise yaml.constructor.ConstructorError(None, None, "a value that can't be read", node.start_mark) from error


def _name(key: yaml.Node, found: Mapping[str, Any]) -> str:
    if not isinstance(key, yaml.ScalarNode):
        raise yaml.constructor.ConstructorError(None, None, "a field name must be text", key.start_mark)
    name = str(key.value)
    if name in found:
        raise yaml.constructor.ConstructorError(None, None, f"the field {name!r} occurs twice", key.start_mark)
    return name
