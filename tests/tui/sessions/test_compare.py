"""A comparison without its screen: who is asked, what comes, whose answer is picked."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest

from chatspace.core.calls.call import ProviderEvent, Request, TextDelta
from chatspace.core.chat.conversation import UnsentPrompt
from chatspace.core.errors import ModelError
from chatspace.core.profiles.options import Options
from chatspace.tui.commands import parse_slash
from chatspace.tui.navigation import ScreenContext, ScreenResult
from chatspace.tui.sessions.compare import CompareSession, state_of
from chatspace.tui.sessions.compared_answer import ComparedAnswer
from tests.doubles import Forever, ScriptedProvider, says
from tests.tui.sessions.conftest import Seat
from tests.waiting import eventually_async

NAMES = ("chat", "quick", "careful")
ALL = ",".join(NAMES)
REFUSED = ModelError("quick-model didn't take the key", kind="unauthorized")

Said = Sequence[ProviderEvent | ModelError | Forever]


class Panel(ScriptedProvider):
    """Everybody says what stands under the name of the profile."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, Said] = {"chat": says("One."), "quick": says("Two."), "careful": says("Three.")}

    async def stream(self, request: Request) -> AsyncIterator[ProviderEvent]:
        self.requests.append(request)
        async for event in ScriptedProvider(self.said[request.target.profile.name]).stream(request):
            yield event


def unfinished(text: str) -> Said:
    return [TextDelta(text), Forever()]


def sent(request: Request) -> list[str]:
    """Turn by turn, without the recipe."""
    return [turn.content for turn in request.turns[1:]]


class Comparing:
    """A session, and what its user sees of it."""

    def __init__(self, seat: Seat, panel: Panel, line: str, context: ScreenContext) -> None:
        typed = parse_slash(line)
        assert typed
        self.seat, self.panel = seat, panel
        self.session = CompareSession(seat.workspace, seat.jobs, seat.owner, context, typed, seat.changes.append)
        seat.owner.session = self.session
        self.jobs = 0
        self.taken: list[str] = []

    def __getitem__(self, name: str) -> ComparedAnswer:
        return next(each for each in self.session.answers if each.candidate.contestant.name == name)

    def choose(self, name: str) -> ComparedAnswer:
        self.session.choose(self.session.answers.index(self[name]))
        return self[name]

    @property
    def texts(self) -> list[str]:
        return [answer.text for answer in self.session.answers]

    async def ask(self, text: str = "Which is best?") -> bool:
        return await self.session.ask(text, (), lambda: self.taken.append(text))

    async def asked(self, text: str = "Which is best?", answers: int = len(NAMES)) -> None:
        """Ask, until so many have ended."""
        assert await self.ask(text)
        await self.ended(answers)

    async def ended(self, answers: int) -> None:
        self.jobs += answers
        await self.seat.owner.until_ended(self.jobs)


Open = Callable[..., Comparing]


@pytest.fixture
def panel() -> Panel:
    return Panel()


@pytest.fixture
def open_session(seat_with: Callable[[ScriptedProvider], Seat], home: Path, panel: Panel) -> Open:
    """As `/compare --profiles` opens it, from a conversation or none."""
    (home / "profiles").mkdir()
    for name in (*NAMES, "unasked"):
        (home / "profiles" / f"{name}.md").write_text(
            f"---\nstep: chat\nmodel: openai/{name}-model\napi_base: http://127.0.0.1:9\n"
            f"price: {{input: 200.0, output: 800.0}}\n---\nYou are {name}.\n",
            encoding="utf-8",
        )
    seat = seat_with(panel)

    def opened(line: str = f"/compare --profiles {ALL}", context: ScreenContext | None = None) -> Comparing:
        return Comparing(seat, panel, line, context or ScreenContext(None, (), Options()))

    return opened


@pytest.fixture
async def three(open_session: Open) -> AsyncIterator[Comparing]:
    """Chat, quick and careful, of whom nobody was asked yet."""
    comparing = open_session()
    await comparing.session.compare_named()
    yield comparing
    await comparing.seat.jobs.stop_all()


