"""A reply as its events report it."""

from datetime import UTC, datetime

from chatspace.core.chat.conversation import Message
from chatspace.core.events import (
    CallDelayed,
    DeltaReceived,
    MessageStored,
    ReplyFinished,
    ReplyStarted,
    StageStarted,
    Warned,
)
from chatspace.core.live.reply import LiveReply

NOW = datetime(2026, 3, 12, tzinfo=UTC)
QUESTION = Message(1, 7, None, "user", "Which?", NOW)
ANSWER = Message(2, 7, 1, "assistant", "", NOW, "streaming")


def test_it_knows_the_newest_message_that_is_stored() -> None:
    live = LiveReply()
    seen = [(live.last, live.message)]
    for event in (MessageStored(QUESTION), ReplyStarted(ANSWER), ReplyFinished(ANSWER)):
        live.take(event)
        seen.append((live.last, live.message))
    assert seen == [(None, None), (QUESTION, None), (ANSWER, ANSWER), (ANSWER, ANSWER)]
    assert live.question == QUESTION


def test_text_and_thoughts_are_kept_apart_and_thinking_ends_with_the_first_word() -> None:
    live = LiveReply()
    live.take(DeltaReceived("chat", "hm", reasoning=True))
    assert live.thinking
    assert live.first == live.thought_from
    live.take(DeltaReceived("chat", " so", reasoning=True))
    live.take(DeltaReceived("chat", "Yes"))
    live.take(DeltaReceived("chat", "."))
    assert (live.text, live.reasoning, live.thinking) == ("Yes.", "hm so", False)
    assert live.thought_until is not None


def test_it_says_what_it_waits_for_and_where_it_is() -> None:
    live = LiveReply()
    live.take(StageStarted("draft"))
    live.take(CallDelayed("api.example.com", 3.0, "it reported too many requests"))
    assert (live.stage, live.note) == ("draft", "waiting for api.example.com: it reported too many requests")
    live.take(Warned("nothing that changes it"))
    assert live.text == ""
