"""What the core needs of the world, as protocols that the adapters fulfil.

Stores and readers are synchronous (a face calls them from a thread where that matters); providers stream.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from chatspace.core.calls.budget import Budgets
from chatspace.core.calls.endpoints import Endpoints
from chatspace.core.profiles.rendering import Recipes

if TYPE_CHECKING:
    from chatspace.core.calls.budget import DailyBudgets, Reservation
    from chatspace.core.calls.call import Call, ProviderEvent, Request
    from chatspace.core.calls.endpoints import Limits
    from chatspace.core.calls.offers import AvailableModel, ProviderEndpoint
    from chatspace.core.calls.usage import Usage
    from chatspace.core.chat.comparison import Comparison, ComparisonTarget
    from chatspace.core.chat.conversation import (
        Conversation,
        Message,
        MessageStatus,
        QueuedMessage,
        Role,
        SearchHit,
        SentPrompt,
        Shelf,
        UnsentPrompt,
    )
    from chatspace.core.chat.imported import FiledImport, Found, ImportedConversation
    from chatspace.core.chat.openings import Opening, OpeningState, Proposal
    from chatspace.core.document import Source, Written
    from chatspace.core.errors import ConfigurationError
    from chatspace.core.profiles.policy import HistoricalUsage, Pipeline, Policy
    from chatspace.core.profiles.profile import (
        Channel,
        DeskKey,
        Effort,
        MetadataField,
        Profile,
        Step,
        Target,
        TierProvider,
    )
    from chatspace.core.profiles.settings import Settings, Value
    from chatspace.core.reports.canary import Canary
    from chatspace.core.reports.health import StoreHealth
    from chatspace.core.reports.report import EditCounts, Grouping, PickCounts, Report, RunFacts
    from chatspace.core.rewriting.decisions import Decided, Editing, Unsaved
    from chatspace.core.rewriting.rewrite import Rewrite
    from chatspace.core.runs.run import Artifact, CallRecord, Copy, RunRecord, RunResult, Variant
    from chatspace.core.runs.variants import KeptVariant, Side, VariantState


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

    def add_provider(self, provider: TierProvider) -> Path:
        """Put what the tiers may stand for into the user's own table. Raises UsageProblem and ConfigurationError."""
        ...

    def add_profile(self, name: str, text: str) -> Profile:
        """A new file in the user's own folder, under this name or the next free one; a wrong text leaves none."""
        ...

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

    def endpoints(self) -> Mapping[str, Limits]:
        """What may go to the servers at once and a minute, by host."""
        ...

    def budgets(self) -> DailyBudgets: ...

    def metadata_fields(self) -> Sequence[MetadataField]: ...

    def desk_keys(self) -> Sequence[DeskKey]:
        """What the single keys of the desk ask for."""
        ...

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

    def suppliers(self, profiles: Sequence[Profile], *, local: bool = False) -> Sequence[ProviderEndpoint]:
        """Where models can be asked for: nothing is asked. With `local`, those elsewhere are listed as refused."""
        ...

    def offers(self, supplier: ProviderEndpoint) -> Sequence[AvailableModel]:
        """The models that a supplier lists. Waits for a network; raises ModelError with cause and remedy."""
        ...


