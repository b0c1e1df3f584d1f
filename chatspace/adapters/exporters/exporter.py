"""The registry of formats, and the exporter that writes them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from chatspace.adapters.exporters import provenance, reports
from chatspace.adapters.exporters.folders import JOURNAL, NO_HASH, RECORD, OutputFolder, hash_of, with_own_hash
from chatspace.adapters.exporters.markdown import (
    closed,
    conversation_markdown,
    copy_markdown,
    extraction_markdown,
    index_markdown,
)
from chatspace.adapters.exporters.tables import copy_csv, google_ads_csv
from chatspace.adapters.exporters.writing import check_target, content_id, make_folder, write_back, write_file
from chatspace.core.chat.conversation import Conversation, Message
from chatspace.core.document import Written
from chatspace.core.errors import UsageError
from chatspace.core.extraction import Extracted
from chatspace.core.profiles.profile import Step
from chatspace.core.reports.formats import plain, to_json
from chatspace.core.reports.records import conversation_record, listed_record
from chatspace.core.runs.artifacts import Artifact, Artifacts, Made
from chatspace.core.runs.run import Copy, Draft, RunResult
from chatspace.core.stages.registry import stage, stage_making, stage_names
from chatspace.core.text.safe import file_name, for_file

if TYPE_CHECKING:
    from chatspace.core.facts.evidence import Evidence
    from chatspace.core.reports.canary import Canary
    from chatspace.core.reports.report import Report
    from chatspace.core.rewriting.rewrite import Rewrite


@dataclass(frozen=True, slots=True)
class Layout:
    """How JSON is written: indented or not, with the source's text or without."""

    pretty: bool = False
    with_text: bool = True


_UNSAFE_IN_JSON = re.compile(r"[\x7f-\x9f\u202a-\u202e\ud800-\udfff]")

Format = tuple[str, Callable[[RunResult, Layout], str]]
"""The suffix of its files, and what writes it."""


def _json(value: object, *, pretty: bool = False) -> str:
    """One document; what a file may not hold is escaped, not dropped, so that spans still fit their text."""
    return _UNSAFE_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", to_json(value, pretty=pretty)) + "\n"


def _extraction_json(result: RunResult, layout: Layout) -> str:
    extraction = _present(result, Extracted).main
    return _json(extraction if layout.with_text else replace(extraction, text=None), pretty=layout.pretty)


def _extraction_markdown(result: RunResult, layout: Layout) -> str:
    return extraction_markdown(_present(result, Extracted).main)


def _draft_markdown(result: RunResult, layout: Layout) -> str:
    draft = _present(result, Draft)
    return provenance.front_matter(provenance.of_run(result.record)) + draft.text.strip("\n") + "\n"


def _draft_footnotes(result: RunResult, layout: Layout) -> str:
    from chatspace.adapters.exporters.grounding import footnotes  # the parsers load with it

    return _grounded_markdown(result, footnotes)


def _draft_critic(result: RunResult, layout: Layout) -> str:
    from chatspace.adapters.exporters.grounding import criticmarkup  # the parsers load with it

    return _grounded_markdown(result, criticmarkup)


def _grounded_markdown(result: RunResult, mark: Callable[[str, Sequence[Evidence]], str]) -> str:
    """The draft with its grounding. Only the main source's text is at hand; of others their values are told."""
    from chatspace.core.facts.evidence import evidence  # its patterns take a tenth of a second to compile

    draft = _present(result, Draft)
    extracted = result.artifacts.of(Extracted)
    main = extracted.main.text if extracted else None
    found = evidence(draft.grounding, {result.record.source.name: main} if main else {})
    return (
        provenance.front_matter(provenance.of_run(result.record))
        + mark(closed(draft.text.rstrip("\n")), found).strip("\n")
        + "\n"
    )


def _draft_json(result: RunResult, layout: Layout) -> str:
    return _json(_present(result, Draft), pretty=layout.pretty)


def _draft_html(result: RunResult, layout: Layout) -> str:
    from chatspace.adapters.exporters.html import page  # its parser is needed for pages alone

    draft = _present(result, Draft)
    return page(result.record.source.name, draft.text, provenance.of_run(result.record))


def _copy_markdown(result: RunResult, layout: Layout) -> str:
    return copy_markdown(_present(result, Copy))


def _copy_json(result: RunResult, layout: Layout) -> str:
    return _json(_present(result, Copy), pretty=layout.pretty)


