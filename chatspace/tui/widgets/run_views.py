"""What the place of a run shows of each stage."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from textual.content import Content

from chatspace.core.document import Source
from chatspace.core.extraction import Extracted, Section
from chatspace.core.live.run import SOURCE, LiveRun
from chatspace.core.profiles.policy import Route
from chatspace.core.profiles.profile import OFFLINE_PREFIX, Target
from chatspace.core.reports.formats import to_json
from chatspace.core.runs.artifacts import Artifact
from chatspace.core.runs.run import Copy, Variant
from chatspace.core.stages.registry import stage as stage_of
from chatspace.core.text import display, scripts
from chatspace.core.text.safe import for_screen
from chatspace.core.text.tokens import estimate_tokens
from chatspace.core.workspace.reruns import GATE, ROUTE
from chatspace.tui.widgets.rows import bar
from chatspace.tui.widgets.run_gate_view import gate_lines
from chatspace.tui.widgets.run_lines import Line, hanging, head, muted
from chatspace.tui.widgets.run_rows import MUTED

MAX_LINES = 400
"""Of a source's text; the rest is told by its number."""

MAX_LISTED = 30
MAX_NAMED = 12
WIDE, BAR = 60, 10
"""From so many columns on there are bars, of so many."""


def view_of(live: LiveRun, stage: str, accepted: bool = False, width: int = 0) -> Content:
    """A stage whole, within so many columns where there is a width; the text that grows is shown elsewhere."""
    lines: Iterator[Line]
    if stage == SOURCE:
        lines = _source(live)
    elif stage == GATE:
        lines = gate_lines(live, accepted, width) if live.gates else _nothing(live)
    elif stage == ROUTE:
        lines = _routes(live) if live.routes else _nothing(live)
    else:
        made = live.artifacts.get(stage)
        lines = VIEWS.get(type(made), partial(_shown, stage))(made, width) if made else _nothing(live)
    return Content("\n").join([line if isinstance(line, Content) else Content(line) for line in lines])


def _shown(stage: str, made: Artifact, width: int) -> Iterator[Line]:
    """An artifact without a view of its own: as its stage shows it, else as JSON."""
    show = stage_of(stage).prose or stage_of(stage).markdown
    yield from for_screen(show(made) if show else to_json(made, pretty=True)).split("\n")


def _nothing(live: LiveRun) -> Iterator[Line]:
    yield muted("Nothing yet." if not live.ended else "This run didn't come to it.")


# The source


def _source(live: LiveRun) -> Iterator[Line]:
    for number, source in enumerate(live.sources):
        if number:
            yield ""
        yield head(source.name, source.media_type)
        tokens = estimate_tokens(source.text)
        size = (
            display.count(len(source.text.split()), "word"),
            display.count(len(source.text), "character"),
            f"~{display.count(tokens, 'token')}",
        )
        yield " · ".join(size)
        yield muted(f"read as {source.reader}" + (f" from {source.path}" if source.path else ""))
        for warning in source.warnings:
            yield Content.styled(f"! {for_screen(warning)}", "$text-warning")
    if not live.sources:
        yield muted("The source is not in the history any more.")
        return
    yield ""
    yield from _numbered(live.sources[0])


def _numbered(source: Source) -> Iterator[Line]:
    lines = source.text.split("\n")
    for number, line in enumerate(lines[:MAX_LINES], 1):
        yield Content.assemble((f"{number:>4}  ", MUTED), for_screen(line))
    if len(lines) > MAX_LINES:
        yield muted(f"      and {display.count(len(lines) - MAX_LINES, 'more line')}")


# The extraction


def _extraction(extracted: Extracted, width: int) -> Iterator[Line]:
    extraction = extracted.main
    doc, provenance, budget = extraction.doc, extraction.provenance, extraction.budget
    yield head(doc.title)
    parser = "lists repaired by the legacy parser" if provenance.parser == "legacy" else "CommonMark"
    agrees = "both parsers agree" if provenance.second_parser_agrees else "the parsers disagree"
    by = f"by rule and {provenance.model}" if provenance.model else "by rule"
    yield muted(f"{parser} · {agrees} · {by}" + (" · forced" if provenance.forced else ""))
    if budget.source_tokens:
        shown = f"payload ~{budget.payload_tokens:,} of ~{budget.source_tokens:,} tokens, {budget.ratio:.0%}  "
        yield Content.assemble(shown, (bar(budget.ratio, BAR) if width >= WIDE else "", "$primary"))
    for name in budget.left_out:
        yield muted(f"  left out: {name}")
    known = {name: value for name, value in doc.metadata.items() if name != "title"}
    yield from _listed("metadata", [f"{name}: {value}" for name, value in known.items()], width)
    yield from _outline(extraction.sections, doc.words, width)
    yield from _listed("key points", [point.text for point in extraction.key_points], width)
    facts = [(fact.type, scripts.shown(fact.raw)) for fact in extraction.facts]
    yield from _counted("facts", facts, width)
    by_rule = sum(each.by == "rule" for each in extraction.entities)
    names = [(each.type, each.name) for each in extraction.entities]
    yield from _counted("entities", names, width, f"{by_rule:,} of them candidates by rule" if by_rule else "")
    quarantined = [f"{json.dumps(dict(each.item), ensure_ascii=False)}: {each.why}" for each in extraction.quarantine]
    yield from _listed("quarantine", quarantined, width)


