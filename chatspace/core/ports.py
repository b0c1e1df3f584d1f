"""What the core needs of the world, as protocols that the adapters fulfil.

Stores and readers are synchronous (a face calls them from a thread where that matters); providers stream.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from chatspace.core.call import Call, ProviderEvent, Request
from chatspace.core.conversation import Conversation, Message, MessageStatus, Role, SearchHit
from chatspace.core.document import Source
from chatspace.core.errors import ConfigurationError
from chatspace.core.policy import Pipeline, Policy
from chatspace.core.profile import Channel, MetadataField, Profile, Step, Target, TierProvider
from chatspace.core.run import Artifact, RunRecord, RunResult
from chatspace.core.usage import Usage


class Provider(Protocol):
    def stream(self, request: Request) -> AsyncIterator[ProviderEvent]:
        """Ask a model and hand over its reply as it comes, always ending with `Finished`.

        Closing the iterator ends the request. Raises ModelError; what was handed over before stays valid.
        """
        ...


class Reader(Protocol):
    def read(self, path: Path) -> Source:
        """Raises SourceError for what isn't there, can't be read, is binary, empty or too large."""
        ...

    def read_bytes(self, data: bytes, name: str) -> Source:
        """The same for standard input or pasted text; `name` is what people see."""
        ...


class ProfileLibrary(Protocol):
    """The files that people edit.

    Every method raises ConfigurationError with path, line, field and what is allowed.
    """

    def profile(self, name: str) -> Profile: ...

    def profiles(self) -> Sequence[Profile]: ...

    def policy(self, name: str) -> Policy: ...

    def policies(self) -> Sequence[Policy]: ...

    def pipeline(self, name: str) -> Pipeline: ...

    def pipelines(self) -> Sequence[Pipeline]: ...

    def check(self) -> Sequence[ConfigurationError]:
        """What is wrong in any of the files."""
        ...

    def channel(self, name: str) -> Channel: ...

    def channels(self) -> Sequence[Channel]: ...

    def model_table(self) -> Sequence[TierProvider]:
        """What the tiers stand for, in the order in which they are tried."""
        ...

    def metadata_fields(self) -> Sequence[MetadataField]: ...

    def render(self, profile: Profile, variables: Mapping[str, Any]) -> str:
        """The recipe with its variables filled in."""
        ...


class ModelCatalog(Protocol):
    def resolve(self, profile: Profile, step: Step, *, model: str | None = None, local: bool = False) -> Target:
        """The model that a call of this profile goes to, its tier resolved and its window and price looked up.

        `model` stands in for the profile's own. Raises ModelError(kind="refused") where `local` or the profile's
        `local_only` forbids the host.
        """
        ...

    def models(self, *, local: bool = False) -> Sequence[str]:
        """The names of models that can be called from here, the embedded engine last."""
        ...


class History(Protocol):
    """The stored conversations. Raises StoreError."""

    def recover(self) -> int:
        """Mark the replies of processes that are gone as interrupted; gives their number."""
        ...

    def close(self) -> None: ...

    def create_conversation(self, title: str = "") -> Conversation: ...

    def add_message(
        self, conversation: int, parent: int | None, role: Role, text: str, *, step: str = "chat"
    ) -> Message: ...

    def start_reply(
        self,
        conversation: int,
        parent: int,
        *,
        step: str,
        profile: str,
        model: str,
        host: str,
        why: str = "",
        run: str | None = None,
    ) -> Message:
        """A row of status `streaming` that belongs to this process."""
        ...

    def append(self, message: int, text: str = "", reasoning: str = "") -> None:
        """Store another piece of a growing reply, durably."""
        ...

    def finish_reply(
        self,
        message: int,
        status: MessageStatus,
        *,
        text: str,
        reasoning: str = "",
        usage: Usage | None = None,
        cost_usd: float | None = None,
        first_token_ms: int | None = None,
        elapsed_ms: int | None = None,
        error: str | None = None,
        profile: str | None = None,
        model: str | None = None,
        host: str | None = None,
    ) -> Message:
        """`profile`, `model` and `host` are given where another than the one it started with answered."""
        ...

    def conversation(self, conversation: int) -> Conversation | None: ...

    def conversations(
        self, *, limit: int = 50, before: Conversation | None = None, archived: bool = False
    ) -> Sequence[Conversation]:
        """Newest first, the page after `before`."""
        ...

    def thread(self, conversation: int, leaf: int | None = None) -> Sequence[Message]:
        """The messages from the root to `leaf` (by default where the conversation was left), oldest first."""
        ...

    def messages(self, conversation: int) -> Sequence[Message]:
        """All messages of the tree, oldest first."""
        ...

    def set_leaf(self, conversation: int, leaf: int) -> None: ...

    def rename(self, conversation: int, title: str) -> None: ...

    def archive(self, conversation: int, archived: bool = True) -> None:
        """Take it out of the list, or bring it back."""
        ...

    def set_tags(self, conversation: int, tags: Sequence[str]) -> None: ...

    def delete(self, conversation: int) -> None: ...

    def search(
        self, query: str, *, limit: int = 50, before: int | None = None, by_rank: bool = False
    ) -> Sequence[SearchHit]:
        """Newest first, or the best first among the newest matches.

        `before` is the last message id of the page before.
        """
        ...

    def interrupt(self) -> None:
        """End the searches that run now in other threads; each raises StoreError."""
        ...

    def save_prompt(self, conversation: int | None, text: str) -> None:
        """Keep what stands in the prompt, unsent; an empty text forgets it."""
        ...

    def saved_prompt(self, conversation: int | None) -> str: ...


class Ledger(Protocol):
    """Every call, paid for or not. A finished one is on disk before anything uses it. Raises StoreError."""

    def finished(self, key: str) -> Call | None:
        """The last complete call with this key."""
        ...

    def start(self, call: Call, run: str | None, *, message: int | None = None) -> None:
        """A call that goes out now, for a run or for the reply `message`, with which its text is deleted."""
        ...

    def finish(self, call: Call) -> None: ...


class RunStore(Protocol):
    """The runs and what they made. Raises StoreError."""

    def start_run(self, run: str, source: Source, others: Sequence[Source] = ()) -> None:
        """A run of this source, and of others that go into the same text."""
        ...

    def add_artifact(self, run: str, kind: str, name: str, text: str) -> None: ...

    def finish_run(self, record: RunRecord) -> None: ...

    def run(self, run: str) -> RunRecord | None:
        """One that hasn't ended reads as interrupted, with the calls it has made so far."""
        ...

    def runs(self, *, limit: int = 50, before: str | None = None) -> Sequence[RunRecord]:
        """Newest first; `before` is the id of the last run of the page before."""
        ...

    def left_over(self, source: str) -> Mapping[str, Call]:
        """By key, the calls of runs of this source that are whole, or cut by their length alone.

        A call that a run which ended well has used since is not among them.
        """
        ...

    def artifacts(self, run: str) -> Sequence[Artifact]:
        """In the order in which they were made."""
        ...

    def source(self, source: str) -> Source | None:
        """The source with this id, as it was when it first came."""
        ...


