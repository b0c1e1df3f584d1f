"""The workspace, action by action: what is typed, what is seen, what is stored."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Static

from chatspace.adapters.readers import FileReader
from chatspace.tui.screens.facts import FactsScreen
from chatspace.tui.widgets.history_list import HistoryList
from tests.model_answers import NOTHING_FOUND
from tests.model_server import Cut, HttpError, ModelServer, Reply, SlowDrip
from tests.tui.conftest import Open, turns_of


async def test_a_message_is_sent_and_its_reply_stands_below_it_with_who_how_much_and_how_long(
    open_workspace: Open, served: ModelServer
) -> None:
    served.script(Reply("A *quiet* winter."))
    async with open_workspace() as seat:
        reply = await seat.exchange("Three titles, please")
        assert seat.texts == ["Three titles, please", "A *quiet* winter."]
        assert reply.footer.startswith("chat · openai/chat-model · 120 → 80 tokens · ")
        assert "$" in reply.footer
        assert seat.prompt.text == ""


async def test_the_status_line_says_where_the_next_message_goes(open_workspace: Open, served: ModelServer) -> None:
    async with open_workspace() as seat:
        await seat.until(lambda: served.host in seat.status)
        assert "chat · openai/chat-model" in seat.status


async def test_without_a_key_or_a_server_the_embedded_engine_answers_and_says_so(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await seat.until(lambda: "offline/chat → this machine" in seat.status)
        reply = await seat.exchange("Hello")
        assert "no language model" in reply.text


async def test_escape_stops_a_reply_and_keeps_its_text(open_workspace: Open, served: ModelServer) -> None:
    served.answer(SlowDrip())
    async with open_workspace() as seat:
        await seat.send("Tell me everything")
        await seat.until(lambda: len(seat.entries) == 2 and len(seat.entries[1].text) > 5)
        await seat.pilot.press("escape")
        reply = await seat.reply("stopped")
        assert len(reply.text) > 5
        await seat.until(lambda: served.closed_by_client)
        stored = seat.stored[1]
        assert (stored.status, stored.text) == ("stopped", reply.text)


async def test_a_reply_that_broke_off_is_marked_and_the_prompt_works_again(
    open_workspace: Open, served: ModelServer
) -> None:
    served.script(Cut(3), Reply("Whole again."))
    async with open_workspace() as seat:
        await seat.send("One")
        cut = await seat.reply("truncated")
        assert cut.text
        assert cut.error
        assert (await seat.exchange("Two")).text == "Whole again."


async def test_a_failure_stands_under_the_message_with_its_remedy_and_the_prompt_works_again(
    open_workspace: Open, served: ModelServer
) -> None:
    served.script(HttpError(401), Reply("Hello."))
    async with open_workspace() as seat:
        await seat.send("One")
        failed = await seat.reply("failed")
        assert failed.error
        assert "\n" in failed.error, "the second line says what to do"
        await seat.exchange("Two")
        assert turns_of(served.bodies[-1]) == ["One", "Two"]


async def test_the_model_is_switched_in_mid_conversation_and_each_reply_keeps_its_own(
    open_workspace: Open, served: ModelServer
) -> None:
    async with open_workspace() as seat:
        await seat.exchange("One")
        await seat.choose("quick")
        await seat.exchange("Two")
        assert [body["model"] for body in served.bodies] == ["chat-model", "quick-model"]
        assert [entry.footer.split(" · ")[0] for entry in seat.entries[1::2]] == ["chat", "quick"]


@pytest.mark.parametrize(
    ("line", "model"), [("/model openai/other", "other"), ("/profile quick", "quick-model")], ids=["model", "profile"]
)
async def test_slash_model_and_slash_profile_switch_by_name(
    open_workspace: Open, served: ModelServer, line: str, model: str
) -> None:
    async with open_workspace() as seat:
        await seat.send(line)
        await seat.until(lambda: model in seat.status)
        await seat.exchange("Hello")
        assert served.bodies[0]["model"] == model


async def test_the_history_is_opened_by_key_and_a_conversation_resumed_where_it_was(
    open_workspace: Open, served: ModelServer
) -> None:
    served.script(Reply("About harbours."), Reply("More of it."))
    async with open_workspace() as seat:
        await seat.exchange("The harbour story")
    async with open_workspace() as seat:
        await seat.pilot.press("f9")
        await seat.pilot.press("down", "enter")
        await seat.until(lambda: len(seat.entries) == 2)
        await seat.exchange("Go on")
        assert turns_of(served.bodies[-1]) == ["The harbour story", "About harbours.", "Go on"]


async def test_a_new_conversation_begins_empty_and_the_old_one_goes_on(
    open_workspace: Open, served: ModelServer
) -> None:
    served.answer(Reply("A longer reply than one piece holds.", delay=0.1))
    async with open_workspace() as seat:
        await seat.send("One")
        await seat.until(lambda: len(seat.entries) == 2)
        await seat.pilot.press("ctrl+n")
        assert seat.entries == []
        await seat.until(lambda: seat.stored[-1].status == "complete")
        assert seat.entries == []


async def test_y_yanks_the_message_under_the_cursor_as_its_source(open_workspace: Open, served: ModelServer) -> None:
    served.script(Reply("# Title\n\n- one\n- two"))
    async with open_workspace() as seat:
        await seat.exchange("A list")
        await seat.pilot.press("escape", "y")
        await seat.until(lambda: seat.clipboard.texts)
        assert seat.clipboard.texts == ["# Title\n\n- one\n- two"]


async def test_without_a_system_tool_yank_never_says_that_it_was_copied(
    open_workspace: Open, served: ModelServer
) -> None:
    async with open_workspace(clipboard=False) as seat:
        await seat.exchange("A list")
        await seat.pilot.press("escape", "y")
        await seat.told("OSC 52")
        assert not any(notice.startswith("Yanked") for notice in seat.notices)


async def test_ctrl_j_breaks_the_line_and_enter_sends_both(open_workspace: Open, served: ModelServer) -> None:
    async with open_workspace() as seat:
        await seat.type("one")
        await seat.pilot.press("ctrl+j")
        await seat.type("two")
        await seat.pilot.press("enter")
        await seat.reply()
        assert seat.entries[0].text == "one\ntwo"


async def test_what_stands_unsent_in_the_prompt_is_there_at_the_next_start(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await seat.type("Not sent yet")
        await seat.until(lambda: seat.workspace.history.prompts.saved(None) == "Not sent yet")
    async with open_workspace() as seat:
        await seat.until(lambda: seat.prompt.text == "Not sent yet")


@pytest.mark.parametrize("line", ["/extract brief.md", "/extract @brief.md"])
async def test_extract_on_a_path_shows_the_outline(open_workspace: Open, line: str) -> None:
    async with open_workspace() as seat:
        Path("brief.md").write_text("# Plan\n\nIt costs $4,200.\n\n## Steps\n\n- one\n  - two\n", encoding="utf-8")
        reply = await seat.exchange(line)
        assert "Steps" in reply.text
        assert "$4,200" in reply.text


async def test_draft_on_pasted_text_streams_into_the_conversation(open_workspace: Open, served: ModelServer) -> None:
    served.answer(
        lambda body: Reply("# A draft\n\nOf the text.") if "drafter" in body["model"] else Reply(NOTHING_FOUND)
    )
    async with open_workspace() as seat:
        reply = await seat.exchange("/draft\n# Plan\n\nIt costs $4,200.")
        assert reply.text == "# A draft\n\nOf the text."
        assert reply.footer.startswith("balanced-drafter")


async def test_copy_on_the_last_message_shows_the_variants(open_workspace: Open, served: ModelServer) -> None:
    def answer(body: dict[str, object]) -> Reply:
        return Reply('{"variants": ["A quieter winter"]}') if body["model"] == "copy-fast-model" else Reply("A winter.")

    served.answer(answer)  # type: ignore[arg-type]  # a narrower mapping than the server's own
    async with open_workspace() as seat:
        await seat.exchange("Tell me of winter")
        await seat.send("/copy --channel x")
        await seat.until(lambda: len(seat.entries) >= 4)
        await seat.until(lambda: any("A quieter winter" in entry.text for entry in seat.entries))


async def test_a_source_that_cannot_be_read_gives_the_command_back(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await seat.send("/draft missing.md")
        await seat.until(lambda: seat.entries and seat.entries[-1].error)
        assert "missing.md" in str(seat.entries[-1].error)
        assert seat.prompt.text == "/draft missing.md"


@pytest.mark.parametrize("suffix", ["md", "json", "html"])
async def test_export_writes_the_conversation_and_never_over_a_file(
    open_workspace: Open, served: ModelServer, suffix: str
) -> None:
    served.script(Reply("A quiet winter."))
    async with open_workspace() as seat:
        await seat.exchange("Titles")
        await seat.send(f"/export talk.{suffix}")
        path = Path(f"talk.{suffix}")
        await seat.until(path.exists)
        written = path.read_bytes()
        assert b"A quiet winter." in written
        await seat.send(f"/export talk.{suffix}")
        await seat.told("exists")
        assert path.read_bytes() == written


async def test_after_a_draft_export_to_a_folder_writes_the_files_of_the_run(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        Path("brief.md").write_text("# Plan\n\nThe plan is good. It costs $4,200.\n", encoding="utf-8")
        await seat.exchange("/draft brief.md")
        await seat.send("/export out/")
        await seat.until(Path("out/run.json").exists)
        assert {"extraction.json", "draft.md"} <= {file.name for file in Path("out").iterdir()}


async def test_export_of_a_word_file_writes_the_last_draft(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await seat.exchange("Hello")
        await seat.send("/export plan.docx")
        await seat.told("no draft")
        Path("brief.md").write_text("# Plan\n\nThe plan is good. It costs $4,200.\n", encoding="utf-8")
        await seat.exchange("/draft brief.md")
        await seat.send("/export plan.docx")
        await seat.until(Path("plan.docx").exists)
        assert "It costs $4,200." in FileReader().read(Path("plan.docx")).text
        await seat.send("/export plan.odt")
        await seat.told(".docx")


@pytest.mark.parametrize("size", [(40, 12), (60, 20), (80, 24), (200, 60)])
async def test_the_workspace_works_at_any_size(
    open_workspace: Open, served: ModelServer, size: tuple[int, int]
) -> None:
    async with open_workspace(size) as seat:
        await seat.exchange("Hello")
        await seat.pilot.press("f1")
        await seat.pilot.press("escape")
        await seat.pilot.resize_terminal(100, 30)
        await seat.pilot.press("f9")
        assert seat.app.is_running


async def test_a_command_takes_its_own_profile_and_further_sources(open_workspace: Open, served: ModelServer) -> None:
    served.answer(lambda body: Reply("# Both\n\nOf two.") if "drafter" in body["model"] else Reply(NOTHING_FOUND))
    async with open_workspace() as seat:
        Path("one.md").write_text("# One\n\nIt costs $4,200.\n", encoding="utf-8")
        Path("two.md").write_text("# Two\n\nIt weighs 68 kg.\n", encoding="utf-8")
        await seat.exchange("/draft one.md --with two.md --profile longform-drafter")
        assert served.bodies[-1]["model"] == "longform-drafter-model"
        assert "It weighs 68 kg." in served.bodies[-1]["messages"][-1]["content"]


async def test_v_shows_every_claim_of_a_draft_with_what_its_source_says(
    open_workspace: Open, served: ModelServer
) -> None:
    served.answer(
        lambda body: Reply("It costs $4,300. It weighs 68 kg.") if "drafter" in body["model"] else Reply(NOTHING_FOUND)
    )
    async with open_workspace() as seat:
        Path("one.md").write_text("# One\n\nIt costs $4,200 and weighs 68 kg.\n", encoding="utf-8")
        await seat.exchange("/draft one.md")
        await seat.pilot.press("escape", "v")
        await seat.opened(FactsScreen)
        evidence = str(seat.app.screen.query_one("#facts-evidence", Static).render())
        assert "$4,300" in evidence
        assert "$4,200" in evidence
        await seat.pilot.press("n")
        evidence = str(seat.app.screen.query_one("#facts-evidence", Static).render())
        assert "68 kg" in evidence
        assert "is in the source" in evidence


async def test_the_palette_finds_the_actions_by_name(open_workspace: Open) -> None:
    async with open_workspace() as seat:
        await seat.pilot.press("ctrl+p")
        await seat.pilot.press(*"history")
        await seat.until(lambda: "(f9)" in seat.shown)
        await seat.pilot.press("enter")
        await seat.until(lambda: seat.screen.focused is seat.screen.query_one(HistoryList))