class History(Protocol):
    """The stored conversations. Raises StoreError."""

    def recover(self) -> int:
        """Mark the replies of processes that are gone as interrupted; gives their number."""
        ...

    def close(self) -> None: ...

    def create_conversation(self, title: str = "", *, created: datetime | None = None) -> Conversation:
        """`created` is the time of one that comes from elsewhere, here and of a message."""
        ...

    def add_message(
        self,
        conversation: int,
        parent: int | None,
        role: Role,
        text: str,
        *,
        step: str = "chat",
        why: str = "",
        sources: Sequence[Source] = (),
        created: datetime | None = None,
    ) -> Message:
        """`sources` go along with it."""
        ...

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
        effort: Effort | None = None,
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
        reasoning_ms: int | None = None,
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
        self, *, limit: int = 50, before: Conversation | None = None, shelf: Shelf = "current"
    ) -> Sequence[Conversation]:
        """The page after `before`: the pinned ones, then the newest first; of the trash the last deleted first."""
        ...

    def latest(self) -> Conversation | None:
        """The one that changed last, pinned or not, of those that are neither archived nor in the trash."""
        ...

    def thread(self, conversation: int, leaf: int | None = None) -> Sequence[Message]:
        """The messages from the root to `leaf` (by default where the conversation was left), oldest first."""
        ...

    def messages(self, conversation: int) -> Sequence[Message]:
        """All messages of the tree, oldest first."""
        ...

    def set_leaf(self, conversation: int, leaf: int) -> None:
        """The conversation is left at this message, and each message above it at the branch that leads there."""
        ...

    def siblings(self, message: int) -> Sequence[int]:
        """The messages in the place of this one, itself among them, oldest first."""
        ...

    def leaf_under(self, message: int) -> int:
        """The end of the branch below a message that was visited last, else of the newest."""
        ...

    def queue(
        self,
        behind: int,
        text: str,
        *,
        profile: str | None,
        model: str | None,
        effort: str | None,
        sources: Sequence[Source] = (),
    ) -> QueuedMessage:
        """Keep a message that waits for the end of the reply `behind`."""
        ...

    def requeue(self, behind: int, instead: int) -> None:
        """Let what waits for one reply wait for another."""
        ...

    def queued(self, conversation: int) -> Sequence[QueuedMessage]:
        """The messages of all branches that wait, in the order in which they were written."""
        ...

    def unqueue(self, queued: int) -> None: ...

    def rename(self, conversation: int, title: str) -> None: ...

    def archive(self, conversation: int, archived: bool = True) -> None:
        """Take it out of the list, or bring it back."""
        ...

    def set_tags(self, conversation: int, tags: Sequence[str]) -> None: ...

    def pin(self, conversation: int, pinned: bool = True) -> None:
        """Put it on top of its list, or back among the others."""
        ...

    def delete(self, conversation: int) -> None:
        """Put it into the trash, from where `restore` brings it back."""
        ...

    def restore(self, conversation: int) -> None: ...

    def purge(self, conversations: Sequence[int]) -> None:
        """Remove them for good, from the index and the free pages of the file too; none where a reply still grows."""
        ...

    def search(
        self, query: str, *, limit: int = 50, before: int | None = None, by_rank: bool = False
    ) -> Sequence[SearchHit]:
        """Newest first, or the best first among the newest matches; what is put away is found by `in:` alone.

        The filters are `profile: model: tag: title: role: has: in: before: after:`. `before` is the last message id of
        the page before.
        """
        ...

    def excerpt(self, query: str, message: int) -> str:
        """A long piece of a message round its first hit, each hit between the marks; empty where it is gone."""
        ...

    def interrupt(self) -> None:
        """End the searches that run now in other threads; each raises StoreError."""
        ...

    def save_prompt(self, conversation: int | None, text: str, attached: Sequence[str] = ()) -> None:
        """Keep what stands in the prompt, unsent, with the paths of its sources; where there is neither, forget it."""
        ...

    def unsent(self, conversation: int | None) -> UnsentPrompt:
        """What this program keeps, else what one that is gone has left last, which is this one's from now on."""
        ...

    def saved_prompt(self, conversation: int | None) -> str:
        """The text of what is unsent."""
        ...

    def asked(
        self,
        *,
        limit: int = 50,
        before: int | None = None,
        here: int | None = None,
        elsewhere: int | None = None,
        containing: str = "",
    ) -> Sequence[SentPrompt]:
        """What was sent from prompts, newest first, but for the trash.

        `here` is the one conversation to look in, `elsewhere` the one to leave out; every word of `containing` must be
        somewhere in the text. `before` is the last message id of the page before. `interrupt` ends it.
        """
        ...

    def attach(self, message: int, source: Source) -> None:
        """Let a source go along with a message, behind those that do already."""
        ...

    def sources_of(self, messages: Sequence[int]) -> Mapping[int, Sequence[Source]]:
        """Of those of the messages that have any, in their order."""
        ...

    def queued_sources(self, queued: int) -> Sequence[Source]:
        """Those that wait with a message."""
        ...


class Ledger(Protocol):
    """Every call, paid for or not. A finished one is on disk before anything uses it. Raises StoreError."""

    def finished(self, key: str) -> Call | None:
        """The last complete call with this key."""
        ...

    def start(
        self, call: Call, run: str | None, *, message: int | None = None, hold: Reservation | None = None
    ) -> None:
        """A call that goes out now, for a run or for the reply `message`, with which its text is deleted.

        `hold` is put aside until it is finished. Raises BudgetReached where that could pass a limit; then nothing is
        stored.
        """
        ...

    def finish(self, call: Call) -> None: ...

    def usual(self, step: Step) -> Mapping[tuple[str, str], HistoricalUsage]:
        """By profile and model, what the newest complete calls of a step took."""
        ...


