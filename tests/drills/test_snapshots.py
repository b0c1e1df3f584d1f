"""Every screen as it was looked at and approved: SVG pictures at 80x24 and 140x45, compared by text, place and style.

`CHATSPACE_SNAPSHOTS=write` makes them anew, to be looked at before they are kept.
"""

from __future__ import annotations

import asyncio
import html
import os
import re
import time
from pathlib import Path

import pytest

from chatspace.adapters.litellm.provider import LitellmProvider
from tests.screenshots import SCENES, shown

FOLDER = Path(__file__).parent / "snapshots"
WRITE = os.environ.get("CHATSPACE_SNAPSHOTS") == "write"
SIZES = ((80, 24), (140, 45))
STEADY = sorted(SCENES.keys() - {"batch"})
"""A batch has other figures in nearly every line at each run; tests/tui/test_batch_screen.py looks at it."""
CHANGING = re.compile(
    r"\d[\d,.]* (?:ms|s|min|tokens)\b|\d[\d,.]*/s\b|127\.0\.0\.1:\d+|\d{1,2}:\d\d|\d{4}-\d\d-\d\d"
    r"|/tmp/\S+|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:january|february|march|april|may|june|july|august"
    r"|september|october|november|december) \d{4}|\b[0-9a-f]{8,}\b|\$0\.\d+|[▁▂▃▄▅▆▇█━╸]+"
)
"""What is another at every run: times, ports, dates, folders, sums, and bars of these."""
OPTIONAL = re.compile(r"(?:first )?\*(?: · (?:first )?\*)*")
"""Figures beside one another; the speed is missing where a reply came too fast to tell."""
SCROLLBAR = re.compile("[▁▂▃▄▅▆▇]")
"""The end of one: it moves with the height of what is scrolled, by a figure that needs a further line."""
TEXT = re.compile(r'<text class="[^"]*-(r\d+)" x="([\d.]+)" y="([\d.]+)" textLength="[\d.]+"[^>]*>(.*?)</text>')


def normal(svg: str) -> str:
    """The picture line by line: the pieces of text with their styles; of lines that change, the words they share.

    A longer figure may move a word to the next line, so lines that change are one text where they stand together.
    """
    styles = dict(re.findall(r"-(r\d+)\s*{\s*([^}]*?)\s*}", svg))
    lines: dict[float, list[tuple[float, str, str]]] = {}
    for style, x, y, text in TEXT.findall(svg):
        words = html.unescape(text).replace("\xa0", " ")
        lines.setdefault(float(y), []).append((float(x), styles.get(style, ""), words))
    shown: list[str] = []
    changing: list[str] = []
    for pieces in (lines[y] for y in sorted(lines)):
        if SCROLLBAR.fullmatch(max(pieces)[2]):
            pieces.remove(max(pieces))
        whole = "".join(text for _, _, text in sorted(pieces))
        if CHANGING.search(whole):
            changing.append(whole)
            continue
        shown += _words(changing)
        changing.clear()
        shown += [f"{x:g} [{style}] {text}" for x, style, text in sorted(pieces) if text.strip()]
    return "\n".join(shown + _words(changing))


def _words(lines: list[str]) -> list[str]:
    words = " ".join(CHANGING.sub("*", " ".join(lines)).split())
    return [OPTIONAL.sub("*", words)] if lines else []


@pytest.fixture(scope="module")
def models() -> LitellmProvider:
    return LitellmProvider()


async def matches(name: str, size: tuple[int, int], models: LitellmProvider, kept: Path) -> str:
    """What differs from the kept picture, as soon as nothing does; what is shown may still be on its way."""
    async with shown(name, size, models) as app:
        if WRITE:
            await asyncio.sleep(2)
            kept.write_text(app.export_screenshot(title="chatspace"), encoding="utf-8")
        end = time.monotonic() + 20
        while True:
            svg = app.export_screenshot(title="chatspace")
            wanted, found = normal(kept.read_text(encoding="utf-8")).splitlines(), normal(svg).splitlines()
            if wanted == found:
                return ""
            if time.monotonic() > end:
                return "\n".join(sorted({*wanted} ^ {*found}))
            await asyncio.sleep(0.25)


@pytest.mark.drill
@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x45"])
@pytest.mark.parametrize("name", STEADY)
async def test_a_screen_looks_as_it_was_approved(name: str, size: tuple[int, int], models: LitellmProvider) -> None:
    assert await matches(name, size, models, FOLDER / f"{name}-{size[0]}x{size[1]}.svg") == ""
