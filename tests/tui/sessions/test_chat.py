"""The chat without its screen: what is sent, what waits, the branches, and what stands unsent in the prompt."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from textual import message
from textual.message_pump import MessagePump

from chatspace import locations
from chatspace.core.calls.call import Finished, ProviderEvent, Request, TextDelta
from chatspace.core.chat.conversation import Message, UnsentPrompt
from chatspace.core.document import Source
from chatspace.core.errors import ModelError
from chatspace.tui.jobs import JobEnded, JobHappened, Jobs
from chatspace.tui.navigation import ScreenResult
from chatspace.tui.sessions.changed import Changed
from chatspace.tui.sessions.chat import ChatSession
from chatspace.wiring import Workspace
from tests.waiting import eventually_async


class Model:
    """Answers `On <message>.` in two pieces; of a question that comes while it is held, the second waits."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.errors: list[ModelError] = []
        self.going = asyncio.Event()
        self.going.set()

    async def stream(self, request: Request) -> AsyncIterator[ProviderEvent]:
        self.requests.append(request)
        going = self.going
        if self.errors:
            raise self.errors.pop(0)
        yield TextDelta("On ")
        await going.wait()
        yield TextDelta(f"{request.turns[-1].content}.")
        yield Finished("stop")

    def hold(self) -> asyncio.Event:
        """Let what is asked from now on wait for this event."""
        self.going = asyncio.Event()
        return self.going

    def go(self) -> None:
        """What is asked from now on is answered at once."""
        self.going.set()

    @property
    def asked(self) -> list[list[str]]:
        """What went to the model, turn by turn, without the recipe."""
        return [[turn.content for turn in request.turns[1:]] for request in self.requests]


class Written:
    """What stands in a prompt."""

    def __init__(self) -> None:
        self.text = ""
        self.paths: tuple[str, ...] = ()
        self.sources: tuple[Source, ...] = ()

    def write(self, text: str) -> None:
        self.text = text

    def put(self, unsent: UnsentPrompt) -> None:
        self.text, self.paths, self.sources = unsent.text, unsent.attached, ()

    def take_sources(self) -> tuple[Source, ...]:
        sources, self.sources = self.sources, ()
        return sources

    def give_back(self, sources: Sequence[Source]) -> None:
        self.sources += tuple(sources)


class User(MessagePump):
    """Who writes in a chat, with everything that the session reports."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.workspace = Workspace(models=self.model)
        self.prompt = Written()
        self.jobs = Jobs()
        self.changes: list[Changed] = []
        self.session = ChatSession(self.workspace, self.jobs, self, self.prompt, self.changes.append)

    def post_message(self, message: message.Message) -> bool:
        if isinstance(message, JobHappened):
            self.session.take(message.job, message.event)
        elif isinstance(message, JobEnded):
            self.session.ended(message.job, message.error)
        return True

    def send(self, text: str) -> None:
        self.prompt.text = text
        self.session.submit(text)

    async def until(self, predicate: Callable[[], object]) -> None:
        await eventually_async(predicate, 8)

    async def exchange(self, *texts: str) -> None:
        """Send these, each with its reply."""
        for text in texts:
            self.send(text)
            await self.answered(text)

    async def answered(self, text: str) -> None:
        await self.until(lambda: self.texts[-1:] == [f"On {text}."])
        await self.rest()

    async def begin(self, text: str = "One") -> None:
        """A reply that has begun and doesn't end by itself."""
        self.model.hold()
        self.send(text)
        await self.until(lambda: self.session.job and self.session.job.live.text)

    async def rest(self) -> None:
        """Until nothing is written any more."""
        await self.until(lambda: not self.session.job)

    async def shows(self, *texts: str) -> None:
        await self.until(lambda: self.texts == list(texts))

    @property
    def texts(self) -> list[str]:
        return [one.text for one in self.session.branch.thread]

    @property
    def waiting(self) -> list[str]:
        return [one.text for one in self.session.queue.waiting]

    @property
    def said(self) -> list[str]:
        return [change.notice for change in self.changes if change.notice]

    @property
    def errors(self) -> list[str]:
        return [change.error.explained for change in self.changes if change.error]

    @property
    def conversation(self) -> int:
        assert self.session.branch.conversation is not None
        return self.session.branch.conversation

    def stored(self) -> Sequence[Message]:
        return self.workspace.history.messages.all(self.conversation)

    def queued(self) -> list[str]:
        return [one.text for one in self.workspace.history.queue.waiting(self.conversation)]

    async def leave(self) -> None:
        await self.jobs.stop_all()
        await self.session.close()


