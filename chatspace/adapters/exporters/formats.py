"""The formats that come with the program. What one needs beyond the standard library is imported when it is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chatspace.adapters.exporters import drafts, provenance, reports
from chatspace.adapters.exporters.markdown import (
    conversation_markdown,
    copy_markdown,
    extraction_markdown,
    index_markdown,
)
from chatspace.adapters.exporters.tables import copy_csv, google_ads_csv
from chatspace.core.chat.conversation import Conversation
from chatspace.core.extraction import Extracted
from chatspace.core.registry import ConversationExport, Format, RewriteExport, of_kind
from chatspace.core.reports.formats import plain, to_json
from chatspace.core.reports.records import conversation_record, listed_record
from chatspace.core.runs.run import Copy, Draft
from chatspace.core.stages.registry import Stage, stage, stage_names
from chatspace.core.text.safe import for_file

JSON, MARKDOWN, HTML, CSV = "application/json", "text/markdown", "text/html", "text/csv"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TITLES = {JSON: "JSON", MARKDOWN: "Markdown", HTML: "HTML", CSV: "CSV", WORD: "Word"}

_UNSAFE_IN_JSON = re.compile(r"[\x7f-\x9f\u202a-\u202e\ud800-\udfff]")


def json_text(value: object, *, pretty: bool = False) -> str:
    """One document; what a file may not hold is escaped, not dropped, so that spans still fit their text."""
    return _UNSAFE_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", to_json(value, pretty=pretty)) + "\n"


def encoded(text: str) -> bytes:
    """The text as a file may have it."""
    return for_file(text).encode("utf-8")


def _text(
    kind: str | type[Any], name: str, suffix: str, media_type: str, write: Callable[[Any], str], title: str = ""
) -> Format:
    return Format(kind, name, suffix, media_type, lambda value: encoded(write(value)), title or TITLES[media_type])


def _conversation_json(value: ConversationExport) -> str:
    return json_text(conversation_record(value.conversation, value.messages))


def _conversation_markdown(value: ConversationExport) -> str:
    origin = provenance.of_conversation(value.conversation, value.messages)
    return provenance.front_matter(origin) + conversation_markdown(value.conversation, value.messages)


def _conversation_html(value: ConversationExport) -> str:
    from chatspace.adapters.exporters.html import page  # its parser is needed for pages alone

    body = conversation_markdown(value.conversation, value.messages)
    return page(value.conversation.title, body, provenance.of_conversation(value.conversation, value.messages))


Entries = Sequence[tuple[str, Conversation]]


def _index_json(entries: Entries) -> str:
    return "".join(json_text({"file": name, **plain(listed_record(each))}) for name, each in entries)


def _index_html(entries: Entries) -> str:
    from chatspace.adapters.exporters.html import page  # its parser is needed for pages alone

    return page("Conversations", index_markdown(entries), {"conversations": len(entries)})


def _diff(value: RewriteExport) -> str:
    from chatspace.adapters.exporters.rewrites import unified  # the parsers load with it

    return unified(value.rewrite, value.name)


def _new_text(value: RewriteExport) -> str:
    from chatspace.adapters.exporters.rewrites import new_text  # the parsers load with it

    return new_text(value.rewrite)


def _critic(value: RewriteExport) -> str:
    from chatspace.adapters.exporters.rewrites import critic  # the parsers load with it

    return critic(value.rewrite)


FORMATS = (
    _text(Extracted, "json", ".json", JSON, lambda extracted: json_text(extracted.main)),
    _text(Extracted, "md", ".md", MARKDOWN, lambda extracted: extraction_markdown(extracted.main)),
    _text(Draft, "md", ".md", MARKDOWN, drafts.markdown),
    _text(Draft, "json", ".json", JSON, lambda result: json_text(drafts.of(result))),
    _text(Draft, "html", ".html", HTML, drafts.html),
    Format(Draft, "docx", ".docx", WORD, drafts.word, TITLES[WORD]),
    _text(Draft, "md-footnotes", ".md", MARKDOWN, drafts.with_footnotes, "Markdown with footnotes"),
    _text(Draft, "md-critic", ".md", MARKDOWN, drafts.with_critic_markup, "CriticMarkup"),
    _text(Copy, "md", ".md", MARKDOWN, copy_markdown),
    _text(Copy, "json", ".json", JSON, json_text),
    _text(Copy, "csv", ".csv", CSV, copy_csv),
    _text(Copy, "google-ads-csv", ".csv", CSV, google_ads_csv, "CSV for Google Ads"),
    _text("rewrite", "diff", ".diff", "text/x-diff", _diff, "a diff"),
    _text("rewrite", "md", ".md", MARKDOWN, _new_text),
    _text("rewrite", "json", ".json", JSON, lambda value: json_text(value.rewrite)),
    _text("rewrite", "critic", ".md", MARKDOWN, _critic, "CriticMarkup"),
    _text("conversation", "md", ".md", MARKDOWN, _conversation_markdown),
    _text("conversation", "json", ".json", JSON, _conversation_json),
    _text("conversation", "html", ".html", HTML, _conversation_html),
    _text("conversations", "md", ".md", MARKDOWN, index_markdown),
    _text("conversations", "json", ".json", JSON, _index_json),
    _text("conversations", "html", ".html", HTML, _index_html),
    _text("report", "json", ".json", JSON, reports.json),
    _text("report", "md", ".md", MARKDOWN, reports.markdown),
    _text("report", "html", ".html", HTML, reports.html),
    _text("report", "csv", ".csv", CSV, reports.csv_table),
    _text("canary", "json", ".json", JSON, reports.json),
    _text("canary", "md", ".md", MARKDOWN, reports.canary_markdown),
)


def formats_of(kind: str, formats: Sequence[Format]) -> Mapping[str, Format]:
    """Those of a kind, or of what a stage makes, which can always be written as JSON and as what the stage shows."""
    found = of_kind(kind, formats)
    return {**found, **_shown(stage(kind), found)} if kind in stage_names() else found


def _shown(made_by: Stage[Any], found: Mapping[str, Format]) -> Mapping[str, Format]:
    show = made_by.prose or made_by.markdown or (lambda made: f"```json\n{json_text(made, pretty=True)}```\n")
    kind = made_by.artifact
    usual = (_text(kind, "json", ".json", JSON, json_text), _text(kind, "md", ".md", MARKDOWN, show))
    return {each.name: each for each in usual if each.name not in found}
