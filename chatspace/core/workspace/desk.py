"""The desk: a passage rewritten as the editor asks, and what the editor decides on it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

from chatspace.core.calls.call import Call
from chatspace.core.calls.model_client import ModelClient
from chatspace.core.calls.step_client import StepClient
from chatspace.core.chat.conversation import Message
from chatspace.core.chat.stores import History
from chatspace.core.chat.titles import title_from
from chatspace.core.document import Source
from chatspace.core.errors import SourceError, UsageError
from chatspace.core.events import Emit, MessageStored
from chatspace.core.ports import Exporter, Reader, Tools
from chatspace.core.profiles.options import Options
from chatspace.core.profiles.policy import RouteQuery
from chatspace.core.profiles.profile import Profile, Target
from chatspace.core.rewriting.decisions import Decided, Decision, Editing, Unsaved
from chatspace.core.runs.plan import fallback_targets, for_step, recipe_variables
from chatspace.core.stages.route import decide
from chatspace.core.text.difference import words_changed
from chatspace.core.text.length import words
from chatspace.core.text.tokens import estimate_tokens
from chatspace.core.workspace.reply import reply_to, run_uncancelled

if TYPE_CHECKING:
    from chatspace.core.rewriting.check import PassagePair
    from chatspace.core.rewriting.hunks import Hunk
    from chatspace.core.rewriting.rewrite import Rewrite

STEP: Final = "rewrite"
NOTHING: Mapping[str, Call] = MappingProxyType({})
WRITABLE = (".md", ".markdown", ".mdown", ".txt", ".text")
"""The files that a text can be written back to; others are read and written elsewhere."""


EMPTY = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""The id of a file with nothing in it, which no reader takes."""


class RewriteStore(Protocol):
    """What was decided on hunks, deleted with their message, and texts not saved yet. Raises StoreError."""

    def decide(self, decided: Decided) -> None:
        """Keep a decision; a later one on the same hunk stands in the place of an earlier."""
        ...

    def undecide(self, message: int, number: int) -> None: ...

    def decisions(self, message: int) -> Sequence[Decided]:
        """In the order of the hunks."""
        ...

    def reusable_calls(self) -> Mapping[str, Call]:
        """By key, the whole calls of late rewrites that didn't come to their end, which none has used since."""
        ...

    def rejected(self, conversation: int) -> Sequence[str]:
        """What was proposed in a conversation and turned down, oldest first."""
        ...

    def editing(self) -> Sequence[Editing]:
        """How much editors had to change, by profile and model."""
        ...

    def keep_unsaved(self, key: str, text: str, *, source: str, original: str, conversation: int | None) -> None: ...

    def forget_unsaved(self, key: str) -> None: ...

    def unsaved(self, key: str) -> Unsaved | None: ...


class ChangedMeanwhile(UsageError):
    """The file isn't what it was when the text was opened."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A text on the desk. `path` is the file it is saved to; `key` is where it is kept while it isn't saved.

    `original` is what it began as, `source` the id of the file's content then. `restored` is what was kept unsaved.
    `conversation` holds its rewrites; `owner` is the one that the text comes from. `lost` says what of the file's form
    couldn't be kept when it was saved.
    """

    name: str
    key: str
    original: str
    path: Path | None = None
    source: str = ""
    conversation: int | None = None
    owner: int | None = None
    restored: Unsaved | None = None
    warnings: tuple[str, ...] = ()
    lost: str = ""

    @property
    def text(self) -> str:
        return self.restored.text if self.restored else self.original