def _copy_csv(result: RunResult, layout: Layout) -> str:
    return copy_csv(_present(result, Copy))


def _google_ads_csv(result: RunResult, layout: Layout) -> str:
    return google_ads_csv(_present(result, Copy))


FORMATS: Mapping[type[Artifact], Mapping[str, Format]] = {
    Extracted: {"json": (".json", _extraction_json), "md": (".md", _extraction_markdown)},
    Draft: {
        "md": (".md", _draft_markdown),
        "json": (".json", _draft_json),
        "html": (".html", _draft_html),
        "md-footnotes": (".md", _draft_footnotes),
        "md-critic": (".md", _draft_critic),
    },
    Copy: {
        "md": (".md", _copy_markdown),
        "json": (".json", _copy_json),
        "csv": (".csv", _copy_csv),
        "google-ads-csv": (".csv", _google_ads_csv),
    },
}

RUN_FILES: Mapping[type[Artifact], tuple[str, ...]] = {Extracted: ("json",), Draft: ("md",), Copy: ("md", "csv")}
"""The formats in which a run's folder holds what was made; other artifacts in all of theirs."""

NAMES: Mapping[type[Artifact], str] = {Extracted: "extraction"}
"""What an artifact is called where that isn't the name of its stage."""


def formats_of(step: str) -> Mapping[str, Format]:
    """Those of what a step makes; where it has none of its own, JSON and what its stage shows."""
    doing = stage(step)
    if doing.artifact in FORMATS:
        return FORMATS[doing.artifact]
    shown = doing.prose or doing.markdown

    def write(result: RunResult, layout: Layout) -> str:
        return _json(_present(result, doing.artifact), pretty=layout.pretty)

    def show(result: RunResult, layout: Layout) -> str:
        made = _present(result, doing.artifact)
        return shown(made) if shown else f"```json\n{_json(made, pretty=True)}```\n"

    return {"json": (".json", write), "md": (".md", show)}


def _run_formats(step: str) -> Sequence[str]:
    """The formats in which a run's folder holds what a step makes."""
    return RUN_FILES.get(stage(step).artifact, tuple(formats_of(step)))


def _present(result: RunResult, kind: type[Made]) -> Made:
    made = result.artifacts.of(kind)
    if made is None:
        raise UsageError(f"The run made no {NAMES.get(kind) or stage_making(kind).name}", result.record.error or "")
    return made


