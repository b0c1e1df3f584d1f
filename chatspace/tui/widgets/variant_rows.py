"""The table of variants: each with its length against the limits, whether it fits, what it is like, its side."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from chatspace.core.profiles.profile import ChannelField
from chatspace.core.runs.variants import VariantRow, VariantTable
from chatspace.core.text.safe import for_screen
from chatspace.tui.widgets.rows import bar

Part = Content | str | tuple[str, str]

LABEL = 9
"""Columns of the star, the side and the number."""

WIDE, BAR = 76, 8
"""From so many columns on there are bars, of so many."""

NEAR, COUNT, FITS = 6, 10, 13


def text_width(width: int) -> int:
    """The columns of a row that its text has."""
    return max(10, width - LABEL - NEAR - COUNT - FITS - (BAR + 1) * (width >= WIDE) - 2)


def variant_line(line: VariantRow, width: int, text: str | None = None) -> Content:
    """One variant; `text` stands in for its own while it is edited."""
    kept = line.kept
    star = {"starred": "★", "scrapped": "×", "fresh": " "}[kept.state]
    shown = for_screen(kept.text if text is None else text).replace("\n", " ")
    limit = line.field.limit if line.field else None
    parts: list[Part] = [
        (f"{star} {kept.pair or ' '} {kept.number:>2}  ".ljust(LABEL), "$accent" if kept.chosen else "$foreground 60%"),
        fitted(shown, text_width(width)),
        ("  " + f"≈{line.near[0]}".ljust(NEAR - 2) if line.near else " " * NEAR, "$text-warning"),
    ]
    if width >= WIDE:
        parts += [(_bar(line), _colour(line)), " "]
    count = f"{line.length:,}/{limit:,}" if limit else f"{line.length:,}"
    parts += [count.rjust(COUNT), ("  " + set_cell_size(verdict(line), FITS - 2), _colour(line))]
    return Content.assemble(*parts)


def verdict(line: VariantRow) -> str:
    """Whether the channel takes it, with a mark and in words."""
    if line.field is None:
        return "✗ no field"
    if line.over:
        return f"✗ {line.over} over"
    if not line.fits:
        return f"✗ holds {line.field.forbids}"[: FITS - 2]
    return f"› folds {line.field.display_limit}" if line.folded else "✓ fits"


def _bar(line: VariantRow) -> str:
    """Against what is shown where the channel folds, else against the hard limit."""
    limit = line.field and (line.field.display_limit or line.field.limit)
    return bar(line.length / limit, BAR) if limit else " " * BAR


def _colour(line: VariantRow) -> str:
    if line.field is None or line.over or not line.fits:
        return "$text-error"
    return "$text-warning" if line.folded else "$primary"


def field_line(name: str, field: ChannelField | None, lines: Sequence[VariantRow]) -> Content:
    """The heading of a field: its limits, how many the channel takes, how many are chosen."""
    chosen = sum(line.kept.chosen for line in lines)
    if field is None:
        return Content.assemble((for_screen(name), "bold"), ("  not in this channel", "$foreground 60%"))
    shown = f", {field.display_limit:,} shown" if field.display_limit else ""
    counted = {"wide": ", wide characters count 2", "x-weighted": ", a link counts 23, an emoji 2"}.get(field.rule, "")
    most = f" to {field.most}" if field.most else ""
    wanted = f" · takes {field.least}{most}" if field.most else ""
    said = f"  at most {field.limit:,}{shown}{counted}{wanted} · {chosen} chosen"
    return Content.assemble((for_screen(name), "bold"), (said, "$foreground 60%"))


def explained(line: VariantRow, sheet: VariantTable) -> Content:
    """A variant whole, and below it what is to be said about it."""
    near = ", ".join(f"{line.kept.field} {number}" for number in line.near)
    said = [line.name, f"for {sheet.channel.title}", verdict(line)[2:]]
    said += [f"side {line.kept.pair}"] if line.kept.pair else []
    said += [f"nearly the same as {near}"] if near else []
    said += ["by the built-in engine"] if line.kept.by == "offline" else []
    return Content.assemble(for_screen(line.kept.text), "\n", (" · ".join(said), "$foreground 60%"))


def fitted(text: str, width: int) -> str:
    """In so many cells, with an ellipsis where it is longer."""
    return set_cell_size(text, width) if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"
