"""The extract stage: a source into its extraction.

Structure and figures come by parsing; a model only adds what can be found in the text.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from chatspace.core.document import Source
from chatspace.core.errors import ModelError
from chatspace.core.events import Warned
from chatspace.core.extraction import (
    Coverage,
    Extracted,
    Extraction,
    Finding,
    PayloadBudget,
)
from chatspace.core.profiles.policy import Route
from chatspace.core.profiles.profile import MetadataField
from chatspace.core.runs.by_model import add_by_model
from chatspace.core.runs.payload import payload
from chatspace.core.runs.summaries import read_of
from chatspace.core.stages.registry import Correction, Stage
from chatspace.core.text import display
from chatspace.core.text.language import language_of

RULES = "rules"
"""Stands in a route in the place of a profile where no model is asked."""

MAX_WORDS_BY_RULE = 10_000
"""Longer texts may not fit a window at once; then the key points decide what is shown of them."""

if TYPE_CHECKING:
    from chatspace.core.ports import ProfileLibrary
    from chatspace.core.runs.step_context import StepContext
    from chatspace.core.structure import Structure


async def begin(context: StepContext) -> Extracted:
    """What is found in the sources without a model: every later stage stands on it, with an extract step or without.

    Raises GateRejected where the structure of a source can't be trusted.
    """
    given, several = context.given, len(context.sources) > 1
    if isinstance(given, Extracted):
        extracted = given
    else:
        fields = await asyncio.to_thread(context.tools.library.metadata_fields)
        read = zip(context.sources, context.structures, strict=True)
        extracted = Extracted.of([await asyncio.to_thread(_by_rule, *each, fields) for each in read])
    if several and given is None and (found := await asyncio.to_thread(_disagreements, context.sources)):
        gate = extracted.main.gate
        main = replace(extracted.main, gate=replace(gate, findings=(*gate.findings, *found)))
        extracted = replace(extracted, main=main)
        more = f"; and {len(found) - 3} more" if len(found) > 3 else ""
        context.emit(Warned("The sources disagree. " + "; ".join(each.message for each in found[:3]) + more))
    extracted = await asyncio.to_thread(_weighed, extracted, context.options.budget_tokens)
    context.made(extracted)
    for number, (source, extraction) in enumerate(zip(context.sources, extracted.all, strict=True)):
        context.gated(extraction.gate, source.name if number else "")
        context.refuse("The structure of the source can't be trusted", extraction.gate, source)
    return Extracted.of([_marked_if_forced(each) for each in extracted.all], extracted.coverage)


def _by_rule(source: Source, structure: Structure, fields: Sequence[MetadataField]) -> Extraction:
    from chatspace.core.runs.by_rule import extract  # the parsers load with it
    from chatspace.core.stages.gate import check_extraction

    return extract(source, structure, check_extraction(structure), fields)


def _disagreements(sources: Sequence[Source]) -> list[Finding]:
    from chatspace.core.runs.findings import disagreements, named_texts  # the patterns for facts load with it

    return disagreements(named_texts(sources))


def _weighed(extracted: Extracted, budget: int | None) -> Extracted:
    """The main extraction says how large the payload of all is beside the sources."""
    shown = payload(extracted.all, budget=budget)
    tokens = sum(extraction.doc.tokens_estimate for extraction in extracted.all)
    ratio = round(shown.tokens / tokens, 3) if tokens else 0.0
    return replace(
        extracted, main=replace(extracted.main, budget=PayloadBudget(shown.tokens, tokens, ratio, shown.left_out))
    )


def _marked_if_forced(extraction: Extraction) -> Extraction:
    forced = extraction.gate.status == "rejected"
    return replace(extraction, provenance=replace(extraction.provenance, forced=True)) if forced else extraction


async def run(context: StepContext) -> Extracted:
    """The extraction with what a model adds to it."""
    begun = context.own
    assert isinstance(begun, Extracted), "every run begins with it"
    if why := await asyncio.to_thread(_without_model, context, begun):
        context.decided(Route(context.name, RULES, f"pipeline {context.plan.pipeline.name}", (why,), ()))
        return begun
    asker = await context.asker()
    read = chunks = 0
    error: ModelError | None = None
    fuller: list[Extraction] = []
    for extraction in begun.all:
        added = await add_by_model(extraction, asker)
        read, chunks = read + added.coverage.read, chunks + added.coverage.chunks
        error = error or added.error
        if added.problem:
            what = "The rest of the" if added.coverage.read else "The"
            context.emit(Warned(f"{added.problem.rstrip('.')}. {what} extraction is rule-based."))
        fuller.append(_by_engine(added.extraction) if asker.target.offline else added.extraction)
        context.keep(Extracted.of([*fuller, *begun.all[len(fuller) :]]))
    extracted = await asyncio.to_thread(
        _weighed, Extracted.of(fuller, Coverage(chunks, read)), context.options.budget_tokens
    )
    context.made(extracted)
    if error and context.requested:  # what else stands on it can do without a model's additions
        raise error
    return extracted


def _without_model(context: StepContext, begun: Extracted) -> str:
    """Why the rules are enough; empty where a model is to add to what they found."""
    options, mode = context.options, context.plan.pipeline.model_pass
    if options.no_model:
        return "--no-model"
    if context.requested or mode == "always":
        return ""
    if mode == "never":
        return "extract: {model: never}"
    if options.sla == "fast":
        return "sla fast"
    total = sum(each.doc.words for each in begun.all)
    if total > MAX_WORDS_BY_RULE or not all(language_of(each.text or "") for each in begun.all):
        return ""
    # What says most is only looked for where not all of a source is shown.
    chosen = payload(begun.all, budget=options.budget_tokens, words=options.words).shown
    return "" if chosen else f"words {total} <= {MAX_WORDS_BY_RULE}, and a draft is shown all of them"


def _by_engine(extraction: Extraction) -> Extraction:
    return replace(extraction, provenance=replace(extraction.provenance, model=None))


def _summary(extracted: Extracted) -> str:
    counts = {
        "section": sum(section.level > 0 for each in extracted.all for section in each.sections),
        "list": sum(block.kind == "list" for each in extracted.all for block in each.blocks),
        "fact": sum(len(each.facts) for each in extracted.all),
        "name": sum(len(each.entities) for each in extracted.all),
        "quarantined item": sum(len(each.quarantine) for each in extracted.all),
    }
    said = ", ".join(display.count(number, noun) for noun, number in counts.items() if number)
    coverage = extracted.coverage
    return f"{said}; {read_of(coverage)}" if coverage and coverage.chunks > len(extracted.all) else said


def _to_edit(extracted: Extracted) -> str:
    from chatspace.core.runs.corrections import extraction_to_edit  # the patterns for facts load with it

    return extraction_to_edit(extracted.main)


def _corrected(extracted: Extracted, text: str, library: ProfileLibrary) -> Extracted:
    from chatspace.core.runs.corrections import corrected_extraction

    return replace(extracted, main=corrected_extraction(extracted.main, text))


STAGE = Stage(
    name="extract",
    artifact=Extracted,
    run=run,
    summary=_summary,
    begin=begin,
    correction=Correction(_to_edit, _corrected),
    title="Outline of",
)