class FileExporter:
    """Fulfils ports.Exporter. Every text that leaves is free of control characters, as `safe.for_file` makes it."""

    def render(
        self, result: RunResult, step: Step, format_name: str, *, pretty: bool = False, with_text: bool = True
    ) -> bytes:
        formats = formats_of(step)
        if format_name not in formats:
            raise UsageError(f"There is no format {format_name} for {step}", remedy=f"Known: {', '.join(formats)}.")
        _, write = formats[format_name]
        if made := result.artifacts.get(step):  # as the last one, which is what is looked up by type
            others = {name: other for name, other in result.artifacts.items() if name != step}
            result = replace(result, artifacts=Artifacts({**others, step: made}))
        return _bytes(write(result, Layout(pretty, with_text)))

    def run_files(self, result: RunResult) -> Mapping[str, bytes]:
        """The files of a run's folder: those of what was made, and run.json always."""
        files = {}
        for step, made in result.artifacts.items():
            formats, stem = formats_of(step), NAMES.get(type(made), step)
            for name in _run_formats(step):
                files[stem + formats[name][0]] = self.render(result, step, name)
            for number, other in enumerate(made.others if isinstance(made, Extracted) else (), 2):
                files[f"{stem}-{number}.json"] = _bytes(_json(other))
        hashes = {name: hash_of(name, data) for name, data in files.items()}
        record = replace(result.record, files={**hashes, RECORD: NO_HASH})
        return {**files, RECORD: with_own_hash(_bytes(_json(record, pretty=True)))}

    def run_file_names(self, steps: Iterable[str], others: int = 0) -> Sequence[str]:
        names = []
        for step in steps:
            kind = stage(step).artifact
            stem = NAMES.get(kind, step)
            names += [stem + formats_of(step)[name][0] for name in _run_formats(step)]
            names += [f"{stem}-{number}.json" for number in range(2, 2 + others)] if kind is Extracted else []
        return [*names, RECORD]

    def folder(self, root: Path, name: str, originals: Callable[[], Mapping[str, bytes]]) -> OutputFolder:
        return OutputFolder(root, name, originals)

    def copy(self, copy: Copy, format_name: str) -> bytes:
        write = {"csv": copy_csv, "google-ads-csv": google_ads_csv}.get(format_name)
        if write is None:
            raise UsageError(f"There is no format {format_name} for copy", remedy="Known: csv, google-ads-csv.")
        return _bytes(write(copy))

    def rewrite(self, rewrite: Rewrite, name: str, format_name: str) -> bytes:
        from chatspace.adapters.exporters.rewrites import FORMATS as REWRITES  # the parsers load with it

        if format_name == "json":
            return _bytes(_json(rewrite))
        if format_name not in REWRITES:
            raise UsageError(
                f"There is no format {format_name} for a rewrite", remedy=f"Known: {', '.join((*REWRITES, 'json'))}."
            )
        return _bytes(REWRITES[format_name](rewrite, name))

    def critic(self, original: str, text: str, rejected: Sequence[tuple[str, str]] = ()) -> bytes:
        from chatspace.adapters.exporters.rewrites import desk_critic  # the parsers load with it

        return _bytes(desk_critic(original, text, rejected))

    def conversation(self, conversation: Conversation, messages: Sequence[Message], format_name: str) -> bytes:
        if format_name == "json":
            return _bytes(_json(conversation_record(conversation, messages)))
        body = conversation_markdown(conversation, messages)
        origin = provenance.of_conversation(conversation, messages)
        if format_name == "html":
            from chatspace.adapters.exporters.html import page  # its parser is needed for pages alone

            return _bytes(page(conversation.title, body, origin))
        return _bytes(provenance.front_matter(origin) + body)

    def conversation_index(self, entries: Sequence[tuple[str, Conversation]], format_name: str) -> bytes:
        if format_name == "json":
            return _bytes("".join(_json({"file": name, **plain(listed_record(each))}) for name, each in entries))
        body = index_markdown(entries)
        if format_name == "html":
            from chatspace.adapters.exporters.html import page  # its parser is needed for pages alone

            return _bytes(page("Conversations", body, {"conversations": len(entries)}))
        return _bytes(body)

    def report_files(self, report: Report) -> Mapping[str, bytes]:
        """A report as files by name: JSON, Markdown and HTML."""
        return reports.files(report)

    def report(self, report: Report, format_name: str) -> bytes:
        if format_name not in reports.FORMATS:
            raise UsageError(
                f"There is no format {format_name} for a report", remedy=f"Known: {', '.join(reports.FORMATS)}."
            )
        return _bytes(reports.FORMATS[format_name](report))

    def canary(self, canary: Canary, format_name: str) -> bytes:
        if format_name not in reports.CANARY_FORMATS:
            raise UsageError(
                f"There is no format {format_name} for a canary", remedy=f"Known: {', '.join(reports.CANARY_FORMATS)}."
            )
        return _bytes(reports.CANARY_FORMATS[format_name](canary))

    def file_name(self, name: str, step: str, format_name: str) -> str:
        known = {format_: suffix for formats in FORMATS.values() for format_, (suffix, _) in formats.items()}
        stem = Path(name).stem if step in stage_names() else name
        kind = f".{step}" if step in stage_names() else ""
        return file_name(stem, kind + known.get(format_name, f".{format_name}"))

    def target(self, path: Path, *, overwrite: bool = False) -> Path:
        return check_target(path, overwrite=overwrite)

    def run_folder(self, parent: Path, source: str, *, overwrite: bool = False) -> Path:
        """A folder of the source's name. Raises UsageError where a run that ended stands in it already."""
        if parent.exists() and not parent.is_dir():
            raise UsageError(f"{parent} is a file", remedy="Name a folder.")
        folder = parent / file_name(Path(source).stem)
        if not overwrite and _holds_run(folder):
            raise UsageError(
                f"{folder} holds a run", "it is not written over unasked", "Name another folder, or use --overwrite."
            )
        make_folder(folder)
        return folder

    def write(self, path: Path, data: bytes | Iterable[bytes], *, overwrite: bool = False) -> Path:
        return write_file(path, data, overwrite=overwrite)

    def write_back(self, path: Path, text: str, like: Path | None = None) -> Written:
        return write_back(path, for_file(text), like)

    def content_id(self, path: Path) -> str | None:
        return content_id(path)


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


def _bytes(text: str) -> bytes:
    return for_file(text).encode("utf-8")
