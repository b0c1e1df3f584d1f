"""The exporter: values in the formats of the registry, and files on the disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from chatspace.adapters.exporters.folders import JOURNAL, NO_HASH, RECORD, OutputFolder, hash_of, with_own_hash
from chatspace.adapters.exporters.formats import FORMATS, JSON, encoded, formats_of, json_text
from chatspace.adapters.exporters.writing import check_target, content_id, make_folder, write_back, write_file
from chatspace.core.chat.conversation import Conversation, Message
from chatspace.core.document import Written
from chatspace.core.errors import UsageError
from chatspace.core.extraction import Extracted
from chatspace.core.profiles.profile import Step
from chatspace.core.registry import ConversationExport, Format, RewriteExport
from chatspace.core.runs.artifacts import Artifact, Artifacts
from chatspace.core.runs.run import Copy, Draft, RunResult
from chatspace.core.stages.registry import stage, stage_making, stage_names
from chatspace.core.text.safe import file_name, for_file

if TYPE_CHECKING:
    from chatspace.core.reports.canary import Canary
    from chatspace.core.reports.report import Report
    from chatspace.core.rewriting.rewrite import Rewrite


RUN_FILES: Mapping[type[Artifact], tuple[str, ...]] = {Extracted: ("json",), Draft: ("md",), Copy: ("md", "csv")}
"""The formats in which a run's folder holds what was made; other artifacts in all of theirs."""

NAMES: Mapping[type[Artifact], str] = {Extracted: "extraction"}
"""What an artifact is called where that isn't the name of its stage."""