class Clipboard(Protocol):
    def yank(self, text: str) -> str:
        """Put `text` on the clipboard; gives the way that took it. Raises ChatspaceError where none did."""
        ...


class Exporter(Protocol):
    """What leaves for other programs. Raises UsageProblem for a format it doesn't know or a file it may not write."""

    def run_files(self, result: RunResult) -> Mapping[str, bytes]:
        """The files of a run's folder by name."""
        ...

    def render(
        self, result: RunResult, step: Step, format_name: str, *, pretty: bool = False, with_text: bool = True
    ) -> bytes:
        """What one step made, in one of its formats."""
        ...

    def conversation(self, conversation: Conversation, messages: Sequence[Message], format_name: str) -> bytes:
        """A conversation as `md`, `json` or `html`."""
        ...

    def file_name(self, name: str, step: str, format_name: str) -> str:
        """A safe name for what a step made of the source or conversation `name`."""
        ...

    def target(self, path: Path, *, overwrite: bool = False) -> Path:
        """The file to write, checked before anything is paid for."""
        ...

    def run_folder(self, parent: Path, source: str, *, overwrite: bool = False) -> Path:
        """The folder for a run's files, made if it isn't there."""
        ...

    def write(self, path: Path, data: bytes, *, overwrite: bool = False) -> Path:
        """Write a file whole or not at all."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """The ports that every call to a model needs."""

    library: ProfileLibrary
    catalog: ModelCatalog
    provider: Provider
    ledger: Ledger
