"""Every screen as it was looked at and approved: SVG pictures at 80x24 and 140x45, compared by text, place and style.

`CHATSPACE_SNAPSHOTS=write` makes them anew, to be looked at before they are kept.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from pathlib import Path

import pytest

from chatspace.adapters.litellm_provider import LitellmProvider
from tests.screenshots import SCENES, shown

FOLDER = Path(__file__).parent / "snapshots"
WRITE = os.environ.get("CHATSPACE_SNAPSHOTS") == "write"
SIZES = ((80, 24), (140, 45))
CHANGING = re.compile(
    r"\d[\d,.]*(?:&#160;| )(?:ms|s|min|tokens)\b|\d[\d,.]*/s\b|127\.0\.0\.1:\d+|\d{1,2}:\d\d|\d{4}-\d\d-\d\d"
    r"|/tmp/\S+|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:january|february|march|april|may|june|july|august"
    r"|september|october|november|december)(?:&#160;| )\d{4}|\b[0-9a-f]{8,}\b|\$0\.\d+|[▁▂▃▄▅▆▇█━╸]+"
)
"""What is another at every run: times, ports, dates, folders, sums, and bars of these."""
TEXT = re.compile(r'<text class="[^"]*-(r\d+)" x="([\d.]+)" y="([\d.]+)" textLength="[\d.]+"[^>]*>(.*?)</text>')


def normal(svg: str) -> str:
    """The picture line by line: the pieces of text with their styles; of a line that changes, its words alone."""
    styles = dict(re.findall(r"-(r\d+)\s*{\s*([^}]*?)\s*}", svg))
    lines: dict[float, list[tuple[float, str, str]]] = {}
    for style, x, y, text in TEXT.findall(svg):
        lines.setdefault(float(y), []).append((float(x), styles.get(style, ""), text))
    shown = []
    for pieces in (lines[y] for y in sorted(lines)):
        whole = "".join(text for _, _, text in sorted(pieces))
        if CHANGING.search(whole):
            shown.append(re.sub(r"(?:&#160;|\s)+", " ", CHANGING.sub("*", whole)).strip())
        else:
            shown += [f"{x:g} [{style}] {text}" for x, style, text in sorted(pieces) if text.strip("\xa0").strip()]
    return "\n".join(shown)


@pytest.fixture(scope="module")
def models() -> LitellmProvider:
    return LitellmProvider()


async def matches(name: str, size: tuple[int, int], models: LitellmProvider, kept: Path) -> str:
    """What differs from the kept picture, as soon as nothing does; what is shown may still be on its way."""
    async with shown(name, size, models) as app:
        end = time.monotonic() + 20
        while True:
            svg = app.export_screenshot(title="chatspace")
            if WRITE:
                kept.write_text(svg, encoding="utf-8")
            wanted, found = normal(kept.read_text(encoding="utf-8")).splitlines(), normal(svg).splitlines()
            if wanted == found:
                return ""
            if time.monotonic() > end:
                return "\n".join(sorted({*wanted} ^ {*found}))
            await asyncio.sleep(0.25)


@pytest.mark.drill
@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x45"])
@pytest.mark.parametrize("name", sorted(SCENES))
async def test_a_screen_looks_as_it_was_approved(name: str, size: tuple[int, int], models: LitellmProvider) -> None:
    assert await matches(name, size, models, FOLDER / f"{name}-{size[0]}x{size[1]}.svg") == ""
