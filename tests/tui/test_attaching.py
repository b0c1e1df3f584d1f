"""Sources that go along with a message: attached, shown, sent, kept, taken away."""

from __future__ import annotations

import shlex
import threading
from pathlib import Path

import pytest

from chatspace.core.document import Source
from chatspace.core.workspace.attachments import Attachments
from chatspace.tui.screens.attached import AttachedText
from chatspace.tui.widgets.attachment_rows import AttachmentRows
from chatspace.tui.widgets.composer import Composer
from chatspace.tui.widgets.prompt import Prompt
from tests.model_answers import NOTHING_FOUND
from tests.model_server import ModelServer, Reply, SlowDrip
from tests.tui.conftest import Open, Seat, turns_of

BRIEF = "# Brief\n\nThe Tern 4 costs $4,200.\n"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A sound file, one whose lists are repaired, and one that no reader reads."""
    (tmp_path / "brief.md").write_text(BRIEF, encoding="utf-8")
    (tmp_path / "old notes.md").write_text("# Old\n\n* one\n * two\n  * three\n", encoding="utf-8")
    (tmp_path / "letter.docx").write_bytes(b"{\\rtf1 hello}")
    return tmp_path


def composer(seat: Seat) -> Composer:
    return seat.screen.query_one(Composer)


def rows(seat: Seat) -> list[str]:
    found = seat.screen.query_one(AttachmentRows)
    return [str(found.get_option_at_index(index).prompt) for index in range(found.option_count)]


async def read(seat: Seat, count: int = 1) -> None:
    """Until so many files are there and read."""
    await seat.until(lambda: len(rows(seat)) == count and not any("reading" in row for row in rows(seat)))


async def attach(seat: Seat, *paths: Path) -> None:
    """By the command, until they are read."""
    await seat.send("/attach " + " ".join(shlex.quote(str(path)) for path in paths))
    await read(seat, len(paths))


def sent(served: ModelServer) -> list[str]:
    return turns_of(served.bodies[-1])


async def test_each_attached_file_is_one_line_with_size_words_tokens_and_what_the_gate_says(
    open_workspace: Open, files: Path
) -> None:
    async with open_workspace() as seat:
        await attach(seat, files / "brief.md", files / "old notes.md", files / "letter.docx")
        sound, repaired, failed = rows(seat)
        assert sound == f"✓ brief.md · {len(BRIEF)} B · 7 words · ~9 tokens · gate passed"
        assert repaired.startswith("~ old notes.md · ")
        assert "repaired: " in repaired
        assert failed == "! letter.docx · it is an RTF file. Save it as DOCX."
        assert seat.prompt.text == ""


async def test_what_is_attached_is_sent_below_the_text_and_shown_under_the_message(
    open_workspace: Open, served: ModelServer, files: Path
) -> None:
    async with open_workspace() as seat:
        await attach(seat, files / "brief.md")
        await seat.exchange("What does it cost?")
        assert sent(served)[0].startswith("What does it cost?\n\nSource 1 of 1: brief.md.")
        assert "The Tern 4 costs $4,200." in sent(served)[0]
        assert seat.entries[0].text == "What does it cost?"
        assert seat.entries[0].footer == "with brief.md (7 words)"
        assert rows(seat) == []
        await seat.exchange("And in euros?")
        assert "The Tern 4 costs $4,200." in sent(served)[0], "later turns see it too"


async def test_a_mention_attaches_its_file_and_taking_it_out_of_the_text_takes_it_away(
    open_workspace: Open, served: ModelServer, files: Path
) -> None:
    async with open_workspace() as seat:
        await seat.type(f"Compare @{files}/brief.md, please")
        await read(seat)
        seat.prompt.put("Compare nothing")
        await seat.until(lambda: not rows(seat))
        await seat.exchange(f" but @{files}/brief.md.")
        assert "costs $4,200" in sent(served)[0], "also where it is sent before it was seen"


@pytest.mark.parametrize("form", ["{0}/brief.md", "'{0}/old notes.md'", "file://{0}/old%20notes.md"])
async def test_a_pasted_or_dropped_path_attaches_its_file(open_workspace: Open, files: Path, form: str) -> None:
    async with open_workspace() as seat:
        await seat.type("Look at this")
        await seat.paste(form.format(files) + " ")
        await read(seat)
        assert seat.prompt.text == "Look at this"
        await seat.paste(form.format(files))
        await seat.until(lambda: seat.prompt.text != "Look at this")
        assert seat.prompt.text.endswith(form.format(files)), "once more is the path as text"
        assert len(rows(seat)) == 1


async def test_several_dropped_files_come_together_and_one_that_is_missing_makes_it_text(
    open_workspace: Open, files: Path
) -> None:
    async with open_workspace() as seat:
        await seat.paste(f"{files}/brief.md {files}/missing.md")
        await seat.until(lambda: seat.prompt.text)
        assert rows(seat) == []
        seat.prompt.put("")
        await seat.paste(f"{files}/brief.md\n{files}/old\\ notes.md")
        await read(seat, 2)


async def test_a_path_pasted_into_a_command_is_its_argument(open_workspace: Open, files: Path) -> None:
    async with open_workspace() as seat:
        await seat.type("/extract ")
        await seat.paste(f"file://{files}/old%20notes.md")
        await seat.until(lambda: seat.prompt.text == f"/extract '{files}/old notes.md'")
        assert rows(seat) == []


async def test_backspace_on_the_empty_prompt_takes_the_last_one_away(open_workspace: Open, files: Path) -> None:
    async with open_workspace() as seat:
        await attach(seat, files / "brief.md", files / "letter.docx")
        await seat.pilot.press("x", "backspace")
        assert len(rows(seat)) == 2
        await seat.pilot.press("backspace")
        await seat.until(lambda: len(rows(seat)) == 1)
        assert "brief.md" in rows(seat)[0]


async def test_in_the_list_a_source_is_opened_and_taken_away_by_key(open_workspace: Open, files: Path) -> None:
    async with open_workspace() as seat:
        await attach(seat, files / "brief.md", files / "old notes.md")
        await seat.pilot.press("f6")
        assert isinstance(seat.app.focused, AttachmentRows)
        await seat.pilot.press("j", "enter")
        await seat.until(lambda: isinstance(seat.app.screen, AttachedText) and "three" in seat.shown)
        assert "line 4" in seat.shown, "what the gate found"
        await seat.leave()
        await seat.pilot.press("x")
        await seat.until(lambda: len(rows(seat)) == 1)
        await seat.pilot.press("escape")
        assert isinstance(seat.app.focused, Prompt)
        await seat.pilot.press("f6", "delete")
        await seat.until(lambda: not rows(seat))
        assert isinstance(seat.app.focused, Prompt)


async def test_a_file_that_cannot_be_read_is_not_passed_over_when_the_message_is_sent(
    open_workspace: Open, served: ModelServer, files: Path
) -> None:
    async with open_workspace() as seat:
        await attach(seat, files / "letter.docx")
        await seat.send("Read it")
        await seat.told("letter.docx can't be sent")
        assert seat.prompt.text == "Read it"
        assert not served.bodies


class SlowReader(Attachments):
    """Reads nothing before it is allowed to."""

    def __init__(self, inner: Attachments) -> None:
        self._inner = inner
        self.allowed = threading.Event()

    def read(self, path: Path):  # type: ignore[no-untyped-def]  # as the inner one
        self.allowed.wait(10)
        return self._inner.read(path)


def read_slowly(seat: Seat) -> SlowReader:
    slow = SlowReader(seat.workspace.attachments)
    vars(seat.workspace)["attachments"] = slow
    return slow


async def test_a_message_sent_while_its_source_is_read_goes_as_soon_as_it_is(
    open_workspace: Open, served: ModelServer, files: Path
) -> None:
    async with open_workspace() as seat:
        slow = read_slowly(seat)
        await seat.send(f"/attach {files}/brief.md")
        await seat.send("What does it cost?")
        await seat.told("as soon as")
        assert seat.prompt.text == "What does it cost?"
        assert not seat.entries
        slow.allowed.set()
        await seat.reply()
        assert "costs $4,200" in sent(served)[0]


async def test_typing_on_takes_back_a_message_that_waits_for_its_source(
    open_workspace: Open, served: ModelServer, files: Path
) -> None:
    async with open_workspace() as seat:
        slow = read_slowly(seat)
        await seat.send(f"/attach {files}/brief.md")
        await seat.send("What does it")
        await seat.pilot.press(*" co")
        slow.allowed.set()
        await read(seat)
        assert seat.prompt.text == "What does it co"
        assert not seat.entries


async def test_a_reply_that_is_asked_for_again_sees_the_same_sources_and_so_does_an_edited_message(
    open_workspace: Open, served: ModelServer, files: Path
) -> None:
    async with open_workspace() as seat:
        await attach(seat, files / "brief.md")
        await seat.exchange("What does it cost?")
        (files / "brief.md").unlink()
        await seat.pilot.press("f8")
        await seat.until(lambda: len(served.bodies) == 2)
        await seat.reply()
        assert sent(served) == turns_of(served.bodies[0])
        await seat.pilot.press("escape", "g", "e")
        await seat.until(lambda: seat.prompt.text == "What does it cost?")
        await seat.send(" Really?")
        await seat.until(lambda: len(served.bodies) == 3)
        await seat.reply()
        assert sent(served)[0].startswith("What does it cost? Really?\n\nSource 1 of 1")
        assert seat.entries[0].footer == "with brief.md (7 words)"


async def write_meanwhile(seat: Seat, path: Path) -> None:
    """While a first reply comes, a second message with a source."""
    await seat.send("One")
    await seat.until(lambda: seat.session.job and seat.session.job.live.text)
    await attach(seat, path)
    await seat.send("Two")


async def test_a_message_that_waits_for_a_reply_keeps_its_sources(
    open_workspace: Open, served: ModelServer, files: Path
) -> None:
    served.script(Reply("word " * 20, chunk=5, delay=0.1), Reply("It costs $4,200."))
    async with open_workspace() as seat:
        await write_meanwhile(seat, files / "brief.md")
        assert rows(seat) == []
        await seat.until(lambda: len(seat.entries) == 4 and seat.entries[-1].status == "complete")
        assert "costs $4,200" in sent(served)[-1]


async def test_a_waiting_message_that_is_taken_back_brings_its_sources_along(
    open_workspace: Open, served: ModelServer, files: Path
) -> None:
    served.answer(SlowDrip())
    async with open_workspace() as seat:
        await write_meanwhile(seat, files / "brief.md")
        await seat.pilot.press("up")
        await seat.until(lambda: seat.prompt.text == "Two")
        await read(seat)
        assert "brief.md" in rows(seat)[0]


async def test_draft_without_an_argument_takes_what_is_attached(
    open_workspace: Open, served: ModelServer, files: Path
) -> None:
    served.answer(lambda body: Reply("# The draft") if "drafter" in body["model"] else Reply(NOTHING_FOUND))
    async with open_workspace() as seat:
        await attach(seat, files / "brief.md", files / "old notes.md")
        await seat.exchange("/draft")
        asked = next(body for body in served.bodies if "drafter" in body["model"])
        assert "4,200" in str(asked["messages"])
        assert "old notes.md" in str(asked["messages"])
        assert seat.entries[0].footer.startswith("with brief.md (7 words), old notes.md")


async def test_a_source_that_does_not_fit_the_window_says_so_before_it_is_sent_and_goes_as_an_extraction(
    open_workspace: Open, served: ModelServer, home: Path, files: Path
) -> None:
    profile = home / "profiles" / "chat.md"
    profile.write_text(
        profile.read_text(encoding="utf-8").replace("price:", "context_window: 4000\nmax_output_tokens: 500\nprice:"),
        encoding="utf-8",
    )
    long = "\n\n".join(f"## Part {number}\n\nSite {number} used {number} kWh." for number in range(900))
    (files / "long.md").write_text(long, encoding="utf-8")
    async with open_workspace() as seat:
        await seat.send(f"/attach {files}/long.md")
        await seat.until(lambda: rows(seat) and "too long" in rows(seat)[0])
        assert "/draft" in rows(seat)[0]
        await seat.pilot.press("f6", "enter")
        await seat.until(lambda: "BEGIN SOURCE long.md" in seat.shown)
        await seat.leave()
        await seat.exchange("Sum it up")
        assert "these are the sentences that say most" in sent(served)[0]
        assert any("long.md doesn't fit" in entry.text for entry in seat.entries)


async def test_the_estimate_before_sending_counts_what_is_attached(
    open_workspace: Open, served: ModelServer, files: Path
) -> None:
    (files / "thousand.md").write_text("word " * 4_000, encoding="utf-8")
    async with open_workspace() as seat:
        await seat.until(lambda: "tokens" in seat.status)
        await seat.send(f"/attach {files}/thousand.md")
        await seat.until(lambda: "~5," in seat.status)
        await seat.pilot.press("backspace")
        await seat.until(lambda: "~5," not in seat.status)


async def test_what_is_attached_is_there_at_the_next_start_and_goes_with_its_conversation(
    open_workspace: Open, served: ModelServer, files: Path
) -> None:
    async with open_workspace() as seat:
        await seat.send(f"/attach {files}/brief.md")
        await seat.until(lambda: seat.workspace.history.prompts.unsent(None).attached)
        await seat.type("Not sent yet")
        await seat.until(lambda: seat.workspace.history.prompts.saved(None) == "Not sent yet")
    async with open_workspace() as seat:
        await read(seat)
        assert seat.prompt.text == "Not sent yet"
        await seat.pilot.press("enter")
        await seat.reply()
        await seat.pilot.press("ctrl+n")
        assert rows(seat) == []


async def test_a_hostile_name_does_no_harm(open_workspace: Open, served: ModelServer, files: Path) -> None:
    name = "x\x1b[2J[bold]\n.md"
    (files / name).write_text(BRIEF, encoding="utf-8")
    async with open_workspace() as seat:
        composer(seat).rows.attach([files / name])
        await read(seat)
        assert "\x1b" not in seat.shown
        await seat.exchange("Read")
        assert "\x1b" not in sent(served)[0]


def test_a_source_given_back_is_the_one_that_was_read_whatever_became_of_its_file() -> None:
    source = Source("brief.md", BRIEF, "sha256:1", path="/nowhere/brief.md")
    gated = Attachments(reader=None).gated(source)  # type: ignore[arg-type]  # nothing is read
    assert gated.source is source
    assert gated.size == len(BRIEF)
