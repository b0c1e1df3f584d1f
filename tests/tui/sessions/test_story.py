"""A story without its screen: openings that come, what the editor decides on them, what is stored."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from chatspace.core.calls.call import Finished, TextDelta
from chatspace.core.chat.conversation import Message
from chatspace.core.chat.openings import CUT, Opening
from chatspace.core.errors import ModelError
from chatspace.core.facts.evidence import Evidence
from chatspace.core.profiles.options import Options
from chatspace.core.text.tone import tone
from chatspace.core.text.tone_table import MEASURES
from chatspace.tui.commands import parse_slash
from chatspace.tui.navigation import ScreenContext
from chatspace.tui.sessions.story import StorySession
from chatspace.tui.widgets.tone_rows import flags, remarks
from tests.doubles import Forever, says
from tests.tui.sessions.conftest import Seat
from tests.waiting import eventually_async

BRIEF = """# Tern 4

The Tern 4 makes 28 dB(A) at 3 metres. A library is louder. It costs €8,900.

Ingrid Dahl's team in Aarhus took the unit apart. Most of the sound came from the fan.

Our customers like it. We built it for them, and you can hear the difference tonight.
"""
WARM = "Ingrid Dahl's team in Aarhus took the unit apart, and we listened."
DRY = "The Tern 4 costs €7,700. It was built in Aarhus."
BOTH = (("warm", WARM), ("dry", DRY))


def openings(*pairs: tuple[str, str]) -> str:
    return json.dumps({"openings": [{"tone": tone, "text": text} for tone, text in pairs]})


@pytest.fixture
def told(seat: Seat, home: Path, folder: Path) -> Seat:
    """A brief, and a profile whose model tells stories."""
    (folder / "brief.md").write_text(BRIEF, encoding="utf-8")
    (home / "profiles").mkdir()
    (home / "profiles" / "storyteller.md").write_text(
        "---\nstep: story\nmodel: openai/teller\napi_base: http://127.0.0.1:9\n---\n"
        "Write {{ openings }} openings{% if tone %} in {{ tone if tone is string else tone|join(', ') }}{% endif %}.\n",
        encoding="utf-8",
    )
    return seat


@pytest.fixture
def engine(seat: Seat, folder: Path) -> Seat:
    """A brief, and no model but the built-in engine."""
    (folder / "brief.md").write_text(BRIEF, encoding="utf-8")
    return seat


def context(seat: Seat, *sources: str, thread: Sequence[Message] = ()) -> ScreenContext:
    read = tuple(seat.workspace.runs.read(Path(name)) for name in sources)
    return ScreenContext(thread[-1].conversation if thread else None, tuple(thread), Options(), sources=read)


def session(seat: Seat, line: str, where: ScreenContext | None = None) -> StorySession:
    typed = parse_slash(line)
    assert typed
    made = StorySession(seat.workspace, seat.jobs, seat.owner, where or context(seat), typed, seat.changes.append)
    seat.owner.session = made
    return made


async def story(
    seat: Seat, line: str, *answers: object, jobs: int = 1, where: ScreenContext | None = None
) -> StorySession:
    """A story whose first openings have come."""
    seat.provider.answers = list(answers)  # type: ignore[arg-type]
    begun = session(seat, line, where)
    await begun.begin()
    assert not seat.errors
    await seat.owner.until_ended(jobs)
    return begun


def again(seat: Seat) -> StorySession:
    """The same story, opened once more from its conversation."""
    return session(seat, "/story", context(seat, thread=seat.stored))


def states(begun: StorySession) -> list[str]:
    return [row.opening.state for row in begun.rows]


def texts(begun: StorySession) -> list[str]:
    return [row.opening.text for row in begun.in_sight]


def opening(begun: StorySession, number: int) -> Opening:
    return next(row.opening for row in begun.rows if row.opening.number == number)


def doubtful(evidence: Sequence[Evidence] | None) -> list[str]:
    return [each.claim.verdict for each in evidence or ()]


async def star_all(begun: StorySession) -> None:
    for number in range(1, len(begun.rows) + 1):
        await begun.marks.do("star", opening(begun, number))


async def test_openings_come_with_their_tone_counted(told: Seat) -> None:
    begun = await story(told, "/story brief.md", says(openings(*BOTH)))
    assert [row.opening.tone for row in begun.rows] == ["warm", "dry"]
    words = next(at for at, measure in enumerate(MEASURES) if measure.title == "words")
    assert begun.rows[0].cells[words].written == str(tone(WARM).words)
    assert begun.rows[0].evidence is not None, "the facts are looked up"


async def test_each_tone_is_a_call_of_its_own_and_all_are_one_conversation(told: Seat) -> None:
    line = "/story brief.md --openings 2 --tones warm,dry"
    begun = await story(told, line, says(openings(BOTH[0])), says(openings(BOTH[1])), jobs=2)
    assert sorted(texts(begun)) == sorted((WARM, DRY))
    assert len(told.provider.requests) == 2
    assert all(("warm" in r.turns[0].content) != ("dry" in r.turns[0].content) for r in told.provider.requests)
    messages = told.stored
    assert [message.step for message in messages] == ["story"] * 3
    assert {message.parent for message in messages[1:]} == {messages[0].id}
    assert {message.status for message in messages} == {"complete"}
    found = [hit.message for hit in told.workspace.history.search.find("listened")]
    assert found == [next(message.id for message in messages if WARM in message.text)]


async def test_openings_are_seen_while_they_come_and_a_second_attempt_begins_from_nothing(told: Seat) -> None:
    text = openings(*BOTH)
    begun = session(told, "/story brief.md")
    told.provider.answers = [[TextDelta("No."), Finished("stop")], [TextDelta(text[:60]), Forever()]]
    await begun.begin()
    await eventually_async(lambda: begun.coming)
    assert [(row.opening.number, row.opening.text) for row in begun.coming] == [(1, WARM[:20])]
    begun.marks.scraps_shown = True
    assert not begun.coming
    begun.replies.stop()
    await told.owner.until_ended(1)


async def test_starring_discarding_and_bringing_back_are_stored(told: Seat) -> None:
    begun = await story(told, "/story brief.md", says(openings(*BOTH)))
    await begun.marks.do("star", opening(begun, 1))
    await begun.marks.do("discard", opening(begun, 2))
    assert states(begun) == ["starred", "scrapped"]
    assert texts(begun) == [WARM]
    begun.marks.toggle_scraps()
    assert texts(begun) == [DRY]
    await begun.marks.do("bring_back", opening(begun, 2))
    assert states(begun) == ["starred", "fresh"]
    assert not begun.marks.scraps_shown, "the scrap list is empty"
    await begun.marks.do("star", opening(begun, 1))
    reopened = again(told)
    await reopened.begin()
    assert states(reopened) == ["fresh", "fresh"]


async def test_from_the_board_the_last_of_the_scrap_list_comes_back(told: Seat) -> None:
    begun = await story(told, "/story brief.md", says(openings(*BOTH)))
    begun.marks.toggle_scraps()
    assert told.said[-1] == "Nothing was discarded yet."
    await begun.marks.do("discard", opening(begun, 1))
    await begun.marks.do("discard", opening(begun, 2))
    await begun.marks.do("bring_back", None)
    assert states(begun) == ["scrapped", "fresh"]
    assert [change.at for change in told.changes if change.at] == [2], "the cursor goes there"


async def test_what_undoes_a_discarding_gives_the_star_back(told: Seat) -> None:
    begun = await story(told, "/story brief.md", says(openings(*BOTH)))
    await begun.marks.do("star", opening(begun, 1))
    await begun.marks.do("discard", opening(begun, 1))
    assert told.undo.done == "Opening 1 discarded"
    await told.undo.back()
    assert states(begun) == ["starred", "fresh"]
    await begun.marks.do("discard", opening(begun, 1))
    await begun.marks.do("bring_back", None)
    assert told.undo.done == "Opening 1 brought back"
    await told.undo.back()
    assert states(begun) == ["scrapped", "fresh"]


async def test_near_duplicates_name_each_other(told: Seat) -> None:
    three = (*BOTH, ("warm", WARM.replace("listened", "heard")))
    begun = await story(told, "/story brief.md", says(openings(*three)))
    assert [row.near for row in begun.rows] == [(3,), (), (1,)]
    assert "≈3" in flags(begun.rows[0])
    assert remarks(begun.rows[0]) == ["nearly the same as 3"]


async def test_facts_that_no_source_bears_out_are_known(told: Seat) -> None:
    begun = await story(told, "/story brief.md --openings 2", says(openings(BOTH[1], BOTH[0])))
    assert "altered" in doubtful(begun.rows[0].evidence)
    assert "altered" not in doubtful(begun.rows[1].evidence)
    assert [flags(row) for row in begun.rows] == ["?1", ""]


async def test_going_on_puts_an_opening_into_the_prompt_of_its_conversation(told: Seat) -> None:
    begun = await story(told, "/story brief.md --openings 1", says(openings(BOTH[0])))
    one = opening(begun, 1)
    onward, desk = begun.go_on(one), begun.go_on(one, to_desk=True)
    assert onward
    assert desk
    assert (onward.conversation, onward.leaf) == (told.stored[0].conversation, one.message)
    assert onward.prompt == f"Continue from this opening:\n\n{WARM}"
    assert desk.prompt == f"/desk\n{WARM}"
    assert begun.left
    assert begun.left.conversation == onward.conversation


async def test_more_are_asked_for_in_the_same_tones_and_the_model_is_told_which_are_there(told: Seat) -> None:
    more = says(openings(("warm", "A third way in."), ("warm", WARM)))
    begun = await story(told, "/story brief.md --openings 1 --tones warm", says(openings(BOTH[0])), more)
    await begun.more()
    assert begun.go_on(opening(begun, 1)) is None
    assert told.said[-1:] == ["A reply is still coming in. esc stops it and keeps the text so far."]
    await told.owner.until_ended(2)
    assert texts(begun) == [WARM, "A third way in."]
    turns = told.provider.requests[-1].turns
    assert [turn.role for turn in turns] == ["system", "user", "assistant", "user"]
    assert WARM in turns[2].content
    assert "warm" in turns[0].content


async def test_the_embedded_engine_gives_others_when_asked_for_more(engine: Seat) -> None:
    begun = await story(engine, "/story brief.md --openings 1 --tones plain")
    await begun.more()
    await engine.owner.until_ended(2)
    assert len(texts(begun)) > 1
    assert len(set(texts(begun))) == len(texts(begun))


async def test_where_nothing_is_named_the_last_message_is_offered_and_told_of(told: Seat) -> None:
    await told.workspace.conversations.store("The Tern 4 was built in Aarhus.", conversation=None)
    begun = session(told, "/story", context(told, thread=told.stored))
    await begun.begin()
    assert begun.last_message
    assert begun.last_message.text == "The Tern 4 was built in Aarhus."
    assert begun.left is None
    told.provider.answers = [says(openings(BOTH[0]))]
    await begun.more()
    await told.owner.until_ended(1)
    assert "built in Aarhus" in told.provider.requests[-1].turns[-1].content
    assert begun.left


async def test_starred_openings_are_merged_by_the_model_and_go_to_the_scrap_list(told: Seat) -> None:
    merged = says(openings(("both", "Merged by the model.")))
    begun = await story(told, "/story brief.md", says(openings(*BOTH)), merged)
    assert await begun.merge() is None
    assert len(told.provider.requests) == 1, "there is nothing to merge yet"
    await star_all(begun)
    assert await begun.merge() is None
    await told.owner.until_ended(2)
    assert texts(begun) == ["Merged by the model."]
    assert states(begun) == ["merged", "merged", "fresh"]


async def test_without_a_model_starred_openings_are_joined_to_be_edited_and_undo_parts_them(engine: Seat) -> None:
    begun = await story(engine, "/story brief.md --openings 2 --tones plain,warm")
    await star_all(begun)
    made = await begun.merge()
    assert made
    assert states(begun) == ["merged", "merged", "starred"]
    await begun.edit(made, f"{made.text} Mine")
    assert texts(begun)[0].endswith(" Mine")
    assert engine.undo.done == "Openings 1 and 2 merged"
    await engine.undo.back()
    assert states(begun) == ["starred", "starred", "scrapped"]
    assert opening(begun, 3).text.endswith(" Mine")


async def test_an_opening_is_edited_and_its_tone_counted_again(told: Seat) -> None:
    begun = await story(told, "/story brief.md --openings 1", says(openings(BOTH[0])))
    before = begun.rows[0]
    await begun.edit(before.opening, "  ")
    assert texts(begun) == [WARM], "an opening is not emptied"
    await begun.edit(before.opening, f"{WARM} And more ")
    assert texts(begun) == [f"{WARM} And more"]
    assert begun.rows[0].cells != before.cells


async def test_a_reply_that_stays_cut_keeps_its_openings_and_marks_the_last(told: Seat) -> None:
    text = openings(*BOTH)
    cut = [TextDelta(text[: text.index("7,700")]), Finished("cut")]
    begun = await story(told, "/story brief.md", *[cut] * 5)
    assert [row.opening.problem for row in begun.rows] == ["", CUT]
    assert "cut off" in remarks(begun.rows[1])
    assert texts(begun)[1].startswith("The Tern 4 costs")
    assert told.stored[-1].status == "truncated"


async def test_an_unusable_reply_is_asked_for_once_more_with_the_error(told: Seat) -> None:
    begun = await story(told, "/story brief.md --openings 1", says("I'd rather not."), says(openings(BOTH[0])))
    assert texts(begun) == [WARM]
    assert "no JSON object" in told.provider.requests[-1].turns[-1].content


async def test_a_reply_that_stays_unusable_is_kept_and_marked(told: Seat) -> None:
    quiet = says("The house is quiet.")
    begun = await story(told, "/story brief.md --openings 1", quiet, quiet)
    assert begun.rows[0].opening.problem == "not in the form asked for"


async def test_stopping_keeps_what_came(told: Seat) -> None:
    text = openings(*BOTH)
    begun = session(told, "/story brief.md")
    told.provider.answers = [[TextDelta(text[: text.index("7,700")]), Forever()]]
    await begun.begin()
    await eventually_async(lambda: len(begun.coming) == 2)
    begun.replies.stop()
    await told.owner.until_ended(1)
    assert len(texts(begun)) == 2
    assert told.stored[-1].status == "stopped"
    assert not begun.replies


async def test_a_failure_names_cause_and_remedy_and_is_asked_for_once_more(told: Seat) -> None:
    refused = [ModelError("127.0.0.1:9 refused", "the key is wrong", "Set another.", kind="unauthorized", status=401)]
    begun = await story(told, "/story brief.md --openings 1", refused, says(openings(BOTH[0])))
    assert begun.failed
    assert "\n" in told.errors[0]
    await begun.retry()
    await told.owner.until_ended(2)
    assert not begun.failed
    assert texts(begun) == [WARM]


async def test_what_was_asked_wrongly_is_said_and_nothing_is_sent(told: Seat) -> None:
    begun = session(told, "/story brief.md --openings many")
    await begun.begin()
    assert "it must be a number from 1 to 12" in told.errors[0]
    assert not told.provider.requests
    assert begun.left is None


async def test_a_story_is_opened_again_as_it_was_left(told: Seat) -> None:
    begun = await story(told, "/story brief.md", says(openings(*BOTH)))
    await begun.marks.do("discard", opening(begun, 1))
    reopened = again(told)
    await reopened.begin()
    assert texts(reopened) == [DRY]
    assert states(reopened) == ["scrapped", "fresh"]
    assert len(told.provider.requests) == 1, "looking costs nothing"


async def test_another_profile_is_chosen_for_the_next_openings(told: Seat, home: Path) -> None:
    shipped = (home / "profiles" / "storyteller.md").read_text(encoding="utf-8")
    (home / "profiles" / "poet.md").write_text(shipped.replace("teller", "poet"), encoding="utf-8")
    begun = await story(told, "/story brief.md --openings 1", says(openings(BOTH[0])), says(openings(BOTH[1])))
    await begun.choose(Options(profile="poet"))
    assert told.said[-1].startswith("The next openings come from poet · openai/poet")
    await begun.more()
    await told.owner.until_ended(2)
    assert told.provider.requests[-1].target.profile.name == "poet"
    assert begun.options.profile == "poet"


async def test_what_is_attached_is_told_of_too_and_stays_with_the_story(told: Seat, folder: Path) -> None:
    (folder / "notes.md").write_text("# Notes\n\nIt is made in Porto.\n", encoding="utf-8")
    where = context(told, "notes.md")
    await story(told, "/story brief.md --openings 1", says(openings(BOTH[0])), says(openings(BOTH[1])), where=where)
    sent = told.provider.requests[-1].turns[-1].content
    assert "28 dB(A)" in sent
    assert "made in Porto" in sent
    reopened = again(told)
    await reopened.begin()
    await reopened.more()
    await told.owner.until_ended(2)
    assert "made in Porto" in str(told.provider.requests[-1].turns)


async def test_attached_alone_is_the_source(told: Seat) -> None:
    await story(told, "/story --openings 1", says(openings(BOTH[0])), where=context(told, "brief.md"))
    assert "28 dB(A)" in told.provider.requests[-1].turns[-1].content
