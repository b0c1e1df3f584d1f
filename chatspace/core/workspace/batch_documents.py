"""The documents of a batch, what happens to them, and why some have no outputs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chatspace.core.errors import ChatspaceError, GateRejected, SourceError
from chatspace.core.events import Event
from chatspace.core.profiles.options import Options
from chatspace.core.reports.formats import from_plain, to_json
from chatspace.core.runs.run import RunRecord

RECORD = "run.json"
FAILURES = "failures.jsonl"


@dataclass(frozen=True, slots=True)
class Document:
    """One source of a batch; the higher its `priority`, the sooner.

    `name` is the folder of its outputs, relative to the batch's.
    """

    path: Path
    name: str
    options: Options
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a document has no outputs, one line of `failures.jsonl`. `lasting`: the same again would fail again."""

    document: str
    path: str
    error: str
    cause: str
    remedy: str
    exit_code: int
    lasting: bool

    @property
    def why(self) -> str:
        return f"{self.error}: {self.cause}" if self.cause else self.error

    @classmethod
    def of(cls, document: Document, error: ChatspaceError) -> Failure:
        lasting = isinstance(error, GateRejected | SourceError)
        return cls(document.name, str(document.path), error.title, error.reason, error.remedy, error.exit_code, lasting)


Ending = Literal["made", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class DocumentHappened:
    """Something happened in a document on its way."""

    document: Document
    event: Event


@dataclass(frozen=True, slots=True)
class DocumentPutOff:
    """The models failed in a way that may pass: the document is due once more, behind the others."""

    document: Document
    error: ChatspaceError


@dataclass(frozen=True, slots=True)
class DocumentEnded:
    """One document is done with. `record` is that of its run, where there is one."""

    document: Document
    ending: Ending
    record: RunRecord | None = None
    failure: Failure | None = None


BatchEvent = DocumentHappened | DocumentPutOff | DocumentEnded
OnDocument = Callable[[BatchEvent], object]


def failure_lines(failures: Iterable[Failure]) -> bytes:
    """The file of failures."""
    return "".join(f"{to_json(failure)}\n" for failure in failures).encode("utf-8")


def read_failures(path: Path) -> Mapping[str, Failure]:
    """What failed the last time, by document; a line that can't be read is one that is tried again."""
    found: dict[str, Failure] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return found
    for line in lines:
        try:
            failure = from_plain(Failure, json.loads(line))
        except (ValueError, TypeError, KeyError):
            continue
        found[failure.document] = failure
    return found
