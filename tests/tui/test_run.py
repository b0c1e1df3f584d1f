"""The place of a run, action by action: what is seen of each stage, what a person corrects, what is run again."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.widgets import Input, Static

from chatspace.core.chat.conversation import Message
from chatspace.core.live.run import row_names
from chatspace.core.workspace.stored_runs import StoredRun
from chatspace.tui.screens.facts import FactsScreen
from chatspace.tui.screens.pick_dialog import PickDialog
from chatspace.tui.screens.run import RunScreen
from chatspace.tui.screens.save_dialog import SaveDialog
from chatspace.tui.widgets.status_line import StatusLine
from chatspace.tui.widgets.text_editor import TextEditor
from tests.conftest import ROOT
from tests.core.runs.running import copy_of, draft_of
from tests.model_answers import Answer
from tests.model_server import Cut, HttpError, ModelServer, Reply, SlowDrip
from tests.tui.conftest import Open, Seat
from tests.waiting import eventually_async

BRIEF = """# Launch of the Tern 4

The Tern 4 heat pump costs $4,200 and ships on 2026-03-12.

## Voices

Maria Lopez of Porto said it was the quietest winter of her career.
"""
LOST = "# Prices\n\n| a | b |\n| --- | --- |\n| 1 | 2 | 3 | 4 |\n"
ADDED = {
    "entities": [{"name": "Maria Lopez", "type": "person", "aliases": []}, {"name": "Jane Doe", "type": "person"}],
    "key_points": [],
    "metadata": {},
}
DRAFT = "# Warm at last\n\nThe Tern 4 costs $9,999. It ships on 2026-03-12.\n"


def answer(body: Mapping[str, Any], **others: Answer) -> Answer:
    """What a good model says to each step; `others` stand in for one step's."""
    step = str(body["model"]).split("-")[0].replace("light", "extract").replace("longform", "draft")
    step = {"balanced": "draft"}.get(step, step)
    if step in others:
        return others[step]
    if step == "extract":
        return Reply(json.dumps(ADDED))
    if step == "draft":
        return Reply(DRAFT)
    return Reply(json.dumps({"variants": [f"Quiet heat {number}" for number in range(8)]}))


def models(server: ModelServer) -> list[str]:
    """Who was asked, each step once."""
    return list(dict.fromkeys(str(body["model"]) for body in server.bodies))


@asynccontextmanager
async def run(
    open_workspace: Open, line: str = "/run brief.md", text: str = BRIEF, *, wait: bool = True, **kwargs: Any
) -> AsyncIterator[tuple[Seat, RunScreen]]:
    """The place with a run of this text, which has ended."""
    Path("brief.md").write_text(text, encoding="utf-8")
    Path("notes.md").write_text("# Notes\n\nThe crew in Porto counts 40 pumps.\n", encoding="utf-8")
    async with open_workspace(**kwargs) as seat:
        screen = await opened(seat, line)
        if wait:
            await ended(seat, screen)
        yield seat, screen


async def opened(seat: Seat, line: str) -> RunScreen:
    await seat.send(line)
    return await seat.opened(RunScreen)


async def ended(seat: Seat, screen: RunScreen) -> None:
    await seat.until(lambda: done(screen))


async def again(seat: Seat, screen: RunScreen, key: str = "r") -> None:
    before = made(screen)
    await seat.pilot.press(key)
    await seat.until(
        lambda: (
            screen.session.run and screen.session.run.stored and made(screen) is not before and not screen.session.job
        )
    )


async def go_to(seat: Seat, screen: RunScreen, stage: str) -> None:
    at = screen.board.stages.rows.at or 0
    wanted = row_names().index(stage)
    await seat.pilot.press(*["j" if wanted > at else "k"] * abs(wanted - at))
    await seat.until(lambda: screen.board.stages.rows.at == wanted)


def row(screen: RunScreen, stage: str) -> str:
    return str(screen.board.stages.rows.get_option_at_index(row_names().index(stage)).prompt)


def shown(screen: RunScreen) -> str:
    return str(screen.query_one("#run-lines", Static).content)