async def test_all_answers_are_siblings_of_one_message(three: Comparing) -> None:
    assert state_of(three.session) == "enter asks 3 → 127.0.0.1:9"
    await three.asked()
    assert three.texts == ["One.", "Two.", "Three."]
    assert state_of(three.session).startswith("3 of 3 ended · $")
    assert three.session.title == "Compare: Which is best?"
    question, *replies = three.seat.stored
    assert {reply.parent for reply in replies} == {question.id}
    assert {reply.siblings for reply in replies} == {3}


async def test_the_text_is_let_go_when_it_is_on_disk_and_the_answers_are_still_to_come(three: Comparing) -> None:
    stored = []
    await three.session.ask("Hi", (), lambda: stored.append([message.text for message in three.seat.stored[:1]]))
    assert stored == [["Hi"]]
    assert all(answer.running for answer in three.session.answers)
    assert state_of(three.session) == "0 of 3 ended"


async def test_one_that_breaks_and_one_that_hangs_leave_the_others(three: Comparing) -> None:
    broken = ModelError("It broke", kind="cut")
    three.panel.said |= {"chat": [TextDelta("Half"), broken], "quick": unfinished("Tw")}
    await three.ask()
    await eventually_async(lambda: three["careful"].state == "complete" and three["quick"].text == "Tw")
    await eventually_async(lambda: not three["chat"].running)
    assert (three["chat"].state, three["chat"].text) == ("truncated", "Half")
    assert three["quick"].running


async def test_stopping_one_keeps_its_text_and_lets_the_others_write(three: Comparing) -> None:
    three.panel.said = {name: unfinished(f"{name} so far") for name in NAMES}
    await three.ask()
    await eventually_async(lambda: all(answer.text for answer in three.session.answers))
    three.choose("quick")
    assert three.session.can("stop")
    three.session.stop()
    await three.ended(1)
    assert (three["quick"].state, three["quick"].text) == ("stopped", "quick so far")
    assert not three.session.can("stop")
    assert three["chat"].running
    assert three["careful"].running
    assert state_of(three.session).startswith("1 of 3 ended")


async def test_what_failed_is_asked_again_and_stays_as_a_sibling(three: Comparing) -> None:
    three.panel.said["quick"] = [REFUSED]
    await three.asked()
    failed = three.choose("quick")
    assert failed.state == "failed"
    (shown,) = failed.entries
    assert shown.error
    assert not three.session.can("pick")
    three.panel.said["quick"] = says("Two.")
    assert three.session.can("again")
    three.session.again()
    assert not three.session.can("again")
    await three.ended(1)
    assert (failed.state, failed.text) == ("complete", "Two.")
    assert [entry.text for entry in failed.entries] == ["Two."]
    assert sorted(message.status for message in three.seat.stored[1:]) == ["complete"] * 3 + ["failed"]


async def test_the_conversation_goes_on_from_the_pick_which_is_stored(three: Comparing) -> None:
    await three.asked()
    reply = three.choose("quick").reply
    assert reply
    assert await three.session.pick()
    assert three.session.left("typed meanwhile") == ScreenResult(reply.conversation, reply.id, "typed meanwhile")
    compare = three.seat.workspace.compare
    (kept,) = compare.comparisons()
    assert kept.winner
    assert kept.winner.profile == "quick"
    assert [rival.profile for rival in kept.beaten] == ["chat", "careful"]
    history = three.seat.workspace.history
    thread = history.messages.thread(reply.conversation)
    assert [message.text for message in thread] == ["Which is best?", "Two."]


async def test_a_whole_answer_can_be_picked_while_others_still_write_and_no_other(three: Comparing) -> None:
    three.panel.said["quick"] = unfinished("Two so far")
    await three.ask()
    await eventually_async(lambda: three["chat"].state == "complete" and three["quick"].text)
    three.choose("quick")
    assert not three.session.can("pick")
    assert not await three.session.pick()
    assert three.seat.workspace.compare.comparisons()[0].winner is None
    three.choose("chat")
    await eventually_async(lambda: three.session.can("pick"))
    assert await three.session.pick()


