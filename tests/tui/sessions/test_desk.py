"""The desk without a terminal: what is done, what stands in the text, what is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from chatspace.core.calls.call import ProviderEvent, TextDelta
from chatspace.core.chat.conversation import Message
from chatspace.core.document import Span
from chatspace.core.errors import ModelError, UsageError
from chatspace.core.events import Emit, Event
from chatspace.core.profiles.options import Options
from chatspace.core.rewriting.decisions import Decision, Editing
from chatspace.core.rewriting.review import Review
from chatspace.core.workspace.desk import ChangedMeanwhile
from chatspace.tui.sessions.changed import Changed
from chatspace.tui.sessions.desk import DeskSession
from chatspace.tui.sessions.desk_asking import Work
from chatspace.tui.sessions.desk_proposal import Step
from chatspace.wiring import Workspace
from tests.doubles import Forever, ScriptedProvider, says
from tests.tui.desk import add_rewriter
from tests.waiting import eventually_async

BEFORE = "The pump is really very quiet. It ships in the month of May. We like it.\n\n- one item\n- two\n"
PASSAGE = BEFORE.partition("\n")[0]
REPLY = "The pump is quiet. It ships in May. We like it."
SHORTER = BEFORE.replace("really very ", "")
AFTER = SHORTER.replace("the month of ", "")


class Editor:
    """Where a test types: the text with its undo, a session that follows it, and what the session told."""

    def __init__(self, workspace: Workspace, provider: ScriptedProvider, options: Options) -> None:
        self.workspace = workspace
        self.provider = provider
        self.text = ""
        self.changes: list[Changed] = []
        self.events: list[Event] = []
        self.session = DeskSession(workspace, options, self._start, self.changes.append)
        self.task: asyncio.Task[object] | None = None
        self._undo: list[tuple[str, Step | None]] = []
        self._redo: list[tuple[str, Step | None]] = []

    def _start(self, conversation: int | None, work: Work) -> Callable[[], object]:
        async def run(emit: Emit) -> object:
            return await work(emit)

        self.task = asyncio.create_task(run(self.events.append))
        return self.task.cancel

    async def open(self, path: Path | None = None, message: Message | None = None) -> None:
        opened = await self.session.open(path, message)
        assert opened is not None, self.notices
        self.text = opened.original
        self.session.file.begin(self.text)
        if opened.restored:
            self.put([((0, len(self.text)), opened.restored.text)])
        self.session.follow(self.text, (0, 0))

    def put(self, parts: Sequence[tuple[Span, str]], step: Step | None = None) -> None:
        """Replace spans as one step of the undo."""
        self._undo.append((self.text, step))
        for (start, end), text in reversed(parts):
            self.text = self.text[:start] + text + self.text[end:]
        self.session.follow(self.text)

    def undo(self) -> None:
        text, step = self._undo.pop()
        self._redo.append((self.text, step))
        self.text = text
        if step:
            self.session.undo(step)
        self.session.follow(text)

    def redo(self) -> None:
        text, step = self._redo.pop()
        self._undo.append((self.text, step))
        self.text = text
        if step:
            self.session.redo(step)
        self.session.follow(text)

    def ask(self, instruction: str = "Make it shorter.", chosen: Span = (0, 0)) -> None:
        self.session.follow(self.text, chosen)
        span = self.session.passage()
        assert span is not None
        self.session.ask(instruction, span)

    async def proposal(self) -> Review:
        """The version that comes, once it has."""
        assert self.task is not None
        await asyncio.wait([self.task])
        return self.review

    async def asked(self, instruction: str = "Make it shorter.", chosen: Span = (0, 0)) -> Review:
        self.ask(instruction, chosen)
        return await self.proposal()

    def decide(self, decision: Decision, *numbers: int, text: str | None = None) -> None:
        """On these hunks, else on all that are left."""
        pending = [hunk.id for hunk in self.review.pending()]
        decided = self.session.decide(decision, numbers or pending, text)
        if decided:
            self.put(*decided)
        assert self.session.text == self.text, "the session knows what a decision does in the text"

    @property
    def review(self) -> Review:
        assert self.session.proposal is not None
        assert self.session.proposal.review is not None, self.session.proposal.failure
        return self.session.proposal.review

    @property
    def decisions(self) -> list[Decision | None]:
        return [self.review.states[hunk.id].decision for hunk in self.review.rewrite.hunks]

    @property
    def notices(self) -> list[str]:
        errors = [each.error.explained for each in self.changes if each.error]
        return [each.notice for each in self.changes if each.notice] + errors

    @property
    def stored(self) -> list[Message]:
        """The messages of the only conversation."""
        (conversation,) = self.workspace.history.conversations.page()
        return list(self.workspace.history.messages.all(conversation.id))

    async def editing(self) -> Sequence[Editing]:
        """What the report knows, once all decisions are stored."""
        await self.session.decisions.stored()
        return self.workspace.desk.editing()


Sit = Callable[..., Editor]


@pytest.fixture
def sit(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sit]:
    """`sit(*answers)`: at the desk of a workspace whose model plays them, in a folder with brief.md."""
    add_rewriter(home, "http://127.0.0.1:9/v1")
    folder = tmp_path / "texts"
    folder.mkdir()
    monkeypatch.chdir(folder)
    Path("brief.md").write_text(BEFORE, encoding="utf-8")
    opened: list[Workspace] = []

    def made(*answers: Sequence[ProviderEvent | ModelError | Forever], channel: str = "blog") -> Editor:
        provider = ScriptedProvider(*answers)
        workspace = Workspace(models=provider)
        opened.append(workspace)
        return Editor(workspace, provider, Options(channel=channel))

    yield made
    for workspace in opened:
        workspace.history.close()


BRIEF = Path("brief.md")


async def test_the_paragraph_at_the_cursor_is_rewritten_and_its_hunks_go_into_the_text(sit: Sit) -> None:
    desk = sit(says(REPLY))
    await desk.open(BRIEF)
    review = await desk.asked()
    recipe, passage = desk.provider.requests[0].turns
    assert (recipe.content.strip(), passage.content) == ("Make it shorter.", PASSAGE)
    assert [(hunk.before, hunk.after) for hunk in review.rewrite.hunks] == [
        ("The pump is really very quiet.", "The pump is quiet."),
        ("It ships in the month of May.", "It ships in May."),
    ]
    desk.decide("accepted", 1)
    assert desk.text == SHORTER
    desk.decide("accepted", 2)
    assert desk.text == AFTER
    assert BRIEF.read_text(encoding="utf-8") == BEFORE, "only saving writes"
    assert [(one.role, one.step, one.status) for one in desk.stored] == [
        ("user", "rewrite", "complete"),
        ("assistant", "rewrite", "complete"),
    ]
    (editing,) = await desk.editing()
    assert editing.accepted == 2


async def test_the_listener_is_told_of_the_question_the_model_and_the_proposal(sit: Sit) -> None:
    desk = sit(says(REPLY))
    await desk.open(BRIEF)
    desk.changes.clear()
    desk.ask()
    assert desk.session.asking.live is not None
    await desk.proposal()
    assert [each.part for each in desk.changes] == ["asking", "asking", "proposal"]
    assert desk.session.asking.live is None


async def test_undo_and_redo_take_decisions_back_and_make_them_again_also_in_the_store(sit: Sit) -> None:
    desk = sit(says(REPLY))
    await desk.open(BRIEF)
    desk.put([((0, 0), "x")])
    await desk.asked()
    desk.decide("accepted", 1)
    desk.decide("rejected", 2)
    desk.put([((len(desk.text), len(desk.text)), "y")])
    assert desk.session.decisions.rejected == [("It ships in the month of May.", "It ships in May.")]
    desk.undo()
    assert (desk.text, desk.decisions) == (SHORTER, ["accepted", "rejected"])
    desk.undo()
    assert (desk.text, desk.decisions) == (SHORTER, ["accepted", None])
    assert desk.session.decisions.rejected == []
    desk.undo()
    assert (desk.text, desk.decisions) == (f"x{BEFORE}", [None, None])
    desk.undo()
    assert desk.text == BEFORE
    assert not await desk.editing()
    for _ in range(4):
        desk.redo()
    assert (desk.text, desk.decisions) == (f"{SHORTER}y", ["accepted", "rejected"])
    (editing,) = await desk.editing()
    assert (editing.accepted, editing.rejected) == (1, 1)


async def test_accept_all_and_reject_all_are_one_step_each(sit: Sit) -> None:
    desk = sit(says(REPLY))
    await desk.open(BRIEF)
    await desk.asked()
    desk.decide("accepted")
    assert desk.text == AFTER
    desk.undo()
    assert (desk.text, desk.decisions) == (BEFORE, [None, None])
    desk.decide("rejected")
    assert (desk.text, desk.decisions) == (BEFORE, ["rejected", "rejected"])


async def test_a_hunk_is_edited_in_its_place_and_the_report_knows(sit: Sit) -> None:
    desk = sit(says(REPLY))
    await desk.open(BRIEF)
    await desk.asked()
    desk.decide("edited", 1, text="Hush.")
    assert desk.text == BEFORE.replace("The pump is really very quiet.", "Hush.")
    (editing,) = await desk.editing()
    assert (editing.edited, editing.texts, editing.profile, editing.words_per_text) == (1, 1, "rewriter", 4)


async def test_rejected_hunks_are_told_with_the_next_request(sit: Sit) -> None:
    desk = sit(says(REPLY), says(REPLY))
    await desk.open(BRIEF)
    await desk.asked()
    desk.decide("rejected", 1)
    await desk.editing()
    desk.session.ask_again()
    await desk.proposal()
    assert "Not: The pump is quiet." in desk.provider.requests[-1].turns[0].content


async def test_versions_are_kept_beside_each_other(sit: Sit) -> None:
    desk = sit(says(REPLY), says(REPLY.replace("We like it", "We love it")))
    await desk.open(BRIEF)
    await desk.asked()
    desk.decide("accepted", 1)
    desk.session.ask_again()
    await desk.proposal()
    proposal = desk.session.proposal
    assert proposal is not None
    assert (proposal.at, len(proposal.versions)) == (1, 2)
    assert proposal.stale(desk.text) == {1}, "that sentence was taken from the first version"
    desk.decide("accepted", 1)
    assert "1 change no longer apply: the text has changed there." in desk.notices
    desk.decide("accepted", 3)
    assert "We love it." in desk.text
    desk.session.show_version(0)
    assert desk.decisions == ["accepted", None]
    desk.session.show_version(2)
    assert proposal.at == 0
    assert "Version 3 doesn't exist." in desk.notices
    replies = [one for one in desk.stored if one.role == "assistant"]
    assert [(one.sibling, one.siblings) for one in replies] == [(1, 2), (2, 2)]


async def test_a_selection_is_asked_about_alone(sit: Sit) -> None:
    desk = sit(says("It ships soon."))
    await desk.open(BRIEF)
    await desk.asked("say soon", (31, 60))
    assert desk.provider.requests[0].turns[1].content == "It ships in the month of May."
    desk.decide("accepted")
    assert desk.text == BEFORE.replace("in the month of May", "soon")


async def test_without_a_passage_nothing_is_asked_and_that_is_said(sit: Sit) -> None:
    desk = sit()
    await desk.open()
    assert desk.session.passage() is None
    assert desk.notices == ["No passage selected. Put the cursor in a paragraph, or select text."]


async def test_a_second_question_waits_until_the_proposal_is_there(sit: Sit) -> None:
    desk = sit([TextDelta("The pump"), Forever()])
    await desk.open(BRIEF)
    desk.ask()
    first = desk.session.proposal
    desk.ask("Make it longer.")
    assert desk.session.proposal is first
    assert desk.notices == ["A proposal is still coming in. esc stops it and keeps the text so far."]
    await eventually_async(lambda: desk.session.asking.live and desk.session.asking.live.text)
    desk.session.asking.stop()
    await desk.proposal()


async def test_what_broke_without_a_text_can_be_tried_again(sit: Sit) -> None:
    desk = sit([ModelError("No key", kind="unauthorized")], says(REPLY))
    await desk.open(BRIEF)
    desk.ask()
    proposal = desk.session.proposal
    assert proposal is not None
    await eventually_async(lambda: proposal.failure)
    assert proposal.failure.startswith("No key")
    desk.session.ask_again()
    assert proposal.failure == ""
    assert len((await desk.proposal()).rewrite.hunks) == 2
    assert len(desk.stored) == 3, "one question with two replies"


async def test_what_could_not_even_be_stored_is_asked_about_the_passage_where_it_is_now(sit: Sit, home: Path) -> None:
    rewriter = home / "profiles" / "rewriter.md"
    right = rewriter.read_text(encoding="utf-8")
    desk = sit(says(REPLY))
    await desk.open(BRIEF)
    rewriter.write_text(right.replace("step: rewrite", "step: nonsense"), encoding="utf-8")
    desk.ask()
    proposal = desk.session.proposal
    assert proposal is not None
    await eventually_async(lambda: proposal.failure)
    assert proposal.question is None
    rewriter.write_text(right, encoding="utf-8")
    desk.put([((0, 0), "# A pump\n\n")])
    desk.session.ask_again()
    await desk.proposal()
    assert desk.provider.requests[0].turns[1].content == PASSAGE


async def test_a_proposal_that_broke_off_leaves_the_end_of_the_passage(sit: Sit) -> None:
    broken = ModelError("The connection broke", kind="bad_request")
    desk = sit([TextDelta(REPLY[:24]), broken], [broken])
    await desk.open(BRIEF)
    await desk.asked()
    desk.decide("accepted")
    assert desk.text.endswith("We like it.\n\n- one item\n- two\n")
    assert desk.stored[1].status == "truncated"
    assert "The connection broke" in (desk.stored[1].error or "")


async def test_stopping_a_proposal_keeps_what_came(sit: Sit) -> None:
    desk = sit([TextDelta("The pump is quiet. It "), Forever()])
    await desk.open(BRIEF)
    desk.ask()
    await eventually_async(lambda: desk.session.asking.live and desk.session.asking.live.text)
    desk.session.asking.stop()
    review = await desk.proposal()
    assert desk.session.asking.live is None
    assert review.rewrite.status == "truncated"
    assert desk.stored[1].status == "stopped"
    assert desk.text == BEFORE


async def test_what_is_stopped_before_anything_came_says_so(sit: Sit) -> None:
    desk = sit([Forever()])
    await desk.open(BRIEF)
    desk.ask()
    await eventually_async(lambda: desk.session.asking.live and desk.session.asking.live.message)
    desk.session.asking.stop()
    proposal = desk.session.proposal
    assert proposal is not None
    await eventually_async(lambda: proposal.failure)
    assert proposal.failure == "Stopped before anything came."


async def test_a_hunk_that_breaks_a_list_is_not_taken(sit: Sit) -> None:
    desk = sit(says("one item, two"))
    await desk.open(BRIEF)
    at = BEFORE.index("one item")
    review = await desk.asked(chosen=(at, at))
    assert any(hunk.blocked for hunk in review.rewrite.hunks)
    desk.decide("accepted")
    assert "- one item" in desk.text
    assert any(notice.startswith("⊘") for notice in desk.notices)


async def test_a_new_figure_is_flagged_on_its_hunk(sit: Sit) -> None:
    desk = sit(says(REPLY.replace("quiet", "quiet at 38 dB")))
    await desk.open(BRIEF)
    review = await desk.asked()
    assert [flag.message for flag in review.rewrite.hunks[0].flags] == ["“38 dB” is new."]


async def test_what_is_edited_before_and_after_the_proposal_comes_is_followed(sit: Sit) -> None:
    desk = sit(says(REPLY))
    await desk.open(BRIEF)
    desk.ask()
    desk.put([((0, 0), "So: ")])
    await desk.proposal()
    desk.put([((0, 0), "Oh. ")])
    desk.decide("accepted", 1)
    assert desk.text == f"Oh. So: {SHORTER}"


async def test_a_hunk_whose_place_is_edited_no_longer_applies_until_that_is_taken_back(sit: Sit) -> None:
    desk = sit(says(REPLY))
    await desk.open(BRIEF)
    await desk.asked()
    desk.changes.clear()
    desk.put([((4, 8), "fan")])
    desk.undo()
    assert [each.hunks for each in desk.changes if each.part == "hunks"] == [frozenset({1}), frozenset({1})]
    desk.put([((4, 8), "fan")])
    desk.decide("accepted")
    assert desk.text == BEFORE.replace("pump", "fan").replace("the month of ", "")


async def test_undo_takes_back_what_a_closed_proposal_did_while_another_is_open(sit: Sit) -> None:
    desk = sit(says(REPLY), says("- an item\n- second"))
    await desk.open(BRIEF)
    await desk.asked()
    desk.decide("accepted", 1)
    desk.session.close_proposal()
    at = desk.text.index("one item")
    await desk.asked(chosen=(at, at))
    desk.undo()
    assert desk.text == BEFORE
    assert not await desk.editing()
    desk.decide("accepted")
    assert desk.text == BEFORE.replace("one item", "an item").replace("two", "second")


# The file


async def test_saving_writes_the_whole_file_and_keeps_its_line_ends(sit: Sit) -> None:
    desk = sit()
    BRIEF.write_bytes(b"\xef\xbb\xbfOne.\r\nTwo.\r\n")
    await desk.open(BRIEF)
    desk.put([((0, 0), "x")])
    assert desk.session.file.dirty
    await desk.session.file.save()
    assert BRIEF.read_bytes() == b"\xef\xbb\xbfxOne.\r\nTwo.\r\n"
    assert not desk.session.file.dirty
    assert any(notice.startswith("Saved to") for notice in desk.notices)


async def test_a_saved_file_keeps_its_encoding_or_it_is_said_that_it_cannot_until_the_text_changes(sit: Sit) -> None:
    desk = sit()
    BRIEF.write_bytes("Caf\xe9.\r\nTwo.\r\n".encode("cp1252"))
    await desk.open(BRIEF)
    desk.put([((0, 0), "é")])
    await desk.session.file.save()
    assert BRIEF.read_bytes() == "éCafé.\r\nTwo.\r\n".encode("cp1252")
    desk.put([((1, 1), "→")])
    await desk.session.file.save()
    assert BRIEF.read_bytes() == "é→Café.\r\nTwo.\r\n".encode()
    assert "brief.md was saved as UTF-8: Windows-1252 has no →" in desk.session.file.note
    desk.put([((0, 0), "x")])
    assert desk.session.file.note == ""


async def test_two_savings_at_once_are_done_one_after_the_other(sit: Sit) -> None:
    desk = sit()
    await desk.open(BRIEF)
    desk.put([((0, 0), "x")])
    first = asyncio.create_task(desk.session.file.save())
    await asyncio.sleep(0)
    desk.put([((0, 0), "y")])
    await asyncio.gather(first, desk.session.file.save())
    assert BRIEF.read_text(encoding="utf-8") == f"yx{BEFORE}"


async def test_what_is_saved_is_not_kept_as_unsaved_by_a_keeping_on_its_way(sit: Sit) -> None:
    desk = sit()
    await desk.open(BRIEF)
    desk.put([((0, 0), "x")])
    await asyncio.gather(desk.session.keep(), desk.session.file.save(), desk.session.keep())
    assert desk.workspace.desk.open(BRIEF).restored is None


async def test_a_workspace_that_quits_keeps_what_came_of_a_proposal(sit: Sit) -> None:
    desk = sit([TextDelta("The pump is quiet. It "), Forever()])
    await desk.open(BRIEF)
    desk.ask()
    await eventually_async(lambda: desk.session.asking.live and desk.session.asking.live.text)
    assert desk.task is not None
    desk.task.cancel()
    await desk.proposal()
    assert desk.task.cancelled(), "who cancels it must see that"
    assert desk.stored[1].text.startswith("The pump is quiet.")


async def test_a_file_that_changed_on_disk_is_not_written_over_unasked(sit: Sit) -> None:
    desk = sit()
    await desk.open(BRIEF)
    desk.put([((0, 0), "x")])
    BRIEF.write_text("Theirs.\n", encoding="utf-8")
    with pytest.raises(ChangedMeanwhile):
        await desk.session.file.save()
    assert BRIEF.read_text(encoding="utf-8") == "Theirs.\n"
    await desk.session.file.save(overwrite=True)
    assert BRIEF.read_text(encoding="utf-8") == f"x{BEFORE}"


async def test_a_changed_file_can_be_reloaded_and_then_saved(sit: Sit) -> None:
    desk = sit()
    await desk.open(BRIEF)
    desk.put([((0, 0), "x")])
    BRIEF.write_text("Theirs.\n", encoding="utf-8")
    assert await desk.session.file.reload() == "Theirs.\n"
    desk.put([((0, len(desk.text)), "Theirs.\n")])
    assert not desk.session.file.dirty
    desk.undo()
    await desk.session.file.save()
    assert BRIEF.read_text(encoding="utf-8") == f"x{BEFORE}"


async def test_a_text_is_saved_as_another_file_from_then_on_but_over_none_unasked(sit: Sit) -> None:
    desk = sit()
    Path("theirs.md").write_text("Theirs.\n", encoding="utf-8")
    await desk.open(BRIEF)
    desk.put([((0, 0), "x")])
    with pytest.raises(UsageError):
        await desk.session.file.save_as(Path("theirs.md"))
    await desk.session.file.save_as(Path("mine.md"))
    desk.put([((0, 0), "y")])
    await desk.session.file.save()
    assert Path("mine.md").read_text(encoding="utf-8") == f"yx{BEFORE}"
    assert BRIEF.read_text(encoding="utf-8") == BEFORE
    await desk.session.file.save_as(Path("theirs.md"), overwrite=True)
    assert Path("theirs.md").read_text(encoding="utf-8") == f"yx{BEFORE}"


async def test_an_export_shows_every_decision_as_criticmarkup_or_none(sit: Sit) -> None:
    desk = sit(says(REPLY))
    await desk.open(BRIEF)
    await desk.asked()
    desk.decide("accepted", 1)
    desk.decide("rejected", 2)
    await desk.session.file.export(Path("brief.critic.md"), desk.session.decisions.rejected)
    assert (
        Path("brief.critic.md")
        .read_text(encoding="utf-8")
        .startswith(
            "The pump is {--really very --}quiet. It ships in the month of May."
            "{>>rejected: It ships in May.<<} We like it."
        )
    )
    await desk.session.file.export(Path("plain.md"), None)
    assert Path("plain.md").read_text(encoding="utf-8") == SHORTER
    assert any("plain.md" in notice for notice in desk.notices)
    await desk.session.file.export(Path("plain.md"), None)
    assert "plain.md" in desk.notices[-1]
    assert desk.changes[-1].error, "what exists is written over only when that is asked for"


async def test_an_unsaved_text_is_kept_while_it_is_typed(sit: Sit) -> None:
    desk = sit()
    await desk.open(BRIEF)
    desk.put([((0, 0), "x")])
    await eventually_async(lambda: desk.workspace.desk.open(BRIEF).restored)
    other = sit()
    await other.open(BRIEF)
    assert other.text == f"x{BEFORE}"
    other.undo()
    assert other.text == BEFORE


async def test_closing_at_once_keeps_the_text_and_stores_the_decisions(sit: Sit) -> None:
    desk = sit(says(REPLY))
    await desk.open(BRIEF)
    await desk.asked()
    desk.decide("accepted", 1)
    await desk.session.close()
    assert desk.workspace.desk.open(BRIEF).text == SHORTER
    (editing,) = desk.workspace.desk.editing()
    assert editing.accepted == 1


async def test_the_rewrites_of_a_text_that_comes_back_go_on_in_their_conversation(sit: Sit) -> None:
    desk = sit(says(REPLY))
    await desk.open(BRIEF)
    await desk.asked()
    desk.decide("accepted", 1)
    await desk.session.close()
    again = sit(says("The pump is quiet. It ships soon. We like it."))
    await again.open(BRIEF)
    await again.asked()
    assert len(again.stored) == 4


async def test_a_draft_of_a_message_survives(sit: Sit) -> None:
    desk = sit(says(REPLY))
    await desk.open(BRIEF)
    await desk.asked()
    reply = desk.stored[1]
    desk = sit()
    await desk.open(message=reply)
    assert desk.text == REPLY
    desk.put([((0, 0), "x")])
    await desk.session.close()
    again = sit()
    await again.open(message=reply)
    assert again.text == f"x{REPLY}"


async def test_a_file_that_cannot_be_read_is_said(sit: Sit) -> None:
    desk = sit()
    assert await desk.session.open(Path("nowhere.pdf")) is None
    assert "no such file" in desk.notices[0]


# What is asked with, and counted


async def test_the_keys_are_those_of_the_users_own_list(sit: Sit, home: Path) -> None:
    (home / "desk.yaml").write_text('keys: {j: {name: jolly, instruction: "Make it jolly."}}\n', encoding="utf-8")
    desk = sit()
    await desk.open(BRIEF)
    assert [(key.key, key.instruction) for key in await desk.session.keys()] == [("j", "Make it jolly.")]


async def test_the_text_is_counted_for_its_channel(sit: Sit) -> None:
    desk = sit(channel="x")
    await desk.open(BRIEF)
    await desk.session.load()
    counted = desk.session.counted
    assert counted is not None
    assert counted.against is not None
    assert (counted.words, counted.against.length, counted.against.limit) == (19, len(BEFORE.strip()), 280)
    desk.put([((0, 0), "x ")])
    await eventually_async(lambda: desk.session.counted and desk.session.counted.words == 20)


async def test_another_profile_holds_from_the_next_question_on_and_a_wrong_one_never(sit: Sit, home: Path) -> None:
    rewriter = (home / "profiles" / "rewriter.md").read_text(encoding="utf-8")
    (home / "profiles" / "careful.md").write_text(rewriter.replace("rewriter-model", "careful-model"), encoding="utf-8")
    desk = sit(says(REPLY))
    await desk.open(BRIEF)
    await desk.session.asking.choose(Options(profile="nobody"))
    assert desk.changes[-1].error
    await desk.session.asking.choose(Options(profile="careful"))
    await desk.asked()
    assert desk.stored[1].model == "openai/careful-model"