def stage_shown(screen: RunScreen) -> str:
    """The stage in sight."""
    assert screen.session.run
    return screen.session.run.shown


def made(screen: RunScreen) -> StoredRun:
    """The run in sight."""
    assert screen.session.run
    assert screen.session.run.stored
    return screen.session.run.stored


def done(screen: RunScreen) -> bool:
    """Whether there is a run in sight that has ended."""
    run = screen.session.run
    return run is not None and run.stored is not None and screen.session.job is None


def draft_text(screen: RunScreen) -> str:
    """The text of its draft."""
    return draft_of(made(screen)).text


def status(screen: RunScreen) -> str:
    return screen.query_one(StatusLine).left


def stored(seat: Seat) -> list[Message]:
    (conversation,) = seat.workspace.history.conversations.page()
    return list(seat.workspace.history.messages.all(conversation.id))


async def edit(seat: Seat, screen: RunScreen, change: Callable[[str], str]) -> None:
    await seat.pilot.press("e")
    editor = screen.query_one(TextEditor)
    await seat.until(lambda: seat.app.focused is editor)
    editor.load_text(change(editor.text))
    await seat.pilot.press("escape")


async def edited(seat: Seat, screen: RunScreen, stage: str, change: Callable[[str], str]) -> None:
    await go_to(seat, screen, stage)
    await edit(seat, screen, change)
    await seat.until(lambda: "changed" in row(screen, stage))


async def pick(seat: Seat, text: str) -> None:
    picking = await seat.opened(PickDialog)
    await seat.pilot.press(*text, "enter")
    await seat.until(lambda: seat.app.screen is not picking)


async def reroute_the_draft(seat: Seat, screen: RunScreen, profile: str) -> None:
    await go_to(seat, screen, "route")
    await seat.pilot.press("e")
    await pick(seat, "draft")
    await pick(seat, profile)
    await seat.until(lambda: "changed" in row(screen, "route"))


# What is seen


async def test_every_stage_of_the_sample_is_shown_without_a_model(open_workspace: Open) -> None:
    sample = (ROOT / "profiles" / "samples" / "brief.md").read_text(encoding="utf-8")
    async with run(open_workspace, "/run brief.md --channel google-ads", sample) as (seat, screen):
        assert all("done" in row(screen, stage) for stage in row_names())
        assert stage_shown(screen) == "draft"
        assert "8/8 chunks read" in seat.shown
        await go_to(seat, screen, "source")
        assert "words" in shown(screen)
        assert "   1  " in shown(screen)
        await go_to(seat, screen, "extract")
        for said in ("both parsers agree", "payload ~", "outline  8 sections", "key points", "money", "Maria Lopez"):
            assert said in shown(screen), said
        await go_to(seat, screen, "route")
        for said in (
            "draft → copy-fast",
            "channel google-ads is in ad",
            "this machine",
            "fits: ~",
            "not longform-drafter",
        ):
            assert said in shown(screen), said
        await go_to(seat, screen, "copy")
        assert "headline  at most 30" in shown(screen)
        assert "/30  " in shown(screen)
        assert "✓ complete" in status(screen)


async def test_what_a_model_invented_stands_in_quarantine_and_the_costs_beside_the_stages(
    open_workspace: Open, served: ModelServer
) -> None:
    served.answer(answer)
    async with run(open_workspace) as (seat, screen):
        assert "$" in row(screen, "draft")
        await go_to(seat, screen, "extract")
        assert "quarantine" in shown(screen)
        assert "Jane Doe" in shown(screen)
        await go_to(seat, screen, "route")
        assert f"openai/balanced-drafter-model → {served.host}" in shown(screen)


async def test_findings_stand_with_their_line_and_what_was_expected(open_workspace: Open, served: ModelServer) -> None:
    served.answer(answer)
    async with run(open_workspace) as (seat, screen):
        assert "found" in row(screen, "gate")
        await go_to(seat, screen, "gate")
        assert "     3  The Tern 4 costs $9,999. It ships on 2026-03-12." in shown(screen)
        assert "expected $4,200, actual $9,999" in shown(screen)


