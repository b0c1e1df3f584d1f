"""The screen of the variants: its layout, its keys, its dialogs, and the way back to the conversation."""

from __future__ import annotations

import csv
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input, OptionList

from chatspace.tui.screens.copy import CopyScreen
from chatspace.tui.screens.pick_dialog import PickDialog
from chatspace.tui.screens.save_dialog import SaveDialog
from chatspace.tui.widgets.rows import Rows
from chatspace.tui.widgets.status_line import StatusLine
from chatspace.tui.widgets.variant_editor import VariantEditor
from tests.model_answers import NOTHING_FOUND
from tests.model_server import ModelServer, Reply
from tests.tui.conftest import Open, Seat

HEADLINES = ("Save 38% on heating", "Save 38 % on your heating", "=1+1 is warm", "Made in Porto")
TOO_LONG = "Quiet heat for a home of 140 square metres"
DESCRIPTIONS = ("The Tern 4 heats 140 square metres.", "Ask for a visit in May, when it ships.")


def variants(*texts: str) -> Reply:
    return Reply(json.dumps({"variants": texts}))


@asynccontextmanager
async def desk(
    open_workspace: Open, served: ModelServer, channel: str = "google-ads", **kwargs: Any
) -> AsyncIterator[tuple[Seat, CopyScreen]]:
    """The variants of a copy that the test server wrote: one of them too long, two nearly the same."""
    Path("brief.md").write_text("# Tern 4\n\nThe Tern 4 saves 38% on heating. It is made in Porto.\n", encoding="utf-8")
    if channel == "google-ads":
        served.script(
            Reply(NOTHING_FOUND), variants(*HEADLINES, TOO_LONG), variants(TOO_LONG), variants(*DESCRIPTIONS),
            variants("tern-4"), variants("heat-pump"),
        )  # fmt: skip
    async with open_workspace(**kwargs) as seat:
        await seat.send(f"/copy brief.md --channel {channel} --variants 5")
        await seat.until(lambda: len(seat.entries) > 1 and not seat.session.job)
        served.script()
        yield seat, await opened(seat)


async def opened(seat: Seat, line: str = "/variants") -> CopyScreen:
    await seat.send(line)
    screen = await seat.opened(CopyScreen)
    await seat.until(lambda: screen.query_one(Rows).option_count)
    return screen


def lines(screen: CopyScreen) -> list[str]:
    rows = screen.query_one(Rows)
    return [str(rows.get_option_at_index(index).prompt) for index in range(rows.option_count)]


def row(screen: CopyScreen, text: str) -> str:
    """The row that holds this text, or an empty one."""
    return next((line for line in lines(screen) if text in line), "")


async def go_to(seat: Seat, screen: CopyScreen, text: str) -> None:
    screen.query_one(Rows).highlighted = next(at for at, line in enumerate(lines(screen)) if text in line)
    await seat.pilot.pause()


def status(screen: CopyScreen) -> str:
    return screen.query_one(StatusLine).left


async def star(seat: Seat, screen: CopyScreen, *texts: str) -> None:
    for text in texts:
        await go_to(seat, screen, text)
        await seat.pilot.press("s")
        await seat.until(partial(_has, screen, text, "★"))


def _has(screen: CopyScreen, text: str, mark: str) -> bool:
    return mark in row(screen, text)


def _unpaired(screen: CopyScreen, text: str) -> bool:
    return not _has(screen, text, " A ") and not _has(screen, text, " B ")


async def export(seat: Seat, name: str, *keys: str) -> None:
    await seat.pilot.press("ctrl+s")
    await seat.opened(SaveDialog)
    await seat.pilot.press(*keys)
    seat.app.screen.query_one(Input).value = name
    await seat.pilot.press("enter")
    await seat.until(lambda: Path(name).exists())


