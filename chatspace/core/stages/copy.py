"""The copy stage: short variants for the fields of a channel, from the sources and the draft."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chatspace.core.document import Source
from chatspace.core.extraction import Extracted, Finding, GateReport
from chatspace.core.runs.copywriting import from_reply, write
from chatspace.core.runs.run import Copy, Draft, Variant
from chatspace.core.stages.registry import Correction, Stage

if TYPE_CHECKING:
    from chatspace.core.ports import ProfileLibrary
    from chatspace.core.runs.step_context import StepContext


async def run(context: StepContext) -> Copy:
    """The copy of a channel, which says what the draft says where there is one."""
    extracted, draft, plan = context.get(Extracted), context.get(Draft), context.plan
    assert extracted is not None, "every run begins with it"
    variants, error = from_reply(plan.channel, context.handed, plan.options.variants), None
    if not variants:
        asker = await context.asker()
        variants, error = await write(
            plan.channel,
            extracted.all,
            draft.text if draft else None,
            asker,
            lambda: context.offline(asker),
            context.emit,
            plan.options.variants,
        )
    context.keep(Copy(plan.channel.name, variants))  # before the grounding, which may take a while and be stopped
    variants, findings = await asyncio.to_thread(_marked, variants, context.sources)
    copy = Copy(plan.channel.name, variants)
    context.made(copy)
    if findings:
        context.gated(GateReport("passed", findings=tuple(findings)))
    if error and context.requested:  # elsewhere the engine's copy stands beside a draft, marked
        raise error
    return copy


def _marked(variants: Sequence[Variant], sources: Sequence[Source]) -> tuple[tuple[Variant, ...], list[Finding]]:
    from chatspace.core.runs.findings import marked, named_texts  # the patterns for facts load with it

    return marked(variants, named_texts(sources))


def _summary(copy: Copy) -> str:
    fitting = sum(variant.fits for variant in copy.variants)
    return f"{len(copy.variants)} variants for {copy.channel}, {fitting} within the limits"


def _corrected(copy: Copy, text: str, library: ProfileLibrary) -> Copy:
    from chatspace.core.runs.corrections import corrected_copy  # the patterns for facts load with it

    return corrected_copy(copy, library.channel(copy.channel), text)


def _to_edit(copy: Copy) -> str:
    from chatspace.core.runs.corrections import copy_to_edit

    return copy_to_edit(copy)


STAGE = Stage(
    name="copy",
    artifact=Copy,
    run=run,
    summary=_summary,
    needs=(Extracted,),
    uses=(Draft,),
    correction=Correction(_to_edit, _corrected),
    variables=("fields", "field", "limit", "count", "rule", "too_long"),
    title="Copy for",
)