async def test_the_draft_is_seen_as_it_grows_and_stays_where_the_user_went(
    open_workspace: Open, served: ModelServer
) -> None:
    served.answer(lambda body: answer(body, draft=SlowDrip(0.01)))
    async with run(open_workspace, wait=False) as (seat, screen):
        await seat.until(lambda: stage_shown(screen) == "draft" and len(screen.board.pane.grown) > 40)
        assert "running" in row(screen, "draft")
        assert served.host in status(screen)
        await go_to(seat, screen, "extract")
        grown = len(screen.board.pane.grown)
        await seat.until(lambda: len(screen.board.pane.grown) > grown + 40)
        assert stage_shown(screen) == "extract"
        await seat.pilot.press("escape")
        await ended(seat, screen)
        assert stage_shown(screen) == "extract"


async def test_a_run_is_a_conversation_with_the_draft_and_behind_it_the_copy(
    open_workspace: Open, served: ModelServer
) -> None:
    served.answer(answer)
    async with run(open_workspace, "/run brief.md --words 300 --with notes.md") as (seat, _):
        await seat.leave(entries=3)
        question, draft, copy = stored(seat)
        assert question.text == "/run brief.md --words 300 --with notes.md"
        assert (draft.text, draft.status) == (DRAFT, "complete")
        assert (copy.step, copy.run, copy.status) == ("copy", draft.run, "complete")
        record = seat.workspace.run_store.get(draft.run or "")
        assert record is not None
        assert [source.name for source in record.others] == ["notes.md"]
        assert "Quiet heat 0" in seat.entries[-1].text


async def test_a_reply_that_a_run_made_is_opened_with_everything_from_the_store(
    open_workspace: Open, served: ModelServer
) -> None:
    served.answer(answer)
    async with run(open_workspace) as (seat, _):
        await seat.leave(entries=3)
        asked = len(served.requests)
        screen = await opened(seat, "/run")
        await ended(seat, screen)
        assert stage_shown(screen) == "draft"
        assert "Warm at last" in seat.shown
        await go_to(seat, screen, "copy")
        assert "Quiet heat 0" in shown(screen)
        await go_to(seat, screen, "source")
        assert "The Tern 4 heat pump costs" in shown(screen)
        assert len(served.requests) == asked


async def test_the_runs_there_were_are_listed_and_one_is_opened(open_workspace: Open) -> None:
    async with run(open_workspace) as (seat, screen):
        await seat.pilot.press("o")
        await seat.until(lambda: screen.board.history.rows.option_count == 1)
        assert "complete" in str(screen.board.history.rows.get_option_at_index(0).prompt)
        assert "brief.md" in str(screen.board.history.rows.get_option_at_index(0).prompt)
        await seat.pilot.press("enter")
        await ended(seat, screen)
        assert "done" in row(screen, "copy")