async def test_each_variant_stands_with_its_length_its_fit_and_what_it_is_like(
    open_workspace: Open, served: ModelServer
) -> None:
    async with desk(open_workspace, served) as (_, screen):
        assert "19/30" in row(screen, "Save 38% on heating")
        assert "✓ fits" in row(screen, "Made in Porto")
        assert "✗ 12 over" in row(screen, "Quiet heat")
        assert "≈2" in row(screen, "Save 38% on heating")
        assert "━" in row(screen, "Made in Porto")
        assert "at most 30" in row(screen, "headline")
        assert "1 don't fit" in status(screen)


async def test_a_variant_is_edited_in_its_row_and_counted_while_it_is_typed(
    open_workspace: Open, served: ModelServer
) -> None:
    async with desk(open_workspace, served) as (seat, screen):
        await go_to(seat, screen, "Made in Porto")
        await seat.pilot.press("e", *" 暖")
        await seat.until(lambda: "16/30" in row(screen, "Made in Porto 暖"))
        editor = screen.query_one(VariantEditor)
        assert editor.region.y == screen.query_one(Rows).region.y + screen.query_one(Rows).highlighted  # type: ignore[operator]
        await seat.pilot.press("enter")
        await seat.until(lambda: not editor.display and "16/30" in row(screen, "Made in Porto 暖"))
        await seat.pilot.press("e", *"xx", "escape")
        await seat.until(lambda: not editor.display)
        assert "xx" not in row(screen, "Made in Porto")


async def test_what_is_discarded_stays_on_the_scrap_list_and_comes_back(
    open_workspace: Open, served: ModelServer
) -> None:
    async with desk(open_workspace, served) as (seat, screen):
        await go_to(seat, screen, "Made in Porto")
        await seat.pilot.press("x")
        await seat.until(lambda: not row(screen, "Made in Porto"))
        assert "1 scrapped" in status(screen)
        await seat.pilot.press("tab")
        await seat.until(lambda: "×" in row(screen, "Made in Porto"))
        await seat.pilot.press("u")
        await seat.until(lambda: row(screen, "Made in Porto") and row(screen, "headline"))


async def test_the_export_is_refused_with_what_the_channel_would_refuse(
    open_workspace: Open, served: ModelServer
) -> None:
    async with desk(open_workspace, served) as (seat, screen):
        await star(seat, screen, "Quiet heat")
        await seat.pilot.press("ctrl+s")
        await seat.until(lambda: seat.notices)
        assert "headline 5 is 12 characters too long: 42/30" in seat.notices[-1]
        assert "say nearly the same" in seat.notices[-1]
        assert "ad A has 2 headline variants; at least 3 required" in seat.notices[-1]
        assert seat.app.screen is screen


async def test_chosen_variants_are_exported_as_an_ad_and_as_a_table_and_read_back(
    open_workspace: Open, served: ModelServer
) -> None:
    async with desk(open_workspace, served) as (seat, screen):
        await go_to(seat, screen, "Save 38 % on your")
        await seat.pilot.press("x")
        await seat.until(lambda: not row(screen, "Save 38 % on your"))
        for text, side in zip(DESCRIPTIONS, "ab", strict=True):
            await go_to(seat, screen, text)
            await seat.pilot.press(side)
            await seat.until(partial(_unpaired, screen, text))
        await star(seat, screen, "=1+1 is warm", "Made in Porto", *DESCRIPTIONS)
        await export(seat, "ads.csv")
        rows = list(csv.DictReader(Path("ads.csv").read_text(encoding="utf-8-sig").splitlines()))
        headlines = {rows[0][f"Headline {number}"] for number in range(1, 16)} - {""}
        assert headlines == {"Save 38% on heating", " =1+1 is warm", "Made in Porto"}
        await export(seat, "copy.csv", "tab")
        table = list(csv.DictReader(Path("copy.csv").read_text(encoding="utf-8").splitlines()))
        assert list(table[0]) == ["field", "text", "length", "limit", "display_limit", "fits", "pair", "by"]
        assert "'=1+1 is warm" in [each["text"] for each in table]
        assert not any(each["text"] == TOO_LONG for each in table)
        assert {each["fits"] for each in table} == {"true"}


