"""What can be read, written, imported, called and run: the entries of the registries, ours and those of plugins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from chatspace.core.stages.registry import stage, stage_names

if TYPE_CHECKING:
    from chatspace.core.chat.conversation import Conversation, Message
    from chatspace.core.chat.imported import Found, ImportedConversation
    from chatspace.core.document import Origin
    from chatspace.core.ports import Provider
    from chatspace.core.rewriting.rewrite import Rewrite

KINDS: Mapping[str, str] = {
    "rewrite": "RewriteExport",
    "conversation": "ConversationExport",
    "conversations": "a sequence of file names with the Conversation in each",
    "report": "Report",
    "canary": "Canary",
}
"""What can be written in a format beside what a stage makes, and the value that `Format.write` gets of it."""


class ConversationExport(NamedTuple):
    """A conversation with the messages that are to be written."""

    conversation: Conversation
    messages: Sequence[Message]


class RewriteExport(NamedTuple):
    """A rewrite, and the name of the text."""

    rewrite: Rewrite
    name: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What a reader makes of a file: its text as Markdown, and where each part of it comes from, sorted by offset."""

    text: str
    origins: tuple[Origin, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """A kind of file that can be a source.

    With `magic`, the bytes that such a file begins with, `read` gets the file's bytes and its name; without, its
    decoded text. `recognises` gets the beginning of the file, or all of its text, and the name. A text that no reader
    recognises goes to the reader of its suffix that recognises nothing itself.
    """

    name: str
    suffixes: tuple[str, ...]
    media_type: str
    read: Callable[[Any, str], Contents]
    magic: tuple[bytes, ...] = ()
    recognises: Callable[[Any, str], bool] | None = None

    def __post_init__(self) -> None:
        _check_name(self.name)
        _check_suffixes(self.suffixes)
        if not isinstance(self.magic, tuple):
            raise TypeError("magic must be a tuple of bytes")
        _check_callable("read", self.read)


@dataclass(frozen=True, slots=True)
class Format:
    """A form in which values of one kind are written; `title` is what menus call it.

    The kind of what a stage makes is its type, whichever stage makes it: `write` gets the artifact, but of a Draft the
    RunResult that holds it, since a draft leaves with where it came from.
    """

    kind: str | type[Any]
    name: str
    suffix: str
    media_type: str
    write: Callable[[Any], bytes]
    title: str = ""

    def __post_init__(self) -> None:
        _check_name(self.name)
        if not _is_artifact(self.kind) and self.kind not in KINDS:
            known = ", ".join(KINDS)
            raise ValueError(f"unknown kind {self.kind!r}; the kinds are {known}, and the types that stages make")
        _check_suffixes((self.suffix,))
        _check_callable("write", self.write)
        object.__setattr__(self, "title", self.title or self.name)

    @property
    def full_name(self) -> str:
        """With the kind, as in "draft/docx"."""
        return f"{self.kind if isinstance(self.kind, str) else self.kind.__name__.lower()}/{self.name}"

    @property
    def is_text(self) -> bool:
        """Whether a terminal can show it."""
        return self.media_type.startswith("text/") or self.media_type == "application/json"


@dataclass(frozen=True, slots=True)
class Importer:
    """An export of another program in JSON; `read` gets a conversation of it, its file's name and its number there."""

    name: str
    title: str
    recognises: Callable[[Mapping[str, Any]], bool]
    read: Callable[[Mapping[str, Any], str, int], ImportedConversation]

    def __post_init__(self) -> None:
        _check_name(self.name)
        _check_callable("recognises", self.recognises)
        _check_callable("read", self.read)


@dataclass(frozen=True, slots=True)
class DatabaseImporter:
    """The SQLite database of another program, read where it is."""

    name: str
    title: str
    read: Callable[[Path], Iterator[Found]]

    def __post_init__(self) -> None:
        _check_name(self.name)
        _check_callable("read", self.read)


AnyImporter = Importer | DatabaseImporter


@dataclass(frozen=True, slots=True)
class ModelProvider:
    """Where models are asked whose names begin with `prefix`, as in "echo/".

    `host` is what the user is shown before a call goes there; `local` says that it is this machine.
    """

    prefix: str
    host: str
    make: Callable[[], Provider]
    local: bool = False

    def __post_init__(self) -> None:
        _check_name(self.prefix)
        if self.prefix.find("/") != len(self.prefix) - 1 or self.prefix in ("offline/", "auto/", "/"):
            raise ValueError(f"a prefix must be a single word followed by a slash, not {self.prefix!r}")
        _check_name(self.host.replace(" ", "-"))
        _check_callable("make", self.make)


def of_kind(kind: str, formats: Sequence[Format]) -> dict[str, Format]:
    """The formats of one kind by name, in their order; a stage stands for the type of what it makes."""
    wanted = stage(kind).artifact if kind in stage_names() else kind
    return {each.name: each for each in formats if each.kind == wanted}


def by_suffix(suffix: str, formats: Mapping[str, Format]) -> Format | None:
    """The first format whose files end so, whatever the case."""
    return next((each for each in formats.values() if each.suffix == suffix.lower()), None)


def _is_artifact(kind: object) -> bool:
    return isinstance(kind, type) and is_dataclass(kind)


def _check_name(name: str) -> None:
    if not isinstance(name, str) or not name or name.split() != [name]:
        raise ValueError(f"a name must be one word, not {name!r}")


def _check_suffixes(suffixes: tuple[str, ...]) -> None:
    if not isinstance(suffixes, tuple) or not all(isinstance(each, str) and each[:1] == "." for each in suffixes):
        raise ValueError(f"suffixes must each begin with a dot, for example '.md', not {suffixes!r}")


def _check_callable(name: str, value: object) -> None:
    if not callable(value):
        raise TypeError(f"{name} must be a function")