class RunStore(Protocol):
    """The runs and what they made. Raises StoreError."""

    def start_run(self, run: str, source: Source, others: Sequence[Source] = ()) -> None:
        """A run of this source, and of others that go into the same text."""
        ...

    def finish_run(self, record: RunRecord, made: Sequence[Artifact] = ()) -> None:
        """The record of a run that has ended, with what it made, all or nothing."""
        ...

    def run(self, run: str) -> RunRecord | None:
        """One that hasn't ended reads as interrupted, with the calls it has made so far."""
        ...

    def runs(self, *, limit: int = 50, before: str | None = None) -> Sequence[RunRecord]:
        """Newest first; `before` is the id of the last run of the page before."""
        ...

    def reusable_calls(self, source: str) -> Mapping[str, Call]:
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


class OpeningStore(Protocol):
    """The openings of stories, each with the reply it came with, with which it is deleted. Raises StoreError."""

    def add_openings(self, run: str, message: int, proposals: Sequence[Proposal]) -> Sequence[Opening]:
        """Keep what came with a reply, numbered on from what its story has already."""
        ...

    def openings(self, run: str) -> Sequence[Opening]:
        """All openings of a story, scrapped ones too, by number."""
        ...

    def mark_opening(self, opening: int, state: OpeningState) -> Opening: ...

    def edit_opening(self, opening: int, text: str) -> Opening: ...


class VariantStore(Protocol):
    """The variants of copy, each with the reply it came with, with which it is deleted. Raises StoreError."""

    def add_variants(self, run: str, message: int, channel: str, variants: Sequence[Variant]) -> None:
        """Keep what came with a reply, numbered on within each field."""
        ...

    def variants(self, run: str) -> Sequence[KeptVariant]:
        """All variants of a run's copy, scrapped ones too, in the order in which they came."""
        ...

    def mark_variant(self, variant: int, state: VariantState) -> None:
        """A scrapped one is no side of a pair any more."""
        ...

    def edit_variant(self, variant: int, text: str) -> None: ...

    def pair_variant(self, variant: int, side: Side | None, instead_of: Sequence[int] = ()) -> None:
        """Make it side A or B in the place of others, or neither."""
        ...

    def count_for(self, run: str, channel: str) -> None:
        """Let a run's variants be counted for another channel."""
        ...


class ComparisonStore(Protocol):
    """Who was asked the same, and which answer was picked; deleted with the message. Raises StoreError."""

    def start_comparison(self, message: int, contestants: Sequence[ComparisonTarget]) -> None:
        """The user's message is put to all of these."""
        ...

    def pick_winner(self, message: int, winner: int, *, blind: bool) -> None:
        """The answer that won; a later pick stands in the place of an earlier."""
        ...

    def comparisons(self, *, limit: int = 50, before: int | None = None) -> Sequence[Comparison]:
        """Newest first; `before` is the message of the last one of the page before."""
        ...


class RewriteStore(Protocol):
    """What was decided on hunks, deleted with their message, and texts not saved yet. Raises StoreError."""

    def decide(self, decided: Decided) -> None:
        """Keep a decision; a later one on the same hunk stands in the place of an earlier."""
        ...

    def undecide(self, message: int, number: int) -> None: ...

    def decisions(self, message: int) -> Sequence[Decided]:
        """In the order of the hunks."""
        ...

    def reusable_rewrite_calls(self) -> Mapping[str, Call]:
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


class Importer(Protocol):
    """What other programs exported, read and never written."""

    def formats(self) -> Sequence[str]: ...

    def read(self, path: Path, format_name: str | None = None) -> Iterator[Found]:
        """One conversation after the other, and what couldn't be read, of a file, an archive or a folder.

        By default each file says its format. Raises SourceError for a path where nothing is, UsageProblem for a format
        that there isn't.
        """
        ...


class ImportStore(Protocol):
    """Takes over conversations, none of them twice. Raises StoreError."""

    def import_conversation(self, found: ImportedConversation, *, dry_run: bool = False) -> FiledImport:
        """Store what isn't here yet of a conversation, all or nothing; with `dry_run` only say what that is."""
        ...


