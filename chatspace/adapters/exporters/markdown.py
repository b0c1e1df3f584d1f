"""What the pipeline made and what was said, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from chatspace.core.chat.conversation import Conversation, Message
from chatspace.core.extraction import Extraction
from chatspace.core.runs.run import Copy
from chatspace.core.text import display

MAX_LISTED = 40
"""Longer lists of facts and names are cut in what is written for people; the JSON has them all."""


def extraction_markdown(extraction: Extraction) -> str:
    """A summary for reading: outline, key points, figures, names, and what the gate found."""
    doc = extraction.doc
    size = f"{display.count(doc.words, 'word')}, ~{display.count(doc.tokens_estimate, 'token')}"
    parser = "" if extraction.provenance.parser == "commonmark" else ", lists repaired by the legacy parser"
    lines = [f"# {cell(doc.title)}", "", f"{cell(doc.name)}: {size}{parser}", ""]
    lines += _listed("Metadata", [f"{name}: {value}" for name, value in doc.metadata.items()])
    lines += _outline(extraction)
    lines += _listed("Key points", [point.text for point in extraction.key_points])
    lines += _facts(extraction)
    lines += _listed("Names", [f"{entity.name} ({entity.type})" for entity in extraction.entities])
    lines += _listed("Not found in the source", [f"{item.item}: {item.why}" for item in extraction.quarantine])
    gate = extraction.gate
    lines += ["## Gate", "", f"{gate.status}, path F1 {gate.path_f1:.3f}", ""]
    for finding in gate.findings:
        where = f"line {finding.line}: " if finding.line else ""
        lines.append(f"- **{finding.severity}** {where}{cell(finding.message)}")
    return "\n".join(lines).rstrip("\n") + "\n"


def _outline(extraction: Extraction) -> list[str]:
    headings = [section for section in extraction.sections if section.level]
    if not headings:
        return []
    top = min(section.level for section in headings)
    rows = [
        f"{'  ' * (section.level - top)}- {cell(section.title)} ({display.count(section.words, 'word')})"
        for section in headings
    ]
    return ["## Outline", "", *rows, ""]


def _facts(extraction: Extraction) -> list[str]:
    seen = list(dict.fromkeys((fact.raw, fact.type, fact.value, fact.unit) for fact in extraction.facts))
    if not seen:
        return []
    rows = [f"| {cell(raw)} | {kind} | {cell(str(value))} | {unit or ''} |" for raw, kind, value, unit in seen]
    return ["## Facts", "", "| as written | type | value | unit |", "| --- | --- | --- | --- |", *_cut(rows), ""]


def _listed(heading: str, items: Sequence[str]) -> list[str]:
    return [f"## {heading}", "", *_cut([f"- {cell(item)}" for item in items]), ""] if items else []


def _cut(rows: list[str]) -> list[str]:
    return rows if len(rows) <= MAX_LISTED else [*rows[:MAX_LISTED], "", f"and {len(rows) - MAX_LISTED} more"]


def copy_markdown(copy: Copy) -> str:
    """A table for each field, with the lengths as the channel counts them."""
    lines = [f"# Copy for {cell(copy.channel)}", ""]
    if any(variant.by == "offline" for variant in copy.variants):
        lines += ["Arranged by the embedded engine, which has no language model.", ""]
    for field in dict.fromkeys(variant.field for variant in copy.variants):
        lines += [f"## {cell(field)}", "", "| pair | text | length | fits |", "| --- | --- | ---: | --- |"]
        for variant in copy.variants:
            if variant.field == field:
                length = f"{variant.length}/{variant.limit}"
                lines.append(
                    f"| {variant.pair or ''} | {cell(variant.text)} | {length} | {'yes' if variant.fits else 'NO'} |"
                )
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def conversation_markdown(conversation: Conversation, messages: Sequence[Message]) -> str:
    """The messages in their order, each under who said it."""
    return "\n".join(_said(conversation, messages)).rstrip("\n") + "\n"


def _said(conversation: Conversation, messages: Sequence[Message]) -> Iterator[str]:
    yield f"# {cell(conversation.title)}\n"
    for message in messages:
        who = "You" if message.role == "user" else " · ".join(filter(None, (message.profile, message.model)))
        state = "" if message.status == "complete" else f" ({message.status})"
        yield f"**{cell(who)}**{state}\n"
        if message.text:
            yield closed(message.text.rstrip("\n")) + "\n"
        if message.error:
            yield "\n".join(f"> {line}" for line in message.error.split("\n")) + "\n"


def index_markdown(entries: Sequence[tuple[str, Conversation]]) -> str:
    """A table of conversations with links to their files."""
    lines = ["# Conversations", "", "| title | last change | messages | tags |", "| --- | --- | ---: | --- |"]
    for name, each in entries:
        title = cell(each.title).replace("[", "\\[").replace("]", "\\]") or "Untitled"
        tags = cell(", ".join(each.tags))
        lines.append(f"| [{title}]({quote(name)}) | {each.updated:%Y-%m-%d} | {each.message_count} | {tags} |")
    return "\n".join(lines) + "\n"


def closed(text: str) -> str:
    """The text with an end for a code block that a cut reply left open: it would take in all that follows."""
    if "```" not in text and "~~~" not in text:
        return text
    from markdown_it import MarkdownIt  # the first frame and `history list` don't need it

    tokens = MarkdownIt("commonmark").parse(text)
    last = tokens[-1] if tokens else None
    # One within a list or a quote ends with it.
    if last is None or last.type != "fence" or last.map is None:
        return text
    start, end = last.map
    final = text.split("\n")[-1].strip()
    is_closed = end - start > 1 and final.startswith(last.markup) and not final.strip(last.markup[0])
    return text if is_closed else f"{text}\n{last.markup}"


def cell(text: str) -> str:
    """One line that ends neither a table's cell nor the line that it stands in."""
    return " ".join(text.split()).replace("|", "\\|")