def _outline(sections: Sequence[Section], words: int, width: int) -> Iterator[Line]:
    headings = [section for section in sections if section.level]
    if not headings:
        return
    yield ""
    yield head("outline", f"{display.count(len(headings), 'section')}, with their words")
    top = min(section.level for section in headings)
    for section in headings[:MAX_LINES]:
        share = f"{bar(section.words / words if words else 0.0, BAR)}  " if width >= WIDE else ""
        indent = "  " * (section.level - top)
        before = Content.assemble((f"{section.words:>6,}  ", MUTED), (share, "$primary"), indent)
        yield hanging(before, for_screen(section.title), width)


def _listed(name: str, items: Sequence[str], width: int) -> Iterator[Line]:
    if not items:
        return
    yield ""
    yield head(name, f"{len(items):,}")
    for item in items[:MAX_LISTED]:
        yield hanging(Content.styled("· ", MUTED), for_screen(item), width)
    if len(items) > MAX_LISTED:
        yield muted(f"  and {len(items) - MAX_LISTED:,} more")


def _counted(name: str, items: Sequence[tuple[str, str]], width: int, beside: str = "") -> Iterator[Line]:
    """Each kind with its number and the first of its texts."""
    if not items:
        return
    yield ""
    yield head(name, display.line(f"{len(items):,}", beside))
    for kind, number in Counter(kind for kind, _ in items).most_common():
        texts = list(dict.fromkeys(text for each, text in items if each == kind))
        shown = ", ".join(texts[:MAX_NAMED]) + (" …" if len(texts) > MAX_NAMED else "")
        before = Content.assemble((f"{number:>4} ", "bold"), f"{kind:<13}")
        yield hanging(before, for_screen(shown), width)


# The routes


def _routes(live: LiveRun) -> Iterator[Line]:
    for number, (step, (route, target)) in enumerate(live.routes.items()):
        if number:
            yield ""
        yield head(f"{step} → {route.profile}")
        yield muted(_where(live, step, target))
        yield Content.assemble(("rule ", MUTED), for_screen(route.rule))
        for reason in route.reasons or ("no conditions",):
            yield Content.assemble(("   · ", MUTED), for_screen(reason))
        yield from _fit(route, target)
        for other in route.alternatives:
            cost = f", {display.cost(other.estimate.cost_usd)}" if other.estimate else ""
            yield Content.assemble(
                ("not ", MUTED), for_screen(other.profile), (f": {for_screen(other.why_not)}{cost}", MUTED)
            )


def _where(live: LiveRun, step: str, target: Target | None) -> str:
    """The model and the host: of the target, else of the calls that were made."""
    if target:
        model, host, why = target.model, target.host, target.why
    else:
        call = next((call for call in reversed(live.calls) if call.step == step), None)
        if call is None:
            return "no call was made in this run"
        model, host, why = call.model, call.host, ""
    offline = "built-in engine, no language model" if model.startswith(OFFLINE_PREFIX) else why
    return display.line(f"{model} → {host}", offline)


def _fit(route: Route, target: Target | None) -> Iterator[Line]:
    estimate = route.estimate
    if route.fits is None or estimate is None:
        return
    window = f" of {target.window:,}" if target and target.window else ""
    fits = (
        f"✓ fits: ~{estimate.input_tokens:,}{window} tokens"
        if route.fits
        else (f"! doesn't fit: ~{estimate.input_tokens:,}{window} tokens; it is read in chunks")
    )
    yield Content.styled(fits, "$foreground" if route.fits else "$text-warning")
    time = f", {display.seconds(estimate.elapsed_ms)}" if estimate.elapsed_ms is not None else ""
    by = f", as {display.count(estimate.calls, 'call')} before" if estimate.calls else ""
    most = "at most " if estimate.cost_usd and not estimate.calls else ""
    yield muted(f"estimated: {most}{display.cost(estimate.cost_usd)}{time}{by}")


# The copy


def _copy(copy: Copy, width: int) -> Iterator[Line]:
    offline = any(variant.by == "offline" for variant in copy.variants)
    by = " · by the built-in engine, which has no language model" if offline else ""
    yield head(f"Copy for {copy.channel}", _fitting(copy.variants) + by)
    for name in dict.fromkeys(variant.field for variant in copy.variants):
        variants = [variant for variant in copy.variants if variant.field == name]
        first = variants[0]
        shown = f", {first.display_limit:,} shown" if first.display_limit else ""
        yield ""
        yield head(name, f"at most {first.limit:,}{shown}")
        for variant in variants:
            yield _variant(variant, width)


def _fitting(variants: Sequence[Variant]) -> str:
    misfits = sum(not variant.fits for variant in variants)
    return f"{len(variants)} variants" + (f", {misfits} don't fit" if misfits else ", all within the limits")


def _variant(variant: Variant, width: int) -> Content:
    mark = "✓" if variant.fits else "✗"
    colour = "$primary" if variant.fits else "$text-error"
    over = variant.length - variant.limit
    wrong = "" if variant.fits else f"{over} too long" if over > 0 else "contains forbidden characters"
    before = Content.assemble(
        (f"{mark} {variant.pair or ' '} ", colour),
        (f"{f'{variant.length:,}/{variant.limit:,}':>9}  ", MUTED if variant.fits else colour),
    )
    after = display.line(wrong, "by hand" if variant.by == "hand" else "")
    return hanging(before, for_screen(variant.text), width, after)


VIEWS: Mapping[type[Artifact], Callable[[Any, int], Iterator[Line]]] = {Extracted: _extraction, Copy: _copy}
"""What is shown of an artifact, by its type, within so many columns."""