@pytest.fixture
async def users(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[[], User]]:
    """Profiles with a model, and who writes to it; each call is another start of the program."""
    monkeypatch.chdir(tmp_path)
    (home / "profiles").mkdir()
    for name in ("chat", "quick"):
        (home / "profiles" / f"{name}.md").write_text(
            f"---\nstep: chat\nmodel: openai/{name}-model\napi_base: http://127.0.0.1:9\n---\nYou are {name}.\n",
            encoding="utf-8",
        )
    opened: list[User] = []

    def user() -> User:
        opened.append(User())
        return opened[-1]

    yield user
    for each in opened:
        await each.leave()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    for each in opened:
        each.workspace.history.close()


@pytest.fixture
def user(users: Callable[[], User]) -> User:
    return users()


# What waits


async def test_messages_wait_in_order_and_are_sent_one_after_the_other(user: User) -> None:
    await user.begin()
    user.send("Two")
    user.send("Three")
    assert user.waiting == ["Two", "Three"], "at once"
    assert user.prompt.text == ""
    await user.until(lambda: user.queued() == ["Two", "Three"])
    user.model.go()
    await user.shows("One", "On One.", "Two", "On Two.", "Three", "On Three.")
    await user.until(lambda: not user.queued())
    assert user.waiting == []
    assert user.model.asked[-1] == ["One", "On One.", "Two", "On Two.", "Three"]


async def test_what_is_written_before_anything_is_stored_waits_in_its_order(user: User) -> None:
    for text in ("One", "Two", "Three"):
        user.send(text)
    await user.shows("One", "On One.", "Two", "On Two.", "Three", "On Three.")


async def test_what_was_typed_behind_enter_stays_in_the_prompt(user: User) -> None:
    user.prompt.text = "Onemore"
    user.session.submit("One")
    assert user.prompt.text == "more"
    await user.until(lambda: user.texts == ["One", "On One."])


async def test_the_last_that_waits_is_taken_back_above_what_is_being_written(user: User) -> None:
    await user.begin()
    user.send("Two")
    user.send("Three")
    await user.until(lambda: user.queued() == ["Two", "Three"])
    user.prompt.text = "begun"
    user.session.take_back(user.session.queue.waiting[-1])
    assert user.prompt.text == "Three\n\nbegun"
    assert user.waiting == ["Two"]
    await user.until(lambda: user.queued() == ["Two"])
    assert user.workspace.history.prompts.saved(user.conversation) == "Three\n\nbegun", "before it left the queue"


async def test_what_is_taken_back_before_it_is_stored_is_stored_nowhere(user: User) -> None:
    await user.begin()
    user.send("Two")
    user.session.take_back(user.session.queue.waiting[-1])
    user.send("Three")
    await user.until(lambda: user.queued() == ["Three"])
    assert user.waiting == ["Three"]


async def test_a_message_that_gets_the_number_of_one_that_was_taken_back_is_sent(user: User) -> None:
    await user.begin()
    user.send("Two")
    await user.until(lambda: user.queued() == ["Two"])
    number = user.session.queue.waiting[0].id
    user.session.edit(f"queued {number}")
    await user.until(lambda: not user.queued())
    user.send("Other")
    await user.until(lambda: user.queued() == ["Other"])
    assert user.session.queue.waiting[0].id == number
    user.model.go()
    await user.shows("One", "On One.", "Other", "On Other.")


async def test_what_waits_for_a_stopped_reply_is_sent_once_that_is_tried_again(user: User) -> None:
    await user.begin()
    user.send("Two")
    assert user.session.step_back()
    await user.until(lambda: user.texts == ["One", "On "] and not user.session.job)
    assert user.waiting == ["Two"]
    assert len(user.model.requests) == 1
    user.model.go()
    user.session.again()
    await user.shows("One", "On One.", "Two", "On Two.")


async def test_a_failed_reply_holds_the_queue(user: User) -> None:
    user.model.errors = [ModelError("It broke", kind="unauthorized")]
    user.send("One")
    user.send("Two")
    await user.until(lambda: user.waiting == ["Two"] and not user.session.job)
    assert user.session.branch.thread[-1].status == "failed"
    assert len(user.model.requests) == 1


