"""Copywriting: short variants for the fields of a channel, within its limits as the channel counts them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chatspace.core.calls.call import Turn
from chatspace.core.calls.step_client import StepClient, second_try, unfinished
from chatspace.core.errors import ModelError
from chatspace.core.events import Emit, Warned
from chatspace.core.extraction import Extraction
from chatspace.core.profiles.profile import Channel, ChannelField
from chatspace.core.runs.claims import MAX_TOKENS, claims
from chatspace.core.runs.copy_replies import VARIANTS, Taken, Wanted, complaint, parse_reply, reply_schema, wanted_of
from chatspace.core.runs.payload import payload
from chatspace.core.runs.run import Variant
from chatspace.core.text.length import fits, measure, overshoot

RETRY_SHARE = 4
"""Of the room in a window: what is kept free for a second try."""

_ASKS_FOR_FIELDS = re.compile(r"\{[{%][^}%]*\bfields\b")


@dataclass(frozen=True, slots=True)
class Written:
    """The variants of one field; `problem` says why fewer came than asked for, or why none can be used.

    `error` where that is because no reply came to its end.
    """

    variants: tuple[Variant, ...]
    problem: str = ""
    error: ModelError | None = None


async def write(
    channel: Channel,
    extractions: Sequence[Extraction],
    draft: str | None,
    asker: StepClient,
    stand_in: Callable[[], StepClient],
    emit: Emit,
    count: int | None = None,
) -> tuple[tuple[Variant, ...], ModelError | None]:
    """The variants of every field, `count` of each or as many as the channel wants, in one call where that will do.

    Where replies can't be used, `stand_in` gives who answers in their place; where that is because they broke off, the
    error comes with the variants. Raises ModelError.
    """
    wanted = wanted_of(channel, count)
    full = payload(extractions).text  # for the built-in engine, which looks for its phrases in all of the text
    user = full if asker.target.offline else claims(extractions, draft, await claims_budget(asker, wanted))
    together: Mapping[str, Written] = {}
    if len(wanted) > 1 and _asks_for_fields(asker):
        together = await write_fields(wanted, user, asker, emit)
    variants: list[Variant] = []
    error: ModelError | None = None
    for each in wanted:
        name = each.field.name
        written = together.get(name) or await write_field(each.field, each.count, user, asker)
        error = error or written.error
        if not written.variants and not asker.target.offline:
            emit(Warned(f"{name}: {written.problem}. The built-in engine answers instead."))
            written = await write_field(each.field, each.count, full, stand_in())
        elif written.problem:
            emit(Warned(f"{name}: {written.problem}"))
        variants += _paired(written.variants)
    return tuple(variants), error


def from_reply(channel: Channel, text: str, count: int | None = None) -> tuple[Variant, ...]:
    """The variants that a reply to another step holds for the channel; none where one of its fields has none."""
    taken = [Taken(each, [], []) for each in wanted_of(channel, count)]
    try:
        found = parse_reply(text, [field.name for field in channel.fields])
    except ValueError:
        return ()
    _take({each.wanted.field.name: each for each in taken}, found)
    made = [_paired(_written(each, "", offline=False).variants) for each in taken]
    return tuple(each for variants in made for each in variants) if all(made) else ()


async def claims_budget(asker: StepClient, wanted: Sequence[Wanted]) -> int:
    """How many tokens of the sources a request for copy shows."""
    room = await asker.room(**_variables(wanted))
    return MAX_TOKENS if room is None else min(MAX_TOKENS, room - room // RETRY_SHARE)


def _asks_for_fields(asker: StepClient) -> bool:
    """Whether the recipe asks for several fields at once; one that doesn't know them gets one at a time."""
    return bool(_ASKS_FOR_FIELDS.search(asker.target.profile.recipe))


def _variables(wanted: Sequence[Wanted]) -> dict[str, Any]:
    """What the recipe is told; one for a single field gets that one's."""
    first = wanted[0]
    alone = {"field": first.field.name, "limit": first.field.limit, "count": first.count, "rule": first.field.rule}
    return {"fields": [each.variables for each in wanted], **(alone if len(wanted) == 1 else {})}