async def test_blind_hides_every_name_until_the_pick_and_keeps_its_order(three: Comparing) -> None:
    random.seed(4)
    three.panel.said["quick"] = [REFUSED]
    await three.asked()
    chosen = three.choose("careful")
    three.session.hide_names(True)
    order = list(three.session.answers)
    assert [answer.name for answer in order] == ["A", "B", "C"]
    assert three.session.chosen is chosen, "the chosen one stays the chosen one"
    assert order != sorted(order, key=lambda answer: NAMES.index(answer.candidate.contestant.name))
    (hidden,) = three["quick"].entries
    assert hidden.error
    assert not any(name in hidden.error for name in ("quick", "127.0.0.1"))
    assert state_of(three.session) == "3 of 3 ended · blind"
    for blind in (False, True):
        three.session.hide_names(blind)
        assert three.session.answers == order
    assert not await three.session.pick(), "first the names are shown"
    assert state_of(three.session) == "careful is picked · enter continues with it"
    assert (three.session.answers, three.session.blind) == (order, False)
    assert [answer.label for answer in order] == ["1", "2", "3"]
    assert await three.session.pick()
    assert three.seat.workspace.compare.comparisons()[0].blind


async def test_a_further_message_goes_to_all_each_behind_its_own_answer(three: Comparing) -> None:
    three.panel.said["careful"] = [REFUSED]
    await three.asked()
    three.panel.said = dict.fromkeys(NAMES, says("Shorter."))
    three.panel.requests.clear()
    assert three.session.can_ask()
    await three.asked("Shorter, please", answers=2)
    assert sorted(map(sent, three.panel.requests)) == [
        ["Which is best?", "One.", "Shorter, please"],
        ["Which is best?", "Two.", "Shorter, please"],
    ]
    quick = three.choose("quick")
    assert [entry.text for entry in quick.entries] == ["Two.", "Shorter, please", "Shorter."]
    assert three.session.title == "Compare: Shorter, please"
    assert await three.session.pick()
    (kept,) = three.seat.workspace.compare.comparisons()
    assert kept.winner
    assert kept.winner.profile == "quick"
    assert quick.reply
    thread = three.seat.workspace.history.messages.thread(quick.reply.conversation)
    assert [message.text for message in thread] == ["Which is best?", "Two.", "Shorter, please", "Shorter."]


async def test_a_further_message_waits_for_the_answers_and_needs_one(three: Comparing) -> None:
    three.panel.said = {name: unfinished("") for name in NAMES}
    assert three.session.can_ask()
    await three.ask()
    assert not three.session.can_ask()
    assert three.seat.said[-1] == "An answer is still coming in. s stops it and keeps the text so far."
    for name in NAMES:
        three.choose(name)
        three.session.stop()
    await three.ended(3)
    assert not three.session.can_ask()
    assert three.seat.said[-1] == "None of the answers can be continued. r retries one."


async def test_what_cannot_be_stored_is_told_and_can_be_asked_once_more(three: Comparing, home: Path) -> None:
    profile = home / "profiles" / "quick.md"
    kept = profile.read_text(encoding="utf-8")
    profile.write_text(kept.replace("step: chat", "step: nothing"), encoding="utf-8")
    assert not await three.ask()
    assert "quick.md" in three.seat.errors[-1]
    assert (three.taken, three.panel.requests, three.session.message) == ([], [], None)
    profile.write_text(kept, encoding="utf-8")
    assert three.session.can_ask()
    await three.asked()
    assert three.taken == ["Which is best?"]


@pytest.mark.parametrize(("names", "says_"), [("chat,chta", "chta"), ("chat", "2 to 6"), ("chat,chat", "twice")])
async def test_a_wrong_name_is_said_and_the_text_goes_back(open_session: Open, names: str, says_: str) -> None:
    comparing = open_session(f"/compare Keep me --profiles {names}")
    await comparing.session.compare_named()
    assert says_ in comparing.seat.errors[-1]
    assert comparing.session.answers == []
    assert not comparing.session.can_ask()
    assert comparing.session.left("Keep me") == ScreenResult(prompt="Keep me")
    assert comparing.seat.workspace.history.conversations.page() == []