async def test_what_waits_is_sent_as_it_was_meant_when_it_was_written(user: User) -> None:
    await user.begin()
    user.send("/profile quick")
    await user.until(lambda: user.session.options.current.profile == "quick")
    user.send("Two")
    user.send("/profile chat")
    await user.until(lambda: user.session.options.current.profile == "chat")
    user.model.go()
    await user.shows("One", "On One.", "Two", "On Two.")
    assert [request.target.model for request in user.model.requests] == ["openai/chat-model", "openai/quick-model"]


async def test_what_waits_survives_the_program_and_is_not_sent_by_reopening(users: Callable[[], User]) -> None:
    user = users()
    await user.begin()
    user.send("Two")
    await user.leave()
    later = users()
    await later.session.switch.open(later.workspace.history.conversations.page()[0])
    await later.until(lambda: later.waiting == ["Two"])
    assert later.model.requests == []


# The tree


async def test_another_reply_stands_beside_the_first_and_both_can_be_walked_to(user: User) -> None:
    await user.exchange("One")
    first = user.session.branch.thread[-1]
    user.session.again(first.id)
    await user.until(lambda: user.texts == ["One", "On One."] and user.session.branch.thread[-1].sibling == 2)
    await user.rest()
    assert user.model.asked == [["One"], ["One"]], "the other reply is no context"
    user.session.walk(None, -1)
    await user.until(lambda: user.session.branch.thread[-1].id == first.id)
    user.session.walk(None, -1)  # there is none before the first
    user.session.walk(None, 1)
    await user.until(lambda: user.session.branch.thread[-1].sibling == 2)


async def test_an_edited_message_stands_beside_the_old_one_and_the_prompt_comes_back(user: User) -> None:
    await user.exchange("One", "Two")
    first = user.session.branch.thread[0]
    user.prompt.text = "unsent"
    assert user.session.edit(first.id)
    assert user.prompt.text == "One"
    assert user.session.target.current
    assert user.session.target.current.said.startswith("editing message 1 ")
    user.send("Other")
    assert user.prompt.text == "unsent"
    await user.shows("Other", "On Other.")
    await user.rest()
    assert user.model.asked[-1] == ["Other"]
    user.session.walk(None, -1)
    await user.shows("One", "On One.", "Two", "On Two.")


async def test_giving_an_edit_up_brings_the_prompt_back_and_sends_nothing(user: User) -> None:
    await user.exchange("One")
    user.prompt.text = "unsent"
    user.session.edit(user.session.branch.thread[0].id)
    assert user.session.step_back()
    assert user.prompt.text == "unsent"
    assert user.session.target.current is None
    assert not user.session.step_back(), "nothing is left to give up"


async def test_a_reply_edited_by_hand_is_what_the_next_message_goes_on_from(user: User) -> None:
    await user.exchange("One")
    user.session.edit(None)
    user.send("By hand")
    await user.shows("One", "By hand")
    assert user.session.branch.thread[-1].why == "edited by hand"
    await user.exchange("Two")
    assert user.model.asked[-1] == ["One", "By hand", "Two"]


async def test_a_branch_begins_behind_any_reply_and_giving_up_leads_back(user: User) -> None:
    await user.exchange("One", "Two")
    reply = user.session.branch.thread[1]
    assert user.session.branch_behind(reply.id)
    assert user.texts == ["One", "On One."]
    user.session.step_back()
    await user.shows("One", "On One.", "Two", "On Two.")
    assert user.session.branch_behind(reply.id)
    await user.exchange("Three")
    assert user.texts == ["One", "On One.", "Three", "On Three."]
    assert user.model.asked[-1] == ["One", "On One.", "Three"]


async def test_no_branch_begins_before_the_first_message(user: User) -> None:
    await user.exchange("One")
    assert not user.session.branch_behind(user.session.branch.thread[0].id)
    assert "The conversation begins here" in user.said[-1]


async def test_reopening_comes_back_to_the_branch_that_was_left(users: Callable[[], User]) -> None:
    user = users()
    await user.exchange("One")
    user.session.edit(user.session.branch.thread[0].id)
    user.send("Other")
    await user.shows("Other", "On Other.")
    await user.rest()
    user.session.walk(None, -1)
    await user.shows("One", "On One.")
    await user.leave()
    later = users()
    await later.session.switch.open(later.workspace.history.conversations.page()[0])
    assert later.texts == ["One", "On One."]


async def test_a_reply_that_is_still_coming_is_neither_edited_nor_asked_for_again(user: User) -> None:
    await user.begin()
    assert not user.session.edit(None)
    user.session.again()
    assert user.said == ["This reply is still coming in. esc stops it and keeps the text so far."] * 2