async def test_slash_export_writes_the_chosen_variants_too(open_workspace: Open, served: ModelServer) -> None:
    async with desk(open_workspace, served) as (seat, _):
        await seat.leave()
        await seat.send("/export ads.csv")
        await seat.until(lambda: seat.notices)
        assert "would reject this" in seat.notices[-1]
        assert not Path("ads.csv").exists()


async def test_more_of_one_field_are_asked_for_and_the_model_is_told_which_are_there(
    open_workspace: Open, served: ModelServer
) -> None:
    async with desk(open_workspace, served) as (seat, screen):
        served.script(variants("A heat pump you forget", "Made in Porto", "38 dB at one metre"))
        await go_to(seat, screen, "Made in Porto")
        await seat.pilot.press("plus")
        await seat.until(lambda: row(screen, "38 dB at one metre"))
        told = served.bodies[-1]["messages"]
        assert "Made in Porto" in told[2]["content"]
        conversation = seat.workspace.history.conversations.page()[0]
        last = seat.workspace.history.messages.thread(conversation.id)[-1]
        assert (last.step, last.status) == ("copy", "complete")
        assert "38 dB at one metre" in last.text
        await seat.leave(entries=4)
        again = await opened(seat)
        assert row(again, "38 dB at one metre")


async def test_another_channel_counts_anew(open_workspace: Open, served: ModelServer) -> None:
    async with desk(open_workspace, served) as (seat, screen):
        await seat.pilot.press("c")
        await seat.opened(PickDialog)
        await seat.pilot.press(*"linkedin-ad")
        await seat.until(lambda: seat.app.screen.query_one(OptionList).option_count == 1)
        await seat.pilot.press("enter")
        await seat.until(lambda: "✓ fits" in row(screen, "Quiet heat"))
        assert "42/200" in row(screen, "Quiet heat")
        assert "✗ no field" in row(screen, "tern-4")


async def test_without_copy_the_desk_says_how_to_make_some(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await seat.send("/variants")
        await seat.opened(CopyScreen)
        await seat.until(lambda: "/copy brief.md" in str(seat.app.screen.query_one("#copy-nothing").render()))


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 60)])
async def test_the_embedded_engine_and_every_size(
    open_workspace: Open, served: ModelServer, home: Path, size: tuple[int, int]
) -> None:
    for profile in (home / "profiles").glob("*.md"):
        profile.unlink()
    async with desk(open_workspace, served, "blog", size=size) as (seat, screen):
        before = len(screen.session.in_sight)
        assert "fits" in row(screen, "Tern 4")
        await seat.pilot.press("plus")
        await seat.until(lambda: seat.notices or len(screen.session.in_sight) > before)


async def test_undo_gives_a_discarded_variant_its_side_back(open_workspace: Open, served: ModelServer) -> None:
    async with desk(open_workspace, served) as (seat, screen):
        await go_to(seat, screen, "Save 38 % on your")
        before = row(screen, "Save 38 % on your")
        assert " B " in before
        await seat.pilot.press("x")
        await seat.until(lambda: not row(screen, "Save 38 % on your"))
        await seat.until(lambda: any("discarded. u: undo." in notice for notice in seat.notices))
        await seat.pilot.press("u")
        await seat.until(lambda: row(screen, "Save 38 % on your") == before)


async def test_undo_leaves_a_side_that_another_has_taken_since(open_workspace: Open, served: ModelServer) -> None:
    async with desk(open_workspace, served) as (seat, screen):
        await go_to(seat, screen, "Save 38 % on your")
        await seat.pilot.press("x")
        await seat.until(lambda: not row(screen, "Save 38 % on your"))
        await go_to(seat, screen, "Made in Porto")
        await seat.pilot.press("b")
        await seat.until(lambda: " B " in row(screen, "Made in Porto"))
        await seat.pilot.press("u")
        await seat.until(lambda: row(screen, "Save 38 % on your"))
        assert " B " not in row(screen, "Save 38 % on your")
        assert " B " in row(screen, "Made in Porto")