class FileExporter:
    """Fulfils ports.Exporter. Every text that leaves is free of control characters, as `safe.for_file` makes it."""

    def __init__(self, formats: Sequence[Format] = FORMATS) -> None:
        self._formats = formats

    def formats(self, kind: str) -> Mapping[str, Format]:
        return formats_of(kind, self._formats)

    def _written(self, kind: str, format_name: str, value: object, *, pretty: bool = False) -> bytes:
        formats = self.formats(kind)
        if format_name not in formats:
            raise UsageError(f"Unknown format {format_name} for {kind}", remedy=f"Available: {', '.join(formats)}.")
        chosen = formats[format_name]
        data = chosen.write(value)
        return encoded(json_text(json.loads(data), pretty=True)) if pretty and chosen.media_type == JSON else data

    def render(
        self, result: RunResult, step: Step, format_name: str, *, pretty: bool = False, with_text: bool = True
    ) -> bytes:
        made = result.artifacts.get(step)
        if made is None and step in stage_names():
            raise UsageError(f"The run produced no {NAMES.get(stage(step).artifact, step)}", result.record.error or "")
        if isinstance(made, Extracted) and not with_text:
            made = replace(made, main=replace(made.main, text=None))
        value = _with_last(result, step, made) if isinstance(made, Draft) else made
        return self._written(step, format_name, value, pretty=pretty)

    def run_files(self, result: RunResult) -> Mapping[str, bytes]:
        """The files of a run's folder: those of what was made, and run.json always."""
        files = {}
        for step, made in result.artifacts.items():
            for file, format_name in self._run_formats(step, type(made)).items():
                files[file] = self.render(result, step, format_name)
            for number, other in enumerate(made.others if isinstance(made, Extracted) else (), 2):
                files[_numbered(step, number)] = encoded(json_text(other))
        hashes = {name: hash_of(name, data) for name, data in files.items()}
        record = replace(result.record, files={**hashes, RECORD: NO_HASH})
        return {**files, RECORD: with_own_hash(encoded(json_text(record, pretty=True)))}

    def run_file_names(self, steps: Iterable[str], others: int = 0) -> Sequence[str]:
        names: list[str] = []
        for step in steps:
            kind = stage(step).artifact
            names += self._run_formats(step, kind)
            names += [_numbered(step, number) for number in range(2, 2 + others)] if kind is Extracted else []
        return [*names, RECORD]

    def _run_formats(self, step: str, kind: type[Artifact]) -> Mapping[str, str]:
        """The files for what a step makes in a run's folder, with their formats; of several for one file the first."""
        formats, found = self.formats(step), dict[str, str]()
        for name in RUN_FILES.get(kind, tuple(formats)):
            found.setdefault(NAMES.get(kind, step) + formats[name].suffix, name)
        return found

    def folder(self, root: Path, name: str, originals: Callable[[], Mapping[str, bytes]]) -> OutputFolder:
        return OutputFolder(root, name, originals)

    def copy(self, copy: Copy, format_name: str) -> bytes:
        return self._written(stage_making(Copy).name, format_name, copy)

    def rewrite(self, rewrite: Rewrite, name: str, format_name: str) -> bytes:
        return self._written("rewrite", format_name, RewriteExport(rewrite, name))

    def critic(self, original: str, text: str, rejected: Sequence[tuple[str, str]] = ()) -> bytes:
        from chatspace.adapters.exporters.rewrites import desk_critic  # the parsers load with it

        return encoded(desk_critic(original, text, rejected))

    def conversation(self, conversation: Conversation, messages: Sequence[Message], format_name: str) -> bytes:
        return self._written("conversation", format_name, ConversationExport(conversation, messages))

    def conversation_index(self, entries: Sequence[tuple[str, Conversation]], format_name: str) -> bytes:
        return self._written("conversations", format_name, entries)

    def report_files(self, report: Report) -> Mapping[str, bytes]:
        return {f"report.{name}": self.report(report, name) for name in ("json", "md", "html")}

    def report(self, report: Report, format_name: str) -> bytes:
        return self._written("report", format_name, report)

    def canary(self, canary: Canary, format_name: str) -> bytes:
        return self._written("canary", format_name, canary)

    def file_name(self, name: str, kind: str, format_name: str) -> str:
        known = self.formats(kind).get(format_name)
        suffix = known.suffix if known else f".{format_name}"
        return file_name(Path(name).stem, f".{kind}{suffix}") if kind in stage_names() else file_name(name, suffix)

    def target(self, path: Path, *, overwrite: bool = False) -> Path:
        return check_target(path, overwrite=overwrite)

    def run_folder(self, parent: Path, source: str, *, overwrite: bool = False) -> Path:
        """A folder of the source's name. Raises UsageError where a run that ended stands in it already."""
        if parent.exists() and not parent.is_dir():
            raise UsageError(f"{parent} is a file", remedy="Choose a folder.")
        folder = parent / file_name(Path(source).stem)
        if not overwrite and _holds_run(folder):
            raise UsageError(
                f"{folder} already contains a run",
                "it was not overwritten",
                "Choose another folder, or use --overwrite.",
            )
        make_folder(folder)
        return folder

    def write(self, path: Path, data: bytes | Iterable[bytes], *, overwrite: bool = False) -> Path:
        return write_file(path, data, overwrite=overwrite)

    def write_back(self, path: Path, text: str, like: Path | None = None) -> Written:
        return write_back(path, for_file(text), like)

    def content_id(self, path: Path) -> str | None:
        return content_id(path)


def _numbered(step: str, number: int) -> str:
    """The file for what was extracted of a source beside the main one."""
    return f"{NAMES.get(Extracted, step)}-{number}.json"


def _with_last(result: RunResult, step: str, made: Artifact) -> RunResult:
    """The result with what a step made as the last of its type, which is the one that is written."""
    others = {name: other for name, other in result.artifacts.items() if name != step}
    return replace(result, artifacts=Artifacts({**others, step: made}))


def _holds_run(folder: Path) -> bool:
    """Whether a run stands there that ended, or one that broke off and was worked on since; others are gone on with."""
    record = folder / RECORD
    try:
        ended = json.loads(record.read_bytes())["status"] in ("complete", "rejected")
        last = record.stat().st_mtime_ns
        return ended or any(file.stat().st_mtime_ns > last for file in folder.iterdir() if file.name != JOURNAL)
    except FileNotFoundError:
        return False
    except (OSError, ValueError, KeyError, TypeError):
        return True
