"""A rewrite for other programs: as a unified diff, as CriticMarkup, as the new text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import unified_diff

from chatspace.core.rewriting.hunks import Hunk, apply, hunks
from chatspace.core.rewriting.rewrite import Rewrite
from chatspace.core.text.difference import changes

NO_NEWLINE = "\\ No newline at end of file\n"
Rejected = Sequence[tuple[str, str]]
"""What stands in the text, and what was proposed for it and turned down."""

_MARKS = {mark: f"{mark[0]}\u200b{mark[1:]}" for mark in ("--}", "++}", "<<}", "{--", "{++", "{>>", "{==", "{~~")}


def new_text(rewrite: Rewrite) -> str:
    """The passage as it is proposed, without what breaks its structure."""
    return apply(rewrite.before, rewrite.allowed)


def unified(rewrite: Rewrite, name: str) -> str:
    """What `patch` takes, and nothing where nothing changed."""
    before, after = (_lines(text) for text in (rewrite.before, new_text(rewrite)))
    found = unified_diff(before, after, name, f"{name} (rewritten)")
    return "".join(line if line.endswith("\n") else f"{line}\n{NO_NEWLINE}" for line in found)


def critic(rewrite: Rewrite) -> str:
    return marked_up(rewrite.before, rewrite.allowed)


def desk_critic(original: str, text: str, rejected: Rejected = ()) -> str:
    """Everything that changed since the text was opened, and behind what was left what had been proposed for it."""
    return marked_up(original, hunks(original, text), rejected)


def marked_up(before: str, chosen: Iterable[Hunk], rejected: Rejected = ()) -> str:
    """CriticMarkup: rejecting all of it gives `before`, accepting all of it the text with the chosen hunks.

    Marks that stand in the text itself are parted by a character without width.
    """
    inserted: list[tuple[int, int, str]] = [(*hunk.span, _changed(hunk.before, hunk.after)) for hunk in chosen]
    taken = sorted((start, end) for start, end, _ in inserted)
    for kept, proposed in rejected:
        at = before.find(kept) if kept.strip() else -1
        if at >= 0 and not any(start < at + len(kept) and at < end for start, end in taken):
            comment = f"{{>>rejected: {_literal(' '.join(proposed.split()))}<<}}"
            inserted.append((at + len(kept), at + len(kept), comment))
    parts, end = [], 0
    for start, stop, markup in sorted(inserted, key=lambda each: each[:2]):
        parts += [_literal(before[end:start]), markup]
        end = stop
    return "".join((*parts, _literal(before[end:])))


def _changed(before: str, after: str) -> str:
    marks = {"same": ("", ""), "removed": ("{--", "--}"), "added": ("{++", "++}")}
    return "".join(
        f"{marks[change.kind][0]}{_literal(change.text)}{marks[change.kind][1]}" for change in changes(before, after)
    )


def _literal(text: str) -> str:
    for mark, parted in _MARKS.items():
        if mark in text:
            text = text.replace(mark, parted)
    return text


def _lines(text: str) -> list[str]:
    """With their ends; only LF ends a line, as for `patch`."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
