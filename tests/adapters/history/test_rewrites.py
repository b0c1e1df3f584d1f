"""Decisions on hunks, and texts that are not saved yet."""

from __future__ import annotations

from pathlib import Path

from chatspace.adapters.history import Store
from chatspace.core.chat.conversation import Message, ReplyEnd
from chatspace.core.rewriting.decisions import Decided, Decision


def reply_in(store: Store, profile: str = "rewriter", model: str = "m") -> Message:
    conversation = store.conversations.create("Desk")
    asked = store.messages.add(conversation.id, None, "user", "shorter\n\nOne.", step="rewrite")
    reply = store.messages.start_reply(
        conversation.id, asked.id, step="rewrite", profile=profile, model=model, host="h"
    )
    return store.messages.finish_reply(reply.id, ReplyEnd("complete", text="Eins."))


def decided(reply: Message, number: int, decision: Decision, words: int = 0) -> Decided:
    return Decided(reply.id, number, decision, "One.", f"Eins {number}.", "x", words)


def test_a_later_decision_stands_in_the_place_of_an_earlier_and_can_be_taken_back(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        reply = reply_in(store)
        store.rewrites.decide(decided(reply, 1, "accepted"))
        store.rewrites.decide(decided(reply, 1, "rejected"))
        store.rewrites.decide(decided(reply, 2, "edited", 3))
        assert [each.decision for each in store.rewrites.decisions(reply.id)] == ["rejected", "edited"]
        assert store.rewrites.rejected(reply.conversation) == ["Eins 1."]
        store.rewrites.undecide(reply.id, 1)
        assert store.rewrites.rejected(reply.conversation) == []


def test_the_shares_are_told_by_profile_and_model(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        first, second = reply_in(store), reply_in(store)
        other = reply_in(store, model="n")
        for number, decision in enumerate(("accepted", "accepted", "rejected", "edited"), 1):
            store.rewrites.decide(decided(first, number, decision, 2))  # type: ignore[arg-type]  # a tuple of literals
        store.rewrites.decide(decided(second, 1, "accepted"))
        store.rewrites.decide(decided(other, 1, "rejected", 5))
        mine, theirs = store.rewrites.editing()
        assert (mine.model, mine.texts, mine.accepted, mine.rejected, mine.edited) == ("m", 2, 3, 1, 1)
        assert (mine.share("accepted"), mine.words_per_text) == (0.6, 4.0)
        assert (theirs.model, theirs.share("rejected"), theirs.words_per_text) == ("n", 1.0, 5.0)


def test_everything_goes_with_the_conversation(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        reply = reply_in(store)
        store.rewrites.decide(decided(reply, 1, "accepted"))
        store.rewrites.keep_unsaved("file a", "secret", source="", original="", conversation=reply.conversation)
        store.purging.purge([reply.conversation])
        assert store.rewrites.editing() == []
        assert store.rewrites.decisions(reply.id) == []
        assert store.rewrites.unsaved("file a") is None


def test_an_unsaved_text_is_kept_until_it_is_forgotten(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        store.rewrites.keep_unsaved("file a", "one", source="sha256:0", original="zero", conversation=None)
        store.rewrites.keep_unsaved("file a", "two", source="sha256:0", original="zero", conversation=None)
    with Store(tmp_path / "s.db") as store:
        kept = store.rewrites.unsaved("file a")
        assert kept is not None
        assert (kept.text, kept.source, kept.original) == ("two", "sha256:0", "zero")
        store.rewrites.forget_unsaved("file a")
        assert store.rewrites.unsaved("file a") is None
