"""The copy desk: the variants of a copy reply edited, paired, chosen, asked for anew, and exported."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

from chatspace.core.calls.model_client import ModelClient
from chatspace.core.calls.step_client import StepClient
from chatspace.core.chat.conversation import Message
from chatspace.core.chat.stores import History
from chatspace.core.document import Source
from chatspace.core.errors import ModelError, UsageError
from chatspace.core.events import DeltaReceived, Emit, Event, Warned
from chatspace.core.ports import Exporter, Tools
from chatspace.core.profiles.options import Options
from chatspace.core.profiles.policy import Route
from chatspace.core.profiles.profile import Channel, ChannelField, Target
from chatspace.core.registry import Format
from chatspace.core.runs.copy_replies import Wanted
from chatspace.core.runs.plan import Plan, fallback_targets, make_plan
from chatspace.core.runs.routing import route_for
from chatspace.core.runs.run import Copy, Variant
from chatspace.core.runs.variants import (
    KeptVariant,
    Side,
    VariantRow,
    VariantState,
    VariantTable,
    against_export,
    against_pairing,
    rivals,
    variant_table,
)
from chatspace.core.text.length import measure
from chatspace.core.workspace.reply import StreamingReply, reply_to, run_uncancelled
from chatspace.core.workspace.stored_runs import RunStore, read_run

STEP: Final = "copy"


class VariantStore(Protocol):
    """The variants of copy, each with the reply it came with, with which it is deleted. Raises StoreError."""

    def add(self, run: str, message: int, channel: str, variants: Sequence[Variant]) -> None:
        """Keep what came with a reply, numbered on within each field."""
        ...

    def of_run(self, run: str) -> Sequence[KeptVariant]:
        """All variants of a run's copy, scrapped ones too, in the order in which they came."""
        ...

    def mark(self, variant: int, state: VariantState) -> None:
        """A scrapped one is no side of a pair any more."""
        ...

    def edit(self, variant: int, text: str) -> None: ...

    def pair(self, variant: int, side: Side | None, instead_of: Sequence[int] = ()) -> None:
        """Make it side A or B in the place of others, or neither."""
        ...

    def count_for(self, run: str, channel: str) -> None:
        """Let a run's variants be counted for another channel."""
        ...