async def test_what_waits_on_one_branch_is_not_sent_on_another(user: User) -> None:
    await user.exchange("One")
    held = user.model.hold()
    user.session.again()
    await user.until(lambda: user.session.job and user.session.job.live.text)
    user.send("Two")
    assert user.waiting == ["Two"]
    user.session.walk(None, -1)
    await user.shows("One", "On One.")
    await user.until(lambda: not user.waiting)
    user.model.hold().set()
    user.session.again()
    await user.until(lambda: user.session.branch.thread[-1].sibling == 3)
    await user.rest()
    assert [turns[-1] for turns in user.model.asked] == ["One", "One", "One"]
    held.set()
    await user.until(lambda: [turns[-1] for turns in user.model.asked] == ["One", "One", "One", "Two"])
    await user.until(lambda: not user.queued())
    assert user.texts == ["One", "On One."], "the branch in sight stays"


async def test_a_reply_is_answered_while_its_sibling_is_written_and_the_two_do_not_mix(user: User) -> None:
    await user.exchange("One")
    held = user.model.hold()
    user.session.again()
    await user.until(lambda: user.session.job and user.session.job.live.text)
    user.session.walk(None, -1)
    await user.shows("One", "On One.")
    assert user.session.job is None, "what is written is on another branch"
    user.model.hold().set()
    user.session.again()
    await user.until(lambda: user.session.branch.thread[-1].sibling == 3)
    await user.rest()
    assert user.texts == ["One", "On One."]
    user.session.walk(None, -1)
    await user.until(lambda: user.session.job)
    held.set()
    await user.until(lambda: user.texts == ["One", "On One."] and not user.session.job)
    assert [one.status for one in user.stored()] == ["complete"] * 4


async def test_a_new_conversation_begins_empty_and_the_old_one_goes_on(user: User) -> None:
    await user.begin()
    first = user.conversation
    user.session.switch.new()
    assert user.texts == []
    assert user.session.job is None
    user.model.go()
    await user.until(lambda: user.workspace.history.messages.thread(first)[-1].status == "complete")
    assert user.texts == []


async def test_the_preview_counts_what_the_next_message_goes_on_from(user: User) -> None:
    def tokens() -> int:
        outlook = user.session.preview.outlook
        return outlook.tokens if outlook else 0

    long = "word " * 400
    await user.exchange(long.strip(), "Two")
    await user.until(lambda: tokens() > 800)
    user.session.edit(user.session.branch.thread[0].id)
    user.prompt.text = "Other"
    user.session.refresh()
    await user.until(lambda: 0 < tokens() < 100)


# Who answers


async def test_a_model_and_an_effort_are_chosen_for_the_next_messages(user: User) -> None:
    user.send("/model openai/other")
    await user.until(lambda: user.session.options.current.model)
    for effort in ("low", "medium", "high", "off", None):
        user.session.options.think_next()
        assert user.session.options.current.effort == effort
    user.send("/think high")
    assert user.session.options.current.effort == "high"
    user.send("/think hard")
    assert user.said[-1].endswith("/think off, low, medium, high or profile changes it.")
    await user.exchange("One")
    assert user.model.requests[0].target.model == "openai/other"


async def test_an_unknown_profile_is_refused_and_the_old_one_stays(user: User) -> None:
    user.send("/profile quikc")
    await user.until(lambda: user.errors)
    assert "quick" in user.errors[0]
    assert user.session.options.current.profile is None


async def test_a_conversation_goes_on_with_who_answered_there_and_a_new_one_as_usual(user: User) -> None:
    user.send("/profile quick")
    await user.until(lambda: user.session.options.current.profile == "quick")
    await user.exchange("One")
    first = user.workspace.history.conversations.get(user.conversation)
    assert first
    user.session.switch.new()
    user.send("/profile chat")
    await user.until(lambda: user.session.options.current.profile == "chat")
    await user.session.switch.open(first)
    assert user.session.options.current.profile == "quick"
    user.session.switch.new()
    assert user.session.options.current.profile == "chat"


async def test_a_command_that_wants_a_screen_is_given_back_and_an_unknown_one_stays_in_the_prompt(user: User) -> None:
    user.prompt.text = "/find winter"
    typed = user.session.submit("/find winter")
    assert typed
    assert (typed.name, typed.text, user.prompt.text) == ("find", "winter", "")
    user.send("/darft brief.md")
    assert "/draft" in user.errors[-1]
    assert user.prompt.text == "/darft brief.md"