async def test_without_runs_the_place_says_how_to_make_one(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        screen = await opened(seat, "/run")
        await seat.until(lambda: "No runs yet" in seat.shown)
        await seat.pilot.press("j", "k", "e", "r", "enter", "y", "escape")
        await seat.until(lambda: seat.app.screen is not screen)


async def test_the_message_under_the_cursor_is_offered_and_not_run_unasked(
    open_workspace: Open, served: ModelServer
) -> None:
    served.answer(answer)
    async with open_workspace() as seat:
        await seat.exchange("The Tern 4 costs $4,200.")
        asked = len(served.requests)
        screen = await opened(seat, "/run")
        await seat.until(lambda: screen.board.history.rows.option_count == 1)
        assert len(served.requests) == asked
        await seat.pilot.press("enter")
        await ended(seat, screen)
        assert made(screen).record.source.name == "the last message"


async def test_on_a_narrow_screen_one_part_is_seen_at_a_time(open_workspace: Open) -> None:
    async with run(open_workspace, size=(60, 20)) as (seat, screen):
        assert screen.board.stages.rows.region.width > 50
        assert not screen.board.pane.display
        await seat.pilot.press("enter")
        await seat.until(lambda: screen.board.pane.display and not screen.query_one("#run-side").display)
        await seat.pilot.press("escape")
        await seat.until(lambda: not screen.board.pane.display)
        await seat.pilot.press("right", "left")
        await seat.until(lambda: not screen.board.pane.display)


# What is corrected


async def test_a_corrected_extraction_is_taken_as_it_is_and_only_what_is_behind_it_is_made_anew(
    open_workspace: Open, served: ModelServer
) -> None:
    served.answer(answer)
    async with run(open_workspace) as (seat, screen):
        asked = len(served.requests)
        await edited(seat, screen, "extract", lambda text: text.replace("Launch of the Tern 4", "The quiet pump", 1))
        assert "The quiet pump" in shown(screen)
        await again(seat, screen, "enter")
        assert "light-extractor-model" not in [body["model"] for body in served.bodies[asked:]]
        assert "The quiet pump" in json.dumps(served.bodies[asked]["messages"])
        assert "by hand" in row(screen, "extract")
        assert made(screen).record.corrected == ("extract",)
        assert [message.siblings for message in stored(seat) if message.step == "draft" and message.run] == [2, 2]


async def test_what_does_not_stand_in_the_source_is_refused_and_stays_in_the_editor(
    open_workspace: Open, served: ModelServer
) -> None:
    served.answer(answer)
    async with run(open_workspace) as (seat, screen):
        await go_to(seat, screen, "extract")
        wrong = '{"title": "T", "key_points": ["It flies to the moon"], "entities": []}'
        await edit(seat, screen, lambda text: wrong)
        await seat.told("It flies to the moon")
        assert screen.query_one(TextEditor).text == wrong
        await seat.pilot.press("escape")
        await seat.until(lambda: not screen.query_one(TextEditor).display)
        assert "changed" not in row(screen, "extract")


async def test_another_profile_writes_the_draft_once_it_is_chosen(open_workspace: Open, served: ModelServer) -> None:
    served.answer(answer)
    async with run(open_workspace) as (seat, screen):
        asked = len(served.requests)
        await reroute_the_draft(seat, screen, "longform")
        await again(seat, screen)
        assert models(served)[-1] == "longform-drafter-model"
        assert served.bodies[asked]["model"] == "longform-drafter-model"
        assert made(screen).record.corrected == ("route",)


async def test_a_rejected_source_is_shown_with_its_line_and_goes_on_once_it_is_accepted(open_workspace: Open) -> None:
    async with run(open_workspace, text=LOST) as (seat, screen):
        assert stage_shown(screen) == "gate"
        assert "rejected" in row(screen, "gate")
        assert "     5  | 1 | 2 | 3 | 4 |" in shown(screen)
        assert "e on gate accepts it" in status(screen)
        await seat.pilot.press("e")
        await seat.until(lambda: "accepted" in shown(screen))
        await again(seat, screen)
        record = made(screen).record
        assert (record.status, record.corrected) == ("complete", ("gate",))
        assert "accepted" in row(screen, "gate")


async def test_an_edited_draft_is_checked_again_and_leads_to_new_copy(
    open_workspace: Open, served: ModelServer
) -> None:
    served.answer(answer)
    async with run(open_workspace) as (seat, screen):
        asked = len(served.requests)
        await edited(seat, screen, "draft", lambda text: text.replace("$9,999", "$4,200"))
        assert "$4,200" in seat.shown
        await again(seat, screen)
        assert {body["model"] for body in served.bodies[asked:]} == {"copy-fast-model"}
        assert "$4,200" in draft_text(screen)
        assert "8 found" in row(screen, "gate"), "the figures in the headlines are in no source"
        assert "by hand" in row(screen, "draft")


async def test_an_edited_variant_is_counted_again_and_nothing_is_asked(
    open_workspace: Open, served: ModelServer
) -> None:
    served.answer(answer)
    async with run(open_workspace) as (seat, screen):
        asked = len(served.requests)
        await edited(seat, screen, "copy", lambda text: text.replace("Quiet heat 0", "Quiet " * 40, 1))
        assert "too long" in shown(screen)
        await again(seat, screen)
        assert len(served.requests) == asked
        copy = copy_of(made(screen))
        assert [variant.by for variant in copy.variants].count("hand") == 1


async def test_changes_are_taken_back_and_not_lost_unasked(open_workspace: Open) -> None:
    async with run(open_workspace) as (seat, screen):
        await edited(seat, screen, "draft", lambda text: "Something else.")
        await seat.pilot.press("escape")
        await seat.told("not run yet")
        assert seat.app.screen is screen
        await seat.pilot.press("u")
        await seat.until(lambda: "done" in row(screen, "draft"))
        assert "Something else." not in seat.shown
        await seat.told("Changes taken back. u: undo.")
        await seat.pilot.press("u")
        await seat.until(lambda: "Something else." in seat.shown)
        await seat.pilot.press("u")
        await seat.until(lambda: "Something else." not in seat.shown)
        await seat.leave()


async def test_a_change_that_cannot_be_run_is_still_there(
    open_workspace: Open, served: ModelServer, home: Path
) -> None:
    far = "---\nstep: draft\nmodel: openai/far\napi_base: https://far.example/v1\nlocal_only: true\n---\nWrite.\n"
    (home / "profiles" / "far.md").write_text(far, encoding="utf-8")
    served.answer(answer)
    async with run(open_workspace) as (seat, screen):
        await reroute_the_draft(seat, screen, "far")
        await seat.pilot.press("r")
        await seat.until(lambda: seat.notices and done(screen))
        assert "changed" in row(screen, "route")
        assert "done" in row(screen, "draft")


# What goes wrong


async def test_a_server_that_fails_is_told_and_one_key_goes_on_from_there(
    open_workspace: Open, served: ModelServer
) -> None:
    refused = HttpError(401)
    served.answer(lambda body: answer(body, draft=refused))
    async with run(open_workspace) as (seat, screen):
        assert "failed" in row(screen, "draft")
        assert "not made" in row(screen, "copy")
        assert "r tries again from draft" in status(screen)
        assert "401" in seat.shown
        served.answer(answer)
        asked = len(served.requests)
        await again(seat, screen)
        assert served.bodies[asked]["model"] == "balanced-drafter-model"
        assert "reused" in row(screen, "extract")
        assert made(screen).record.status == "complete"


async def test_a_draft_that_was_cut_keeps_its_text_and_is_tried_again(
    open_workspace: Open, served: ModelServer
) -> None:
    served.answer(lambda body: answer(body, draft=Cut(2, text=DRAFT)))
    async with run(open_workspace) as (seat, screen):
        assert "cut off" in row(screen, "draft")
        assert "Warm at last" in seat.shown
        served.answer(answer)
        await again(seat, screen)
        assert draft_text(screen) == DRAFT


async def test_copy_that_fails_leaves_the_draft_and_is_all_that_is_asked_for_again(
    open_workspace: Open, served: ModelServer
) -> None:
    served.answer(lambda body: answer(body, copy=HttpError(404)))
    async with run(open_workspace) as (seat, screen):
        assert "failed" in row(screen, "copy")
        assert [message.status for message in stored(seat)] == ["complete", "complete", "failed"]
        served.answer(answer)
        asked = len(served.requests)
        await again(seat, screen)
        assert {body["model"] for body in served.bodies[asked:]} == {"copy-fast-model"}


async def test_esc_stops_a_run_and_keeps_what_came(open_workspace: Open, served: ModelServer) -> None:
    served.answer(lambda body: answer(body, draft=SlowDrip(0.01)))
    async with run(open_workspace, wait=False) as (seat, screen):
        await seat.until(lambda: len(screen.board.pane.grown) > 60)
        await seat.pilot.press("escape")
        await ended(seat, screen)
        assert "stopped" in row(screen, "draft")
        assert len(draft_text(screen)) > 50
        assert stored(seat)[-1].status == "stopped"
        served.answer(answer)
        await again(seat, screen)
        assert made(screen).record.status == "complete"


async def test_a_file_that_is_not_there_is_told(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        screen = await opened(seat, "/run nowhere.md")
        await seat.told("nowhere.md")
        assert seat.app.screen is screen
        assert seat.workspace.history.conversations.page() == []


async def test_a_run_that_is_left_goes_on_in_its_conversation(open_workspace: Open, served: ModelServer) -> None:
    served.answer(lambda body: answer(body, draft=Reply(DRAFT * 40, delay=0.02)))
    async with run(open_workspace, wait=False) as (seat, screen):
        await eventually_async(lambda: screen.board.pane.grown)
        await seat.pilot.press("b")
        await seat.back_in_chat()
        await seat.until(lambda: stored(seat)[-1].step == "copy" and stored(seat)[-1].status == "complete")
        assert stored(seat)[1].text == DRAFT * 40


# Several sources, and what is taken away


async def test_several_files_are_run_one_after_the_other(open_workspace: Open, served: ModelServer) -> None:
    served.answer(answer)
    async with run(open_workspace, "/run brief.md notes.md", wait=False) as (seat, screen):
        await seat.until(lambda: done(screen) and made(screen).record.source.name == "notes.md")
        names = [record.source.name for record in seat.workspace.run_store.page()]
        assert names == ["notes.md", "brief.md"]


async def test_the_files_of_a_run_are_written_into_a_folder(open_workspace: Open) -> None:
    async with run(open_workspace) as (seat, _):
        await seat.pilot.press("ctrl+s")
        await seat.opened(SaveDialog)
        seat.app.screen.query_one(Input).value = "out/"
        await seat.pilot.press("enter")
        await seat.until(lambda: Path("out/run.json").exists())
        await seat.until(lambda: len(list(Path("out").iterdir())) == 5)
        assert {path.name for path in Path("out").iterdir()} == {
            "extraction.json", "draft.md", "copy.md", "copy.csv", "run.json",
        }  # fmt: skip


async def test_the_draft_of_a_run_is_written_as_the_name_of_the_file_says(open_workspace: Open) -> None:
    async with run(open_workspace) as (seat, _):
        for name, text in (("plan.docx", "word/document.xml"), ("plan.html", "<!doctype html>")):
            await seat.pilot.press("ctrl+s")
            await seat.opened(SaveDialog)
            seat.app.screen.query_one(Input).value = name
            await seat.pilot.press("enter")
            await seat.until(Path(name).exists)
            assert text.encode() in Path(name).read_bytes()


async def test_what_is_shown_is_yanked_and_facts_are_looked_up(open_workspace: Open, served: ModelServer) -> None:
    served.answer(answer)
    async with run(open_workspace) as (seat, screen):
        await seat.pilot.press("y")
        await seat.until(lambda: seat.clipboard.texts == [DRAFT])
        await go_to(seat, screen, "source")
        await seat.pilot.press("y")
        await seat.until(lambda: seat.clipboard.texts[-1] == BRIEF)
        await go_to(seat, screen, "route")
        await seat.pilot.press("y")
        await seat.until(lambda: "balanced-drafter" in seat.clipboard.texts[-1])
        await seat.pilot.press("v")
        await seat.opened(FactsScreen)
        await seat.pilot.press("escape")


async def test_asking_again_in_the_chat_runs_the_whole_pipeline(open_workspace: Open, served: ModelServer) -> None:
    served.answer(answer)
    async with run(open_workspace) as (seat, _):
        await seat.leave(entries=3)
        await seat.pilot.press("f8")
        await seat.until(lambda: len(stored(seat)) == 5 and not seat.session.job)
        assert [message.step for message in stored(seat)] == ["draft", "draft", "copy", "draft", "copy"]


async def test_a_stage_is_searched(open_workspace: Open) -> None:
    text = BRIEF + "".join(f"\nParagraph number {number} is about heat.\n" for number in range(80))
    async with run(open_workspace, text=text) as (seat, screen):
        await go_to(seat, screen, "source")
        await seat.pilot.press("enter", "slash", *"number 60")
        await seat.until(lambda: "Paragraph number 60 is" in seat.shown)
        await seat.pilot.press("enter", "G")
        await seat.until(lambda: "number 79" in seat.shown)
