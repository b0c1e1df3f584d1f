"""The draft stage: a text from the sources, checked by the gate and looked up in them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from chatspace.core.calls.call import Call
from chatspace.core.errors import ChatspaceError, ModelError, UsageError
from chatspace.core.events import DeltaReceived, Event, Warned
from chatspace.core.extraction import Coverage, Extracted, Extraction, GateReport
from chatspace.core.profiles.profile import OFFLINE_PREFIX, Target
from chatspace.core.runs.copy_replies import fields_of
from chatspace.core.runs.drafting import draft, fits
from chatspace.core.runs.payload import Payload, payload
from chatspace.core.runs.run import Draft
from chatspace.core.runs.summaries import read_of
from chatspace.core.stages.registry import Correction, Stage, Writer
from chatspace.core.text.tokens import estimate_tokens

if TYPE_CHECKING:
    from chatspace.core.ports import ProfileLibrary
    from chatspace.core.runs.step_context import StepContext


async def run(context: StepContext) -> Draft:
    """The draft, checked by the gate. As much of it as had come is kept where the run is stopped."""
    asker = await context.asker()
    if (also := "copy" in context.plan.also(context.name)) and not asker.target.offline:
        wanted = fields_of(context.plan.channel, context.options.variants)
        asker = replace(asker, variables={**asker.variables, "fields": wanted})
    shown = await asyncio.to_thread(_payload, context, asker.target, await asker.room())
    if shown.shown:
        context.emit(Warned(_of_the_source(shown)))
    grown: list[str] = []

    def hear(event: Event) -> None:
        if isinstance(event, DeltaReceived) and not event.reasoning:
            grown.append(event.text)
        context.emit(event)

    headings = context.plan.channel.headings is not False
    try:
        drafted = await draft(shown, _extractions(context), asker, hear, headings=headings)
    except ChatspaceError:
        raise
    except BaseException:
        _keep_unfinished(context, "".join(grown))
        raise
    if also:
        context.hand_on("copy", drafted.beside)
    made = _draft(context, drafted.text, drafted.call, drafted.coverage, whole=drafted.error is None)
    return await _checked(context, made, asker.target.profile.keep_structure, drafted.error)


def _extractions(context: StepContext) -> Sequence[Extraction]:
    extracted = context.get(Extracted)
    assert extracted is not None, "every run begins with it"
    return extracted.all


def _payload(context: StepContext, target: Target, room: int | None) -> Payload:
    """What the model is shown: of a source that no step extracts, its text; of others what the draft's length needs.

    What doesn't fit the `room` is written section by section, unless a length was asked for: then all of it is read.
    """
    if not context.plan.makes(Extracted) and len(context.sources) == 1:
        text = context.sources[0].text
        return Payload(text, estimate_tokens(text), 1)
    extractions, options = _extractions(context), context.options
    # The embedded engine chooses by itself, and what is to keep its structure is needed whole.
    all_of_it = target.offline or target.profile.keep_structure
    words = None if all_of_it else options.words
    notes = _notes(context, extractions)
    shown = payload(extractions, budget=options.budget_tokens, words=words, notes=notes)
    usual = context.plan.channel.words
    if all_of_it or words or not usual or not fits(shown, room):
        return shown
    return payload(extractions, budget=options.budget_tokens, words=usual, notes=notes)


def _notes(context: StepContext, extractions: Sequence[Extraction]) -> list[str]:
    """What the texts don't say: where they disagree, and what a person corrected of their extraction."""
    main = extractions[0]
    found = [f"- {each.message}" for each in main.gate.findings if each.check == "contradiction"]
    notes = ["The sources disagree:", *found] if found else []
    if context.corrected("extract"):
        points = [f"- {' '.join(point.text.split())}" for point in main.key_points]
        notes += [f"An editor wants the title: {main.doc.title}", "and these points above all:", *points]
    return notes


def _of_the_source(shown: Payload) -> str:
    """What is left out of the sources, for the user."""
    kept, there = shown.shown or (0, 0)
    said = f"{kept:,} of {there:,} sentences and items of the source are shown"
    if not shown.left_out:
        return said
    return f"{said}. {len(shown.left_out)} sections are left out: " + "; ".join(shown.left_out)


def _draft(context: StepContext, text: str, call: Call, coverage: Coverage, *, whole: bool) -> Draft:
    return Draft(
        text=text,
        run=context.run_id,
        profile=call.profile,
        model=call.model,
        status="complete" if whole else "truncated",
        coverage=coverage,
        gate=GateReport("passed"),
        offline=call.model.startswith(OFFLINE_PREFIX),
    )


def _keep_unfinished(context: StepContext, text: str) -> None:
    """As much of the draft as had come when the run was stopped."""
    call = next((call for call in reversed(context.calls) if call.step == context.name), None)
    if text.strip() and call:
        unfinished = _draft(context, text, call, Coverage(0, 0), whole=False)
        context.keep(replace(unfinished, gate=GateReport("rejected")))


async def _checked(context: StepContext, made: Draft, keep_structure: bool, error: ModelError | None = None) -> Draft:
    """The gate after a draft; `error` is what ended one that isn't whole."""
    from chatspace.core.facts import ground  # the parsers load with these
    from chatspace.core.runs.findings import named_texts, ungrounded
    from chatspace.core.stages.gate import check_draft

    keep = context.structures[0] if keep_structure else None
    gate = check_draft(made.text, complete=made.status == "complete", keep=keep)
    context.keep(replace(made, gate=gate))  # before the grounding, which may take a while and be stopped
    claims = await asyncio.to_thread(ground, made.text, named_texts(context.sources))
    gate = replace(gate, findings=(*gate.findings, *ungrounded(made.text, claims)))
    checked = replace(made, gate=gate, grounding=claims)
    context.made(checked)
    context.gated(gate)
    if error:
        raise error
    context.refuse("The draft isn't ready to publish", gate, context.sources[0])
    return checked


async def take(context: StepContext, given: Draft) -> Draft:
    """A draft that was made before, checked again."""
    profile = context.plan.profiles.get(given.profile)
    return await _checked(context, replace(given, run=context.run_id), bool(profile and profile.keep_structure))


def _summary(made: Draft) -> str:
    words = f"{len(made.text.split())} words"
    return f"{words}; {read_of(made.coverage)}" if made.coverage.chunks else words


def _corrected(made: Draft, text: str, library: ProfileLibrary) -> Draft:
    if not text.strip():
        from chatspace.core.runs.corrections import REMEDY

        raise UsageError("The draft is empty", remedy=REMEDY)
    return replace(made, text=text, status="complete")


STAGE = Stage(
    name="draft",
    artifact=Draft,
    run=run,
    summary=_summary,
    needs=(Extracted,),
    take=take,
    correction=Correction(lambda made: made.text, _corrected),
    prose=lambda made: made.text,
    writer=lambda made: Writer(made.profile, made.model, made.coverage),
    also=("copy",),
    variables=("said_before", "section", "outline", "fields"),
    title="Draft of",
)