# When something goes wrong


async def test_a_failed_reply_is_tried_again_and_is_no_context_of_its_other_version(user: User) -> None:
    user.model.errors = [ModelError("It broke", kind="unauthorized")]
    user.send("One")
    await user.until(lambda: user.texts == ["One", ""] and not user.session.job)
    assert user.stored()[1].status == "failed"
    user.session.again()
    await user.shows("One", "On One.")
    assert user.model.asked[-1] == ["One"]


async def test_what_could_not_be_stored_stands_in_the_prompt_again(user: User) -> None:
    user.send("/draft missing.md")
    user.prompt.text = "meanwhile"
    await user.until(lambda: user.prompt.text == "/draft missing.md\n\nmeanwhile")
    failed = [change.text for change in user.changes if change.part == "failure"]
    assert "missing.md" in failed[0]


async def test_what_could_not_be_stored_elsewhere_is_unsent_there(user: User) -> None:
    await user.exchange("One")
    first = user.workspace.history.conversations.get(user.conversation)
    assert first
    user.send("/draft missing.md")
    user.session.switch.new()
    await user.until(lambda: user.workspace.history.prompts.saved(first.id) == "/draft missing.md")
    assert user.prompt.text == ""


async def test_a_conversation_is_exported_and_an_empty_one_is_not(user: User) -> None:
    user.send("/export talk.md")
    await user.until(lambda: user.said == ["There is nothing to export yet."])
    await user.exchange("One")
    user.send("/export talk.md")
    await user.until(lambda: "Written to talk.md" in user.said)
    assert "On One." in Path("talk.md").read_text("utf-8")


# What stands unsent


async def test_every_conversation_keeps_what_is_unsent_in_it(user: User) -> None:
    await user.exchange("One")
    first = user.workspace.history.conversations.get(user.conversation)
    assert first
    user.prompt.text = "for the first"
    user.session.switch.new()
    user.prompt.text = "for a new one"
    opening = user.session.switch.open(first)
    user.prompt.text += ", typed meanwhile"
    await opening
    assert user.prompt.text == "for the first, typed meanwhile"
    user.session.switch.new()
    assert user.prompt.text == ""
    await user.until(lambda: user.prompt.text == "for a new one")


async def test_what_was_kept_before_the_first_message_does_not_come_back_behind_it(user: User) -> None:
    user.send("One")
    user.send("Two")  # kept for a conversation that has yet to begin
    await user.shows("One", "On One.", "Two", "On Two.")
    await user.rest()
    user.session.switch.new()
    await user.leave()
    assert user.prompt.text == ""
    assert user.workspace.history.prompts.saved(None) == ""


async def test_what_was_unsent_at_the_end_is_there_at_the_next_start(users: Callable[[], User]) -> None:
    user = users()
    user.prompt.text = "Not sent yet"
    await user.leave()
    user.workspace.history.close()
    later = users()
    await later.session.switch.begin()
    assert later.prompt.text == "Not sent yet"


async def test_the_screen_that_was_left_says_what_stands_in_the_prompt(user: User) -> None:
    user.prompt.text = "left and typed"
    await user.session.switch.go_on(ScreenResult(prompt="new"), "left")
    assert user.prompt.text == "new and typed"


async def test_a_deleted_conversation_leaves_the_screen_and_comes_back_when_it_is_restored(user: User) -> None:
    await user.exchange("One")
    history, id_ = user.workspace.history, user.conversation
    history.conversations.delete(id_)
    filed = history.conversations.get(id_)
    assert filed
    user.session.switch.filed(filed)
    assert user.texts == []
    history.conversations.restore(id_)
    restored = history.conversations.get(id_)
    assert restored
    user.session.switch.filed(restored)
    await user.shows("One", "On One.")


# While another program writes


async def test_nothing_waits_for_another_program_that_writes_and_all_is_stored_afterwards(user: User) -> None:
    await user.begin()
    with closing(sqlite3.connect(locations.database(), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        loop = asyncio.get_running_loop()
        began = loop.time()
        user.send("Two")
        user.send("Three")
        user.prompt.text = "half a sentence"
        user.session.keep()
        await asyncio.sleep(0)
        assert loop.time() - began < 1, "the other program is waited for"
        assert user.waiting == ["Two", "Three"]
        assert user.queued() == []
        other.execute("ROLLBACK")
    await user.session.close()
    assert user.queued() == ["Two", "Three"]
    assert user.workspace.history.prompts.saved(user.conversation) == "half a sentence"