class ReportStore(Protocol):
    """What a report counts. Times are UTC, `since` None is the beginning. Raises StoreError."""

    def calls_between(
        self, since: datetime | None, until: datetime, *, with_runs: bool = False
    ) -> Iterator[tuple[CallRecord, RunFacts | None]]:
        """The calls that were started then, oldest first, without their errors; with their runs where asked for."""
        ...

    def runs_between(self, since: datetime | None, until: datetime) -> Iterator[RunFacts]:
        """The runs that were started then, oldest first; one that hasn't ended reads as interrupted."""
        ...

    def picks(self, since: datetime | None, until: datetime, by: Grouping) -> Sequence[PickCounts]:
        """Who was picked how often in comparisons, by model or else by profile."""
        ...

    def edits(self, since: datetime | None, until: datetime, by: Grouping) -> Sequence[EditCounts]:
        """What was decided on hunks, by model or else by profile."""
        ...

    def made(self, source: str, asked: str) -> RunRecord | None:
        """The last run of a source that went well and was asked for the same."""
        ...

    def paid_before(self, run: str) -> Sequence[CallRecord | None]:
        """Of each answer that a run took from the ledger the call that it came from, None where that is gone."""
        ...


class StoreCare(Protocol):
    def health(self, *, full: bool = False) -> StoreHealth:
        """Reads the whole database; `full` compares each index with its table too. Raises StoreError."""
        ...


class Clipboard(Protocol):
    def yank(self, text: str) -> str:
        """Put `text` on the clipboard; gives the way that took it. Raises ChatspaceError where none did."""
        ...

    def tools(self) -> Sequence[str]:
        """The ways there are, the best first."""
        ...


class SettingsStore(Protocol):
    """The settings in a file that people edit too."""

    @property
    def path(self) -> Path: ...

    @property
    def exists(self) -> bool: ...

    def read(self) -> tuple[Settings, Sequence[ConfigurationError]]:
        """The settings, and what is wrong in the file; what is wrong keeps its default."""
        ...

    def fault(self, place: Sequence[str], reason: str, remedy: str = "") -> ConfigurationError:
        """What is wrong with a setting, with path and line; its place is as in `settings.Fault`."""
        ...

    def change(self, name: str, value: Value) -> None:
        """Write one value and leave everything else as it stands. Raises ChatspaceError."""
        ...

    def create(self) -> Path:
        """The file, with every setting explained, where there is none yet. Raises ChatspaceError."""
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

    def copy(self, copy: Copy, format_name: str) -> bytes:
        """Chosen variants as `csv` or `google-ads-csv`."""
        ...

    def conversation(self, conversation: Conversation, messages: Sequence[Message], format_name: str) -> bytes:
        """A conversation as `md`, `json` or `html`."""
        ...

    def conversation_index(self, entries: Sequence[tuple[str, Conversation]], format_name: str) -> bytes:
        """A list of exported conversations by the names of their files, as `md`, `json` or `html`."""
        ...

    def report_files(self, report: Report) -> Mapping[str, bytes]:
        """A report as files by name: JSON, Markdown and HTML."""
        ...

    def report(self, report: Report, format_name: str) -> bytes:
        """A report as `json`, `md`, `html` or `csv`."""
        ...

    def canary(self, canary: Canary, format_name: str) -> bytes:
        """A canary as `json` or `md`."""
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

    def write(self, path: Path, data: bytes | Iterable[bytes], *, overwrite: bool = False) -> Path:
        """Write a file, given at once or in pieces, whole or not at all."""
        ...

    def write_back(self, path: Path, text: str, like: Path | None = None) -> Written:
        """Write a text in the place of a file, in its encoding and with its line ends where it can be written so.

        A new file is made in the form of the one that it is to be `like`.
        """
        ...

    def content_id(self, path: Path) -> str | None:
        """The id of what a file holds now, as readers give it; None where there is no file."""
        ...

    def rewrite(self, rewrite: Rewrite, name: str, format_name: str) -> bytes:
        """A rewrite of `name` as `diff`, `md` (the new text), `json` or `critic`."""
        ...

    def critic(self, original: str, text: str, rejected: Sequence[tuple[str, str]] = ()) -> bytes:
        """CriticMarkup of what changed; `rejected` is what was left, and what had been proposed for it."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """The ports that every call to a model needs."""

    library: ProfileLibrary
    catalog: ModelCatalog
    provider: Provider
    ledger: Ledger
    endpoints: Endpoints = field(default_factory=Endpoints)
    budgets: Budgets = field(default_factory=Budgets)
    recipes: Recipes = field(default_factory=Recipes)