class CopyEditor:
    """Everything that can be done with variants once they are written."""

    def __init__(self, tools: Tools, runs: RunStore, history: History, store: VariantStore, exporter: Exporter) -> None:
        self._tools = tools
        self._runs = runs
        self._history = history
        self._store = store
        self._exporter = exporter

    def last(self, thread: Sequence[Message]) -> Message | None:
        """The last reply of a thread that has copy."""
        return next((message for message in reversed(thread) if message.run and message.step == STEP), None)

    def sheet(self, message: Message) -> VariantTable:
        """The table of the run that a reply belongs to. Raises UsageError where it has no copy."""
        record = self._runs.get(message.run) if message.run else None
        if message.run is None or record is None:
            raise UsageError("No variants here", remedy="Create variants with /copy, then open them.")
        kept = self._store.of_run(message.run)
        if not kept:
            channel = self._channel(record.channel)
            self._store.add(message.run, message.id, channel.name, self._made(message.run))
            kept = self._store.of_run(message.run)
        if not kept:
            raise UsageError("This run produced no copy", remedy="Create variants with /copy.")
        return variant_table(message.run, self._channel(kept[0].channel), kept)

    def _channel(self, name: str) -> Channel:
        channel = self._tools.library.channel(name)
        return self._tools.library.channel(channel.default) if channel.default else channel

    def _made(self, run: str) -> list[Variant]:
        """What the run made."""
        made = read_run(self._runs, run).artifacts.of(Copy)
        return list(made.variants) if made else []

    # What the editor decides

    def edit(self, line: VariantRow, text: str) -> None:
        """The text on one line, as the channels take it."""
        self._store.edit(line.kept.id, " ".join(text.split()))

    def mark(self, line: VariantRow, state: VariantState) -> None:
        self._store.mark(line.kept.id, state)

    def bring_back(self, sheet: VariantTable, line: VariantRow) -> None:
        """Give a line the state and the side that it has here; a side that another one has taken since is left."""
        self._store.mark(line.kept.id, line.kept.state)
        side = line.kept.pair
        if side and not rivals(line, side, sheet):
            self._store.pair(line.kept.id, side)

    def pair(self, sheet: VariantTable, line: VariantRow, side: Side) -> None:
        """Make it side A or B of its field, in the place of another; again takes it out.

        Raises UsageError where it doesn't fit, or says nearly the same as the other side.
        """
        if line.kept.pair == side:
            self._store.pair(line.kept.id, None)
            return
        if wrong := against_pairing(line, side, sheet):
            raise UsageError(f"This variant can't be {side}", wrong, "Press e to edit it.")
        self._store.pair(line.kept.id, side, [each.kept.id for each in rivals(line, side, sheet)])

    def switch(self, sheet: VariantTable, channel: str) -> None:
        """Count the variants for another channel."""
        self._store.count_for(sheet.run, self._channel(channel).name)

    @property
    def formats(self) -> Mapping[str, Format]:
        """Those that copy can be written in, by name."""
        return self._exporter.formats(STEP)

    def export(self, sheet: VariantTable, format_name: str) -> bytes:
        """The chosen variants. Raises UsageError with everything that the channel would refuse."""
        if problems := against_export(sheet):
            raise UsageError(
                f"{sheet.channel.title} would reject this",
                "; ".join(problems),
                "* stars a variant, e edits it, a and b make a pair.",
            )
        return self._exporter.copy(sheet.copy(), format_name)

    # Asking for more

    def options_like(self, message: Message, options: Options) -> Options:
        """The options that ask whom a reply came from; the embedded engine only answers where it would again.

        May ask an endpoint: to be called from a thread.
        """
        profile, model = self._tools.targets.like(message, STEP, local=options.local)
        return replace(options, profile=profile, model=model)

    async def more(
        self, sheet: VariantTable, message: Message, field: ChannelField, count: int, options: Options, emit: Emit
    ) -> Message:
        """Further variants of one field, as a reply to a stored message. Raises ModelError, after the reply is stored.

        They come from the sources of the run, by the profile of `options`; the model is told those that are there.
        """
        plan, route, target = await asyncio.to_thread(self._routed, sheet, options)

        def pass_on(event: Event) -> None:
            if not isinstance(event, DeltaReceived):  # the JSON is nothing to read
                emit(event)

        known = [line.kept.text for line in (*sheet.lines, *sheet.scrapped) if line.field == field]
        why = f"rule {route.because}"
        async with reply_to(
            message, STEP, target, self._history, pass_on, run=sheet.run, why=why, kept=_nothing
        ) as reply:
            client = ModelClient(self._tools, reply.take, sheet.run, reply.message.id)
            asker, shown = await self._asker(sheet, plan, target, client, Wanted(field, count))
            new = await _further(field, count, known, shown, asker, emit)
            stored = await reply.finish("complete", _listed(field, new))
        await run_uncancelled(self._store.add, sheet.run, stored.id, sheet.channel.name, new)
        return stored

    def _routed(self, sheet: VariantTable, options: Options) -> tuple[Plan, Route, Target]:
        """Who answers, and by which route. Reads files: for a thread. Raises ChatspaceError."""
        chosen = replace(options, channel=sheet.channel.name)
        plan = make_plan(chosen, STEP, self._tools.library, through=("extract", STEP))
        route = route_for(plan, STEP, [source.text for source in self._sources(sheet.run)], self._tools)
        return plan, route, plan.target(route, self._tools)

    async def _asker(
        self, sheet: VariantTable, plan: Plan, target: Target, client: ModelClient, wanted: Wanted
    ) -> tuple[StepClient, str]:
        """The client of the step, and what of the sources is shown."""
        from chatspace.core.runs.copywriting import claims_budget
        from chatspace.core.workspace.source_payload import source_claims, source_payload

        fallbacks = await asyncio.to_thread(fallback_targets, target, STEP, plan.options, self._tools)
        asker = StepClient(STEP, target, fallbacks, plan.variables, client)
        sources = await asyncio.to_thread(self._sources, sheet.run)
        if target.offline:
            shown, _ = await asyncio.to_thread(source_payload, sources, self._tools, None)
        else:
            shown = await asyncio.to_thread(source_claims, sources, self._tools, await claims_budget(asker, [wanted]))
        return asker, shown

    def _sources(self, run: str) -> list[Source]:
        record = self._runs.get(run)
        refs = (record.source, *record.others) if record else ()
        sources = [source for ref in refs if (source := self._runs.source(ref.id)) is not None]
        if not sources:
            raise UsageError("The source of this copy is no longer in the history")
        return sources


async def _further(
    field: ChannelField, count: int, known: Sequence[str], shown: str, asker: StepClient, emit: Emit
) -> list[Variant]:
    """Up to `count` variants that aren't known. Raises ModelError where there are none."""
    from chatspace.core.runs.copywriting import write_field

    if asker.target.offline:
        # The engine has no memory: it is asked for those that it gave before too.
        written = await write_field(field, count + len(known), shown, asker)
    else:
        written = await write_field(field, count, shown, asker, already=known)
    new = [each for each in written.variants if each.text not in known][:count]
    if not new:
        raise ModelError(
            f"No new {field.name} received",
            written.problem or "every variant already exists",
            "Edit a variant with e, or ask another model.",
            kind="bad_request",
        )
    if written.problem and not asker.target.offline:
        emit(Warned(f"{field.name}: {written.problem}"))
    return new


def _listed(field: ChannelField, variants: Sequence[Variant]) -> str:
    lines = [f"- {each.text} ({measure(each.text, field.rule)}/{field.limit})" for each in variants]
    return "\n".join([f"**{field.name}**", "", *lines])


def _nothing(reply: StreamingReply) -> str:
    """Half of the JSON is nothing to keep."""
    return ""
