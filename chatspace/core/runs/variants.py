"""The variants of a copy reply on the editor's desk: counted against a channel, compared, paired, chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from chatspace.core.profiles.profile import Channel, ChannelField
from chatspace.core.runs.run import Copy, Variant
from chatspace.core.text import display
from chatspace.core.text.length import fits, measure, overshoot
from chatspace.core.text.similarity import near_duplicates

VariantState = Literal["fresh", "starred", "scrapped"]
Side = Literal["A", "B"]


@dataclass(frozen=True, slots=True)
class KeptVariant:
    """A variant with what the editor decided. `message` is its reply, `number` counts from 1 in its run.

    `channel` is the one that the table counts for; `field` is that of the channel it was written for.
    """

    id: int
    message: int
    number: int
    field: str
    channel: str
    state: VariantState
    pair: Side | None
    by: Literal["model", "offline", "hand"]
    text: str

    @property
    def chosen(self) -> bool:
        return self.state == "starred" or (self.state == "fresh" and self.pair is not None)


@dataclass(frozen=True, slots=True)
class VariantRow:
    """A variant as the table shows it. `field` is None where the channel has none of its name.

    `over` is by how much it is too long, `near` are the numbers of those in its field that say nearly the same.
    """

    kept: KeptVariant
    field: ChannelField | None
    length: int
    over: int
    fits: bool
    near: tuple[int, ...] = ()

    @property
    def folded(self) -> bool:
        """Whether the channel shows only its beginning."""
        return bool(self.field and self.field.display_limit and self.length > self.field.display_limit)

    @property
    def name(self) -> str:
        return f"{self.kept.field} {self.kept.number}"


@dataclass(frozen=True, slots=True)
class VariantTable:
    """The table of one run's copy: its lines by field, in the channel's order; what is scrapped stands apart."""

    run: str
    channel: Channel
    lines: tuple[VariantRow, ...]
    scrapped: tuple[VariantRow, ...] = ()

    @property
    def fields(self) -> Mapping[str, tuple[VariantRow, ...]]:
        names = dict.fromkeys(_field_name(line) for line in self.lines)
        return {name: tuple(line for line in self.lines if _field_name(line) == name) for name in names}

    @property
    def chosen(self) -> tuple[VariantRow, ...]:
        return tuple(line for line in self.lines if line.kept.chosen)

    def copy(self) -> Copy:
        """What was chosen, as it is exported."""
        return Copy(self.channel.name, tuple(_variant(line, line.field) for line in self.chosen if line.field))


def variant_table(run: str, channel: Channel, kept: Sequence[KeptVariant]) -> VariantTable:
    """The variants counted by the channel's rules."""
    known = {field.name: number for number, field in enumerate(channel.fields)}
    lines = [counted(each, channel) for each in kept]
    lines.sort(key=lambda line: (known.get(line.field.name, 0) if line.field else len(known), line.kept.number))
    shown = [line for line in lines if line.kept.state != "scrapped"]
    return VariantTable(
        run, channel, tuple(_compared(shown)), tuple(line for line in lines if line.kept.state == "scrapped")
    )


def counted(kept: KeptVariant, channel: Channel, text: str | None = None) -> VariantRow:
    """One line; `text` stands in for the variant's own while it is edited."""
    text = kept.text if text is None else text
    field = field_for(kept.field, channel)
    if field is None:
        return VariantRow(kept, None, len(text), 0, False)
    return VariantRow(kept, field, measure(text, field.rule), overshoot(text, field), fits(text, field))


def field_for(name: str, channel: Channel) -> ChannelField | None:
    """The channel's field of this name; a channel with one field takes everything into it."""
    same = next((field for field in channel.fields if field.name == name), None)
    return same or (channel.fields[0] if len(channel.fields) == 1 else None)