async def write_fields(wanted: Sequence[Wanted], user: str, asker: StepClient, emit: Emit) -> Mapping[str, Written]:
    """All fields by one reply, and by a second one what is missing of it or doesn't fit; nothing where it is no use.

    Raises ModelError where no reply came.
    """
    names = [each.field.name for each in wanted]
    taken = {each.field.name: Taken(each, [], []) for each in wanted}
    turns, variables = [Turn("user", user)], _variables(wanted)
    said = await asker.ask(turns, schema=reply_schema(wanted), **variables)
    try:
        _take(taken, parse_reply(said.text, names))
    except ValueError as error:
        why = "the reply broke off" if not said.whole else str(error)
        emit(Warned(f"{said.call.model}: {why}. Each field is asked for by itself."))
        return {}
    missing = [each for each in taken.values() if each.missing]
    problem = ""
    if missing and not asker.target.offline:
        again = [Wanted(each.wanted.field, each.missing) for each in missing]
        turns = second_try(turns, said.text, _what_is_missing(missing))
        try:
            said = await asker.ask(turns, schema=reply_schema(again), **variables)
            _take({each.wanted.field.name: each for each in missing}, parse_reply(said.text, names))
        except ModelError as error:
            if error.kind == "redirected":
                raise
            problem = str(error)
        except ValueError as error:
            problem = str(error)
    return {
        name: _written(each, problem if each in missing else "", offline=asker.target.offline)
        for name, each in taken.items()
    }


def _take(taken: Mapping[str, Taken], found: Mapping[str, Sequence[str]]) -> None:
    for name, each in taken.items():
        each.take(found.get(name, []))


def _what_is_missing(missing: Sequence[Taken]) -> str:
    """Field by field how many are still wanted, and why those that came can't be used."""
    lines = ["Some are missing or can't be used. Reply with a JSON object that has these fields alone:"]
    for each in missing:
        field, number = each.wanted.field, each.missing
        lines.append(f"{field.name}: {number} more, of at most {field.limit} characters, unlike those before")
        lines += complaint(each.misfits[:number], field)
    return "\n".join(lines)


def _written(taken: Taken, problem: str, *, offline: bool) -> Written:
    made = tuple(variant(text, taken.wanted.field, offline=offline) for text in taken.texts)
    return Written(made, problem or taken.problem)


async def write_field(
    channel_field: ChannelField, count: int, user: str, asker: StepClient, *, already: Sequence[str] = ()
) -> Written:
    """Ask for `count` variants, and once more where some don't fit, each with what is wrong, or if the reply is no use.

    The model is told those that are there `already`. Nothing is cut: what still doesn't fit is kept and marked. Raises
    ModelError where no reply came.
    """
    one = Taken(Wanted(channel_field, count), [], [])
    turns = [Turn("user", user)]
    name = channel_field.name if _asks_for_fields(asker) else VARIANTS
    if already:
        seen = json.dumps({name: list(already)}, ensure_ascii=False)
        turns += [Turn("assistant", seen), Turn("user", f"Write {count} more that say other things than these.")]
    problem = ""
    cut: ModelError | None = None
    for _ in range(2):
        try:
            said = await asker.ask(turns, schema=reply_schema([one.wanted], name), **_alone(one, asker))
        except ModelError as error:
            if error.kind == "redirected" or not (one.texts or problem):
                raise
            problem = problem or str(error)
            break
        try:
            found = parse_reply(said.text, tuple(dict.fromkeys((name, VARIANTS, channel_field.name))))
        except ValueError as error:
            problem = f"{said.call.model} didn't reply in the requested format: {error}"
            if cut := None if said.whole else unfinished(said):
                problem = str(cut)
            wrong = f"That can't be used: {error}. Reply with the JSON object alone."
        else:
            problem, cut = "", None
            one.take(next(iter(found.values())))
            if not one.missing or asker.target.offline:
                break
            wrong = _what_is_wrong(one)
        turns = second_try(turns, said.text, wrong)
    made = _written(one, problem, offline=asker.target.offline)
    return replace(made, error=cut)


def _alone(one: Taken, asker: StepClient) -> Mapping[str, Any]:
    """The variables of a recipe; one that knows no fields may say in its words what was too long."""
    field = one.wanted.field
    too_long = [] if _asks_for_fields(asker) else [text for text in one.misfits if overshoot(text, field)]
    return {**_variables([one.wanted]), "too_long": too_long}


def _what_is_wrong(one: Taken) -> str:
    if not one.misfits:
        return f"{len(one.kept)} are too few. Write {one.missing} more and reply with the JSON object alone."
    lines = ["These variants can't be used. Rewrite each and reply with the JSON object alone:"]
    return "\n".join([*lines, *complaint(one.misfits[: one.missing], one.wanted.field)])


def variant(text: str, channel_field: ChannelField, *, offline: bool) -> Variant:
    """One variant, measured."""
    return Variant(
        field=channel_field.name,
        text=text,
        length=measure(text, channel_field.rule),
        limit=channel_field.limit,
        display_limit=channel_field.display_limit,
        fits=fits(text, channel_field),
        by="offline" if offline else "model",
    )


def _paired(variants: Sequence[Variant]) -> list[Variant]:
    """The first two of a field that fit are its A and its B."""
    sides = ["B", "A"]
    return [replace(each, pair=sides.pop()) if each.fits and sides else each for each in variants]
