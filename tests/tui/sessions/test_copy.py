"""Variants without their screen: what is counted, chosen, paired, asked for once more and exported."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from chatspace.core.calls.call import ProviderEvent
from chatspace.core.errors import ModelError
from chatspace.core.profiles.options import Options
from chatspace.core.runs.variants import VariantRow
from chatspace.tui.command_runner import CommandRunner
from chatspace.tui.commands import parse_slash
from chatspace.tui.navigation import ScreenContext
from chatspace.tui.sessions.copy import CopySession
from chatspace.tui.widgets.variant_rows import explained, verdict
from tests.doubles import Forever, says
from tests.model_answers import NOTHING_FOUND, ask_at_every_step
from tests.tui.sessions.conftest import Seat
from tests.waiting import eventually_async

HEADLINES = ("Save 38% on heating", "Save 38 % on your heating", "=1+1 is warm", "Made in Porto")
TOO_LONG = "Quiet heat for a home of 140 square metres"
DESCRIPTIONS = ("The Tern 4 heats 140 square metres.", "Ask for a visit in May, when it ships.")


def variants(*texts: str) -> list[ProviderEvent]:
    return says(json.dumps({"variants": texts}))


async def opened(seat: Seat, line: str = "/variants") -> CopySession:
    """The variants of the newest conversation."""
    stored = seat.stored
    typed = parse_slash(line)
    assert typed
    context = ScreenContext(stored[-1].conversation, tuple(stored), Options())
    session = CopySession(seat.workspace, seat.jobs, seat.owner, context, typed, seat.changes.append)
    seat.owner.session = session
    await session.begin()
    return session


@pytest.fixture
async def session(seat: Seat, home: Path, folder: Path) -> CopySession:
    """The variants of a copy: one of them too long, two nearly the same."""
    (home / "profiles").mkdir()
    ask_at_every_step(home / "profiles")
    for name, step in (("light-extractor", "extract"), ("copy-fast", "[copy, draft]")):
        (home / "profiles" / f"{name}.md").write_text(
            f"---\nstep: {step}\nmodel: openai/{name}\napi_base: http://127.0.0.1:9\n---\nYou are {name}.\n",
            encoding="utf-8",
        )
    brief = "# Tern 4\n\nThe Tern 4 saves 38% on heating. It is made in Porto.\n"
    (folder / "brief.md").write_text(brief, encoding="utf-8")
    seat.provider.answers = [
        says(NOTHING_FOUND), variants(*HEADLINES, TOO_LONG), variants(TOO_LONG), variants(*DESCRIPTIONS),
        variants("tern-4"), variants("heat-pump"),
    ]  # fmt: skip
    await make_copy(seat, "/copy brief.md --channel google-ads --variants 5")
    return await opened(seat)


async def make_copy(seat: Seat, line: str) -> None:
    typed = parse_slash(line)
    assert typed
    await CommandRunner(seat.workspace).produce(typed, line, Options(), (), lambda event: None)


def row(session: CopySession, text: str) -> VariantRow:
    """The variant in sight that begins so."""
    return next(line for line in session.in_sight if line.kept.text.startswith(text))


def texts(session: CopySession) -> list[str]:
    return [line.kept.text for line in session.in_sight]


async def test_each_variant_has_its_length_its_fit_and_what_it_is_like(session: CopySession) -> None:
    save, porto, long = (row(session, text) for text in ("Save 38% on", "Made in Porto", TOO_LONG))
    assert session.table
    assert (save.length, save.field and save.field.limit, save.near) == (19, 30, (2,))
    assert (verdict(porto), verdict(long), long.over) == ("✓ fits", "✗ 12 over", 12)
    assert "nearly the same as headline 2" in str(explained(save, session.table))
    assert list(session.table.fields)[:2] == ["headline", "description"]


async def test_a_variant_is_edited_and_counted_again(session: CopySession) -> None:
    porto = row(session, "Made in Porto")
    await session.edit(porto, "   ")
    await session.edit(porto, "Made  in Porto")
    assert row(session, "Made in Porto").kept == porto.kept, "nothing was changed"
    await session.edit(porto, "Made in\nPorto 暖")
    assert row(session, "Made in Porto 暖").length == 16


async def test_what_is_discarded_stays_on_the_scrap_list_and_comes_back(seat: Seat, session: CopySession) -> None:
    session.marks.toggle_scraps()
    assert seat.said[-1] == "Nothing was discarded yet."
    porto = row(session, "Made in Porto")
    await session.marks.do("discard", porto)
    assert "Made in Porto" not in texts(session)
    session.marks.toggle_scraps()
    assert texts(session) == ["Made in Porto"]
    await session.marks.do("bring_back", row(session, "Made in Porto"))
    assert "Made in Porto" in texts(session)
    assert porto.kept.id in [change.at for change in seat.changes], "the cursor goes there"


async def test_from_the_table_the_last_of_the_scrap_list_comes_back(session: CopySession) -> None:
    for text in ("Made in Porto", "=1+1"):
        await session.marks.do("discard", row(session, text))
    await session.marks.do("bring_back", None)
    assert session.table
    assert len(session.table.scrapped) == 1


async def test_what_undoes_a_discarding_gives_the_side_and_the_star_back(seat: Seat, session: CopySession) -> None:
    second = row(session, "Save 38 % on your")
    assert second.kept.pair == "B", "the pipeline's own pair"
    await session.marks.do("star", second)
    await session.marks.do("discard", row(session, "Save 38 % on your"))
    assert seat.undo.done == "Headline 2 discarded"
    await seat.undo.back()
    kept = row(session, "Save 38 % on your").kept
    assert (kept.state, kept.pair) == ("starred", "B")


async def test_what_undoes_a_discarding_leaves_a_side_that_another_has_taken_since(
    seat: Seat, session: CopySession
) -> None:
    await session.marks.do("discard", row(session, "Save 38 % on your"))
    undo = seat.undo
    await session.pair(row(session, "Made in Porto"), "B")
    await undo.back()
    assert row(session, "Save 38 % on your").kept.pair is None
    assert row(session, "Made in Porto").kept.pair == "B"


async def test_a_side_is_given_to_one_of_a_field_and_refused_where_a_test_would_tell_nothing(
    seat: Seat, session: CopySession
) -> None:
    await session.pair(row(session, "Save 38 % on your"), "B")
    assert row(session, "Save 38 % on your").kept.pair is None
    await session.pair(row(session, "Save 38 % on your"), "B")
    assert "nearly the same as headline 1" in seat.errors[-1]
    await session.pair(row(session, "Made in Porto"), "A")
    assert row(session, "Made in Porto").kept.pair == "A"
    assert row(session, "Save 38% on").kept.pair is None
    await session.pair(row(session, TOO_LONG), "B")
    assert "12 characters too long" in seat.errors[-1]


async def test_the_export_is_refused_with_what_the_channel_would_refuse(seat: Seat, session: CopySession) -> None:
    await session.marks.do("star", row(session, TOO_LONG))
    assert await session.export_names() is None
    assert "headline 5 is 12 characters too long: 42/30" in seat.errors[-1]
    assert "say nearly the same" in seat.errors[-1]
    assert "ad A has 2 headline variants; at least 3 required" in seat.errors[-1]


async def test_chosen_variants_are_exported_as_an_ad_and_as_a_table_and_read_back(
    seat: Seat, session: CopySession
) -> None:
    await session.marks.do("discard", row(session, "Save 38 % on your"))
    await session.pair(row(session, DESCRIPTIONS[0]), "A")
    await session.pair(row(session, DESCRIPTIONS[1]), "B")
    for text in ("=1+1 is warm", "Made in Porto", *DESCRIPTIONS):
        await session.marks.do("star", row(session, text))
    names = await session.export_names()
    assert names
    assert list(names) == ["google-ads-csv", "csv"]
    await session.export(Path("ads.csv"), "google-ads-csv")
    assert seat.said[-1].startswith("7 variants written to ")
    ads = list(csv.DictReader(Path("ads.csv").read_text(encoding="utf-8-sig").splitlines()))
    headlines = {ads[0][f"Headline {number}"] for number in range(1, 16)} - {""}
    assert headlines == {"Save 38% on heating", " =1+1 is warm", "Made in Porto"}
    await session.export(Path("copy.csv"), "csv")
    table = list(csv.DictReader(Path("copy.csv").read_text(encoding="utf-8").splitlines()))
    assert list(table[0]) == ["field", "text", "length", "limit", "display_limit", "fits", "pair", "by"]
    assert "'=1+1 is warm" in [each["text"] for each in table]
    assert not any(each["text"] == TOO_LONG for each in table)
    assert {each["fits"] for each in table} == {"true"}
    before = Path("copy.csv").read_bytes()
    await session.export(Path("copy.csv"), "csv")
    assert "copy.csv" in seat.errors[-1], "a file that is there is not written over"
    assert Path("copy.csv").read_bytes() == before


async def test_more_of_one_field_are_asked_for_and_the_model_is_told_which_are_there(
    seat: Seat, session: CopySession
) -> None:
    seat.provider.answers = [variants("A heat pump you forget", "Made in Porto", "38 dB at one metre")]
    await session.more(row(session, "Made in Porto"))
    await seat.owner.until_ended(1)
    assert row(session, "38 dB at one metre")
    first = row(session, "A heat pump you forget").kept.id
    assert seat.changes[-1].at == first, "the cursor goes to the first that came"
    assert "Made in Porto" in seat.provider.requests[-1].turns[2].content
    last = seat.stored[-1]
    assert (last.step, last.status) == ("copy", "complete")
    assert "38 dB at one metre" in last.text
    assert session.left
    assert "38 dB at one metre" in texts(await opened(seat))


async def test_a_failure_to_get_more_is_said_and_nothing_is_lost(seat: Seat, session: CopySession) -> None:
    refused = ModelError("127.0.0.1:9 refused", "the key is wrong", "Set another.", kind="unauthorized", status=401)
    seat.provider.answers = [[refused]]
    before = texts(session)
    await session.more(row(session, "Made in Porto"))
    await seat.owner.until_ended(1)
    assert "\n" in seat.errors[-1]
    assert texts(session) == before
    assert session.job is None


async def test_more_can_be_stopped(seat: Seat, session: CopySession) -> None:
    seat.provider.answers = [[Forever()]]
    before = texts(session)
    await session.more(row(session, "Made in Porto"))
    await eventually_async(lambda: not seat.provider.answers)
    assert session.job
    session.stop()
    await seat.owner.until_ended(1)
    assert session.job is None
    assert texts(session) == before


async def test_another_channel_counts_by_its_own_limits(seat: Seat, session: CopySession) -> None:
    assert "linkedin-ad" in [channel.name for channel in await session.channels()]
    await session.switch("linkedin-ad")
    long = row(session, TOO_LONG)
    assert (verdict(long), long.length, long.field and long.field.limit) == ("✓ fits", 42, 200)
    path = row(session, "tern-4")
    assert verdict(path) == "✗ no field"
    await session.more(path)
    assert f"has no {path.kept.field}" in seat.errors[-1]


async def test_the_display_limit_is_counted_beside_the_hard_one(seat: Seat, session: CopySession) -> None:
    again = await opened(seat, "/variants --channel meta")
    assert verdict(row(again, TOO_LONG)) == "› folds 40"


async def test_decisions_are_there_again_when_the_variants_are_opened_again(seat: Seat, session: CopySession) -> None:
    await session.marks.do("star", row(session, "Made in Porto"))
    again = await opened(seat)
    assert row(again, "Made in Porto").kept.state == "starred"
    await again.marks.do("star", row(again, "Made in Porto"))
    assert row(again, "Made in Porto").kept.state == "fresh"


async def test_without_copy_there_is_nothing_to_export(seat: Seat) -> None:
    await seat.workspace.conversations.store("Hello", conversation=None)
    session = await opened(seat)
    assert session.message is None
    assert await session.export_names() is None
    assert seat.said == ["Nothing to export: this conversation has no copy yet."]


async def test_the_embedded_engine_gives_others_or_says_that_there_are_none(seat: Seat, folder: Path) -> None:
    brief = "# Tern 4\n\nThe Tern 4 saves 38% on heating. It is made in Porto.\n"
    (folder / "brief.md").write_text(brief, encoding="utf-8")
    await make_copy(seat, "/copy brief.md --channel blog --variants 5")
    session = await opened(seat)
    before = texts(session)
    assert any("fits" in verdict(line) for line in session.in_sight)
    await session.more(session.in_sight[0])
    await seat.owner.until_ended(1)
    assert seat.errors or len(texts(session)) > len(before)
