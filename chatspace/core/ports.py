"""What the core needs of the world, as protocols that the adapters fulfil.

Stores and readers are synchronous (a face calls them from a thread where that matters); providers stream.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from chatspace.core.calls.budget import Budgets
from chatspace.core.calls.endpoints import Endpoints
from chatspace.core.profiles.rendering import Recipes
from chatspace.core.targets import Targets

if TYPE_CHECKING:
    from chatspace.core.calls.budget import DailyBudgets, Reservation
    from chatspace.core.calls.call import Call, ProviderEvent, Request
    from chatspace.core.calls.endpoints import Limits
    from chatspace.core.calls.offers import AvailableModel, ProviderEndpoint
    from chatspace.core.chat.conversation import (
        Conversation,
        Message,
    )
    from chatspace.core.chat.imported import Found
    from chatspace.core.document import Source, Written
    from chatspace.core.errors import ConfigurationError
    from chatspace.core.profiles.policy import HistoricalUsage, Pipeline, Policy
    from chatspace.core.profiles.profile import (
        Channel,
        DeskKey,
        MetadataField,
        Profile,
        Step,
        Target,
        TierProvider,
    )
    from chatspace.core.profiles.settings import Settings, Value
    from chatspace.core.registry import AnyImporter, Format
    from chatspace.core.reports.canary import Canary
    from chatspace.core.reports.health import StoreHealth
    from chatspace.core.reports.report import Report
    from chatspace.core.rewriting.rewrite import Rewrite
    from chatspace.core.runs.run import Copy, RunResult


class Provider(Protocol):
    def stream(self, request: Request) -> AsyncIterator[ProviderEvent]:
        """Ask a model and hand over its reply as it comes, always ending with `Finished`.

        Closing the iterator ends the request. Raises ModelError; what was handed over before stays valid.
        """
        ...


class Reader(Protocol):
    def suffixes(self) -> frozenset[str]:
        """The endings of the files that a folder stands for."""
        ...

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
        """Put what the tiers may stand for into the user's own table. Raises UsageError and ConfigurationError."""
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
    def resolve(
        self,
        profile: Profile,
        step: Step,
        *,
        model: str | None = None,
        supplier: ProviderEndpoint | None = None,
        local: bool = False,
    ) -> Target:
        """The model that a call of this profile goes to, its tier resolved and its window and price looked up.

        `model` stands in for the profile's own, at the endpoint of `supplier` where there is one. A name that a user
        chose is turned into both by Targets. Raises ModelError(kind="refused") where `local` or the profile's
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


class Importer(Protocol):
    """What other programs exported, read and never written."""

    def formats(self) -> Mapping[str, AnyImporter]:
        """What can be imported, by name."""
        ...

    def read(self, path: Path, format_name: str | None = None) -> Iterator[Found]:
        """One conversation after the other, and what couldn't be read, of a file, an archive or a folder.

        By default each file says its format. Raises SourceError for a path where nothing is, UsageError for a format
        that there isn't.
        """
        ...


class StoreCare(Protocol):
    def check(self, *, full: bool = False) -> StoreHealth:
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


class OutputFolder(Protocol):
    """A folder that a run or a batch fills, below one that the user named. Raises UsageError."""

    @property
    def path(self) -> Path: ...

    def check(self, names: Iterable[str], *, overwrite: bool = False) -> None:
        """Raises UsageError where a file was changed since it was written, or is somebody else's, unless `overwrite`.

        Raises it in any case where a link leads out of the folder that the user named. A file that isn't there is fine.
        """
        ...

    def holds(self, names: Iterable[str]) -> bool:
        """Whether these files are there, none of them left by a program that was killed while it replaced them."""
        ...

    def put(self, files: Mapping[str, bytes], *, overwrite: bool = False) -> None:
        """Write files, each whole or not at all, the record last; all are checked, and each once more at its turn.

        None at all ends what a program that was killed had begun.
        """
        ...


class Exporter(Protocol):
    """What leaves for other programs. Raises UsageError for a format it doesn't know or a file it may not write."""

    def formats(self, kind: str) -> Mapping[str, Format]:
        """The formats for values of one kind, or for what a stage makes, by name; the first is the usual one."""
        ...

    def run_files(self, result: RunResult) -> Mapping[str, bytes]:
        """The files of a run's folder by name; its record has their hashes."""
        ...

    def run_file_names(self, steps: Iterable[str], others: int = 0) -> Sequence[str]:
        """The files that a run through these steps writes; `others` are the sources beside the main one."""
        ...

    def folder(self, root: Path, name: str, originals: Callable[[], Mapping[str, bytes]]) -> OutputFolder:
        """The folder `name` below `root`. `originals` finds what was written there by a version that kept no hashes."""
        ...

    def render(
        self, result: RunResult, step: Step, format_name: str, *, pretty: bool = False, with_text: bool = True
    ) -> bytes:
        """What one step made, in one of its formats."""
        ...

    def copy(self, copy: Copy, format_name: str) -> bytes:
        """Chosen variants, as their channel imports them."""
        ...

    def conversation(self, conversation: Conversation, messages: Sequence[Message], format_name: str) -> bytes:
        """A conversation with these messages."""
        ...

    def conversation_index(self, entries: Sequence[tuple[str, Conversation]], format_name: str) -> bytes:
        """A list of exported conversations by the names of their files."""
        ...

    def report_files(self, report: Report) -> Mapping[str, bytes]:
        """A report as files by name: JSON, Markdown and HTML."""
        ...

    def report(self, report: Report, format_name: str) -> bytes:
        """A report in one of its formats."""
        ...

    def canary(self, canary: Canary, format_name: str) -> bytes:
        """A comparison of two pipelines in one of its formats."""
        ...

    def file_name(self, name: str, kind: str, format_name: str) -> str:
        """A safe name for a file of this kind, made of the source or conversation `name`."""
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
        """A rewrite of `name` in one of its formats."""
        ...

    def critic(self, original: str, text: str, rejected: Sequence[tuple[str, str]] = ()) -> bytes:
        """CriticMarkup of what changed; `rejected` is what was left, and what had been proposed for it."""
        ...


class Tools(Protocol):
    """What every call to a model needs."""

    @property
    def library(self) -> ProfileLibrary: ...

    @property
    def catalog(self) -> ModelCatalog: ...

    @property
    def provider(self) -> Provider: ...

    @property
    def ledger(self) -> Ledger: ...

    @property
    def endpoints(self) -> Endpoints: ...

    @property
    def budgets(self) -> Budgets: ...

    @property
    def recipes(self) -> Recipes: ...

    @property
    def targets(self) -> Targets: ...