class Desk:
    """Opens, rewrites and saves texts. What is heavy is called from threads."""

    def __init__(self, tools: Tools, history: History, store: RewriteStore, reader: Reader, exporter: Exporter) -> None:
        self._tools = tools
        self._history = history
        self._store = store
        self._reader = reader
        self._exporter = exporter

    # Opening and saving

    def open(self, path: Path) -> Opened:
        """A file, or a name for a new one. A text of it that was kept unsaved comes back. Raises SourceError."""
        opened = self.reread(path)
        kept = self._store.unsaved(opened.key)
        if kept is None or kept.text == opened.original:
            return opened
        # What is to be saved stands against the file that it was made from, not against a newer one.
        return replace(
            opened, original=kept.original, source=kept.source, conversation=kept.conversation, restored=kept
        )

    def reread(self, path: Path) -> Opened:
        """The file as it is, whatever was kept of it. Raises SourceError."""
        path = path.absolute()
        own = path if path.suffix.lower() in WRITABLE else None
        there = self._exporter.content_id(path)
        if there is None and not own:
            raise SourceError(
                f"{path}: no such file", remedy="To create a new text, use a name that ends in .md or .txt."
            )
        opened = Opened(path.name, f"file {path}", "", own, there or "")
        if there in (None, EMPTY):
            return opened
        source = self._reader.read(path)
        return replace(opened, original=source.text, source=source.id, warnings=source.warnings)

    def open_message(self, message: Message | None) -> Opened:
        """The text of a message, or an empty one."""
        key = f"message {message.id}" if message else "new"
        kept = self._store.unsaved(key)
        name = title_from(message.text) if message else "a new text"
        owner = message.conversation if message else None
        opened = Opened(name, key, message.text if message else "", owner=owner)
        return opened if kept is None or kept.text == opened.original else replace(opened, restored=kept)

    def keep(self, opened: Opened, text: str, conversation: int | None) -> None:
        """Keep a text that isn't saved; one that is what it began as needn't be kept."""
        if text == opened.original:
            self._store.forget_unsaved(opened.key)
        else:
            self._store.keep_unsaved(
                opened.key,
                text,
                source=opened.source,
                original=opened.original,
                conversation=opened.owner or conversation,
            )

    def save(self, opened: Opened, text: str, *, overwrite: bool = False) -> Opened:
        """Write the text to its file; the same text opened anew.

        Raises ChangedMeanwhile where the file isn't what was opened, unless it is to be written over.
        """
        if opened.path is None:
            raise UsageError(
                f"{opened.name} can't be saved in place",
                "only Markdown and text files can be saved in place",
                "Save it under another name.",
            )
        if not overwrite and self._exporter.content_id(opened.path) not in (None, opened.source):
            raise ChangedMeanwhile(f"{opened.path.name} has changed on disk", "another program wrote to it")
        return self._write(opened, opened.path, text)

    def save_as(self, opened: Opened, text: str, path: Path, *, overwrite: bool = False) -> Opened:
        """Write the text to another file, which it is saved to from now on. Raises UsageError where one exists."""
        if path.suffix.lower() not in WRITABLE:
            raise UsageError(
                f"{path.name} is not a valid name for a text file",
                remedy=f"Use a name that ends in {WRITABLE[0]} or .txt.",
            )
        self._exporter.target(path, overwrite=overwrite)
        path = path.absolute()
        other = replace(opened, name=path.name, key=f"file {path}", path=path)
        saved = self._write(other, path, text, opened.path)
        self._store.forget_unsaved(opened.key)
        return saved

    def _write(self, opened: Opened, path: Path, text: str, like: Path | None = None) -> Opened:
        written = self._exporter.write_back(path, text, like)
        self._store.forget_unsaved(opened.key)
        return replace(opened, original=text, source=written.id, restored=None, lost=written.lost)

    # Asking

    def target(self, options: Options, passage: str = "") -> Target:
        """Where a passage goes. Raises ChatspaceError where the profile isn't for rewriting."""
        profile = self._profile(options, passage)
        return self._tools.targets.of(profile, STEP, options)

    async def propose(
        self,
        passage: str,
        instruction: str,
        options: Options,
        emit: Emit,
        *,
        title: str = "",
        conversation: int | None = None,
    ) -> Message:
        """Store what is asked, ask, and give back the reply: the passage as it is proposed.

        What a rewrite that didn't come to its end has paid for is used, where the same is asked. Raises ChatspaceError;
        what came of the reply is stored.
        """
        if not passage.strip():
            raise UsageError("Nothing to rewrite", remedy="Select a passage, or put the cursor into a paragraph.")
        await asyncio.to_thread(self.target, options, passage)
        message = await self._store_question(passage, instruction, title, conversation)
        emit(MessageStored(message))
        left = {} if options.fresh else await asyncio.to_thread(self._store.reusable_calls)
        return await self.answer(message, options, emit, left)

    async def _store_question(self, passage: str, instruction: str, title: str, conversation: int | None) -> Message:
        parent = None
        if conversation is None:
            conversation = (await run_uncancelled(self._history.conversations.create, title or title_from(passage))).id
        else:
            thread = await asyncio.to_thread(self._history.messages.thread, conversation)
            parent = thread[-1].id if thread else None
        text = f"{' '.join(instruction.split())}\n\n{passage}"
        return await run_uncancelled(self._history.messages.add, conversation, parent, "user", text, step=STEP)

    async def answer(
        self, message: Message, options: Options, emit: Emit, left: Mapping[str, Call] = NOTHING
    ) -> Message:
        """A version of the rewrite that a stored message asks for; a further one where it has some already.

        `left` are calls by key that needn't be paid for again.
        """
        from chatspace.core.stages.rewrite import rewrite  # the parsers load with it

        instruction, passage = asked(message)
        rejected = await asyncio.to_thread(self._store.rejected, message.conversation)
        target = await asyncio.to_thread(self.target, options, passage)
        async with reply_to(message, STEP, target, self._history, emit) as reply:
            fallbacks = await asyncio.to_thread(fallback_targets, target, STEP, options, self._tools)
            client = ModelClient(self._tools, reply.take, message=reply.message.id, cached=left, budget=options.budget)
            rewriter = StepClient(STEP, target, fallbacks, recipe_variables(options, options.channel), client)
            made = await rewrite(passage, rewriter, reply.take, instruction=instruction, rejected=rejected)
            ended = made.error.explained if made.error else None
            return await reply.finish("truncated" if ended else "complete", made.text, ended)

    def _profile(self, options: Options, passage: str) -> Profile:
        """The one the user named, else what the policy decides."""
        library = self._tools.library
        name = options.profile
        if name is None:
            path = library.channel(options.channel).path
            query = RouteQuery(words(passage), estimate_tokens(passage), path, options.sla)
            name = decide(library.policy(options.policy), STEP, query).profile
        return for_step(library.profile(name), STEP)

    def assess(self, passage: PassagePair, instruction: str, reply: Message, sources: Sequence[Source] = ()) -> Rewrite:
        """The hunks of a reply and what the gate says of them. Parses: to be called from a thread."""
        from chatspace.core.rewriting.assess import Answer, assess
        from chatspace.core.runs.findings import named_texts

        profile = next((each for each in self._tools.library.profiles() if each.name == reply.profile), None)
        answer = Answer(reply.text, reply.status == "complete", reply.profile or "", reply.model or "")
        return assess(
            passage,
            instruction,
            answer,
            keep_structure=profile is not None and profile.keep_structure,
            sources=named_texts(sources),
        )

    # Deciding

    def decide(self, reply: int, hunk: Hunk, decision: Decision, text: str | None = None) -> None:
        """Keep what was decided on a hunk; `text` is what the editor made of an edited one."""
        kept = hunk.decided(decision, text)
        self._store.decide(
            Decided(reply, hunk.id, decision, hunk.before, hunk.after, kept, words_changed(hunk.after, kept))
        )

    def undecide(self, reply: int, hunk: Hunk) -> None:
        self._store.undecide(reply, hunk.id)

    def editing(self) -> Sequence[Editing]:
        """How much editors had to change of what was proposed, by profile and model."""
        return self._store.editing()


def asked(message: Message) -> tuple[str, str]:
    """The instruction and the passage of a stored message."""
    instruction, _, passage = message.text.partition("\n\n")
    return instruction, passage