async def test_a_model_is_asked_at_the_endpoint_that_it_was_chosen_with(open_session: Open, home: Path) -> None:
    other = home / "profiles" / "careful.md"
    other.write_text(other.read_text(encoding="utf-8").replace("127.0.0.1:9", "127.0.0.1:8"), encoding="utf-8")
    hosts = ["127.0.0.1:9", "127.0.0.1:8"]
    comparing = open_session(f"/compare --profiles {','.join(f'openai/shared@{host}' for host in hosts)}")
    await comparing.session.compare_named()
    assert state_of(comparing.session) == "enter asks 2 → 127.0.0.1:9, 127.0.0.1:8"
    await comparing.asked(answers=2)
    asked = {(request.target.model, request.target.host) for request in comparing.panel.requests}
    assert asked == {("openai/shared", host) for host in hosts}
    assert [answer.reply.host for answer in comparing.session.answers if answer.reply] == hosts


async def test_leaving_with_nothing_asked_leaves_the_prompt_as_it_was(open_session: Open) -> None:
    comparing = open_session(context=ScreenContext(None, (), Options(), prompt="Unsent"))
    assert comparing.session.left("Unsent") is None
    assert comparing.session.left("") is None
    assert comparing.session.left("Unsent, longer") == ScreenResult(prompt="Unsent, longer")


async def test_leaving_without_a_pick_goes_to_the_first_whole_answer_else_to_the_chosen_one(three: Comparing) -> None:
    three.panel.said = {"chat": unfinished("One"), "quick": unfinished("Two"), "careful": says("Three.")}
    await three.ask()
    await eventually_async(lambda: three["careful"].state == "complete" and three["quick"].text)
    whole, chosen = three["careful"], three.choose("quick")
    for expected in (whole, chosen):
        onward = three.session.left("")
        assert onward
        assert expected.reply
        assert onward.leaf == expected.reply.id
        whole.state = "stopped"


async def test_others_can_be_chosen_until_somebody_was_asked(three: Comparing) -> None:
    unasked = three.seat.workspace.compare.candidate("unasked", Options())
    assert three.session.can_choose()
    three.session.compare([three["chat"].candidate, unasked], blind=True)
    assert [answer.name for answer in three.session.answers] == ["A", "B"]
    three.panel.said["unasked"] = says("Four.")
    await three.asked(answers=2)
    assert not three.session.can_choose()
    assert three.seat.said[-1].startswith("These 2 are asked already.")


async def test_it_goes_on_behind_the_conversation_that_it_was_opened_from(three: Comparing, open_session: Open) -> None:
    await three.asked()
    three.choose("chat")
    await three.session.pick()
    thread = tuple(three.seat.workspace.history.messages.thread(three.seat.stored[0].conversation))
    comparing = open_session(context=ScreenContext(thread[-1].conversation, thread, Options()))
    await comparing.session.compare_named()
    three.panel.requests.clear()
    comparing.jobs = three.jobs
    await comparing.asked("And now?")
    assert sent(three.panel.requests[0]) == ["Which is best?", "One.", "And now?"]


async def test_what_stands_unsent_is_kept_where_it_was_written(three: Comparing) -> None:
    prompts = three.seat.workspace.history.prompts
    three.session.keep("Which", ["/brief.md"])
    await three.seat.workspace.prompt_drafts.flush()
    assert prompts.unsent(None) == UnsentPrompt("Which", ("/brief.md",))
    await three.asked()
    await three.seat.workspace.prompt_drafts.flush()
    assert prompts.unsent(None) == UnsentPrompt("")
    three.session.keep("And", [])
    await three.seat.workspace.prompt_drafts.flush()
    assert prompts.unsent(three.seat.stored[0].conversation) == UnsentPrompt("And")
