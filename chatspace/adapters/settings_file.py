"""The settings in a commented TOML file that people edit too: a change replaces one value and nothing beside it.

tomllib and tomlkit are imported where there is something to read or to write: the first frame waits for an empty file
too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatspace.core.errors import ConfigurationError, UsageError
from chatspace.core.profiles.settings import DEFAULTS, KEYS, SETTINGS, Settings, Value, settings_from
from chatspace.durable import write_durably

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

MAX_BYTES = 256 * 1024
HEAD = """\
# Settings of chatspace. f2 in the workspace changes them too, and leaves everything else in this file unchanged.
# Lines that start with # show the defaults: remove the # to change a value.
"""
TAIL = f"""
# Keys by action id, for example "chat.new" = "ctrl+y" or ["ctrl+y", "f7"]; f2 in the workspace lists the ids.
[{KEYS}]
"""


class SettingsFile:
    """Fulfils ports.SettingsStore with the file at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def exists(self) -> bool:
        return self.path.is_file()

    def read(self) -> tuple[Settings, Sequence[ConfigurationError]]:
        """The settings, and what is wrong in the file; a file that can't be read at all gives the defaults."""
        try:
            text = self._text()
            settings, faults = settings_from(self._parsed(text))
        except ConfigurationError as error:
            return DEFAULTS, [error]
        return settings, [self.fault(fault.place, fault.reason, fault.remedy) for fault in faults]

    def fault(self, place: Sequence[str], reason: str, remedy: str = "") -> ConfigurationError:
        """What is wrong with a setting, with path and line."""
        try:
            line = _line_of(self._text(), place)
        except ConfigurationError:
            line = None
        return self._wrong(line, ".".join(place), reason, remedy)

    def change(self, name: str, value: Value) -> None:
        """Write one value; comments, order and what isn't known stay.

        Raises ConfigurationError and leaves a file alone that can't be read, UsageError where it can't be written.
        """
        from tomlkit import parse
        from tomlkit.exceptions import TOMLKitError

        text = self._text() or template()
        self._parsed(text)
        try:
            document = parse(text)
            if name in document:
                document[name] = value
            else:
                _add(document, name, value, "\r\n" if "\r\n" in text else "\n")
        except TOMLKitError as error:
            reason = "it can't be changed automatically"
            raise self._wrong(_line_of(text, (name,)), name, reason, "Edit it in the file.") from error
        self._write(document.as_string())

    def create(self) -> Path:
        """The file, with every setting explained, where there is none yet."""
        if not self.exists:
            self._write(template())
        return self.path

    def _text(self) -> str:
        """The file as it stands, its own line ends kept; empty where there is none."""
        try:
            with self.path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise self._wrong(None, "", f"it can't be read: {error.strerror}") from error
        if len(data) > MAX_BYTES:
            raise self._wrong(None, "", "it is too large", f"The limit is {MAX_BYTES // 1024} KB.")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise self._wrong(line, "", "it is not UTF-8 text", "Save it as UTF-8.") from error

    def _parsed(self, text: str) -> dict[str, Any]:
        if not text:
            return {}
        import tomllib

        try:
            return tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            found = re.search(r"\(at line (\d+), column \d+\)", str(error))
            line = int(found[1]) if found else text.count("\n") + 1
            reason = str(error).partition(" (at ")[0]
            remedy = (
                'Write name = value, with text in "quotes". Until then, the defaults apply and the file is not changed.'
            )
            raise self._wrong(line, "", f"it is not valid TOML: {reason[:1].lower()}{reason[1:]}", remedy) from error

    def _wrong(self, line: int | None, field: str, reason: str, remedy: str = "") -> ConfigurationError:
        place = f"{self.path}, line {line}" if line else str(self.path)
        title = f"{place}: {field}" if field else place
        return ConfigurationError(title, reason, remedy, path=str(self.path), line=line, field=field)

    def _write(self, text: str) -> None:
        try:
            write_durably(self.path, text.encode())
        except OSError as error:
            raise UsageError(
                f"{self.path} can't be written", (error.strerror or "").lower(), "The change applies until you quit."
            ) from error


def template() -> str:
    """The file with every setting explained and at its default."""
    from tomlkit import item

    lines = [HEAD]
    for setting in SETTINGS:
        allowed = (
            f" {setting.allowed[:1].upper()}{setting.allowed[1:]}."
            if setting.least or setting.choices or setting.empty
            else ""
        )
        lines.append(f"# {setting.explanation}{allowed}\n# {setting.name} = {item(setting.default).as_string()}\n")
    return "\n".join(lines) + TAIL


def _add(document: TOMLDocument, name: str, value: Value, end: str) -> None:
    """Below the commented default, else at the top: at the end it would come between a table and its comment."""
    from tomlkit import item, key
    from tomlkit.items import Comment

    added = item(value)
    added.trivia.trail = end
    place = 0
    for above, (_, other) in enumerate(document.body):
        if isinstance(other, Comment) and re.match(rf"#\s*{re.escape(name)}\s*=", other.trivia.comment):
            other.trivia.trail = other.trivia.trail or end
            place = above + 1
            break
    document.body.insert(place, (key(name), added))


def _line_of(text: str, place: Sequence[str]) -> int | None:
    """Where a setting stands: of `keys`, the line below the table's head, its id in quotes or bare."""
    table, name = (place[0], place[-1]) if len(place) > 1 else ("", place[0])
    inside = ""
    for number, line in enumerate(text.splitlines(), 1):
        if head := re.match(r"\s*\[+\s*([^\]]*?)\s*\]", line):
            inside = head[1]
            if not table and inside == name:
                return number
        elif found := re.match(r"\s*([^=#]+?)\s*=", line):
            full = f"{inside}.{found[1]}" if inside else found[1]
            wanted = f"{table}.{name}" if table else name
            if re.sub(r"[\"'\s]", "", full) == wanted:
                return number
    return None