def against_pairing(line: VariantRow, side: Side, sheet: VariantTable) -> str:
    """Why this can't be side A or B of its field; "" where it can."""
    if wrong := unfit(line):
        return wrong
    other = _on_side(sheet, line, "B" if side == "A" else "A")
    if other and other.kept.id != line.kept.id and other.kept.number in line.near:
        same = f"{line.name} says nearly the same as {other.name}, which is {other.kept.pair}"
        return f"{same}: an A/B test would show nothing"
    return ""


def rivals(line: VariantRow, side: Side, sheet: VariantTable) -> list[VariantRow]:
    """Those of its field that hold the side now, which is given to one alone."""
    return [
        each
        for each in sheet.lines
        if each.field == line.field and each.kept.pair == side and each.kept.id != line.kept.id
    ]


def unfit(line: VariantRow) -> str:
    """Why the channel wouldn't take it; "" where it would."""
    if line.field is None:
        return f"{line.name}: the channel has no field {line.kept.field}"
    if not line.kept.text.strip():
        return f"{line.name} is empty"
    if line.over:
        return f"{line.name} is {display.count(line.over, 'character')} too long: {line.length}/{line.field.limit}"
    return "" if line.fits else f"{line.name} contains a forbidden character: {line.field.forbids}"


def against_export(sheet: VariantTable) -> list[str]:
    """What the channel would refuse of the chosen variants, each in a sentence; empty where it would take them."""
    chosen = sheet.chosen
    if not chosen:
        return ["nothing is selected: * stars a variant, a and b make a pair"]
    problems = [wrong for line in chosen if (wrong := unfit(line))]
    for line in chosen:
        other = _on_side(sheet, line, "B")
        if line.kept.pair == "A" and other and other.kept.number in line.near:
            problems.append(f"{line.name} (A) and {other.name} (B) say nearly the same")
    if sheet.channel.group == "ad":
        problems += _too_few_or_many(sheet)
    return problems


def _too_few_or_many(sheet: VariantTable) -> list[str]:
    """For each ad, A and B being one each: the fields that have less than they need or more than they take."""
    sides: list[str] = sorted({line.kept.pair for line in sheet.chosen if line.kept.pair}) or [""]
    problems = []
    for field in sheet.channel.fields:
        for side in sides:
            mine = [line for line in sheet.chosen if line.field == field and line.kept.pair in (None, side)]
            ad = f"ad {side}" if side else "the ad"
            if len(mine) < field.least:
                problems.append(
                    f"{ad} has {display.count(len(mine), f'{field.name} variant')}; at least {field.least} required"
                )
            elif field.most is not None and len(mine) > field.most:
                problems.append(
                    f"{ad} has {display.count(len(mine), f'{field.name} variant')}; at most {field.most} allowed"
                )
    return problems


def _on_side(sheet: VariantTable, line: VariantRow, side: Side) -> VariantRow | None:
    return next((each for each in sheet.lines if each.field == line.field and each.kept.pair == side), None)


def _field_name(line: VariantRow) -> str:
    return line.field.name if line.field else line.kept.field


def _compared(lines: Sequence[VariantRow]) -> list[VariantRow]:
    """With the near-duplicates of each, looked for within its field."""
    near: dict[int, list[int]] = {line.kept.id: [] for line in lines}
    for name in dict.fromkeys(map(_field_name, lines)):
        same = [line for line in lines if _field_name(line) == name]
        for i, j in near_duplicates([line.kept.text for line in same]):
            near[same[i].kept.id].append(same[j].kept.number)
            near[same[j].kept.id].append(same[i].kept.number)
    return [
        VariantRow(line.kept, line.field, line.length, line.over, line.fits, tuple(sorted(near[line.kept.id])))
        for line in lines
    ]


def _variant(line: VariantRow, field: ChannelField) -> Variant:
    return Variant(
        field=field.name,
        text=line.kept.text,
        length=line.length,
        limit=field.limit,
        display_limit=field.display_limit,
        fits=line.fits,
        pair=line.kept.pair,
        by=line.kept.by,
    )
