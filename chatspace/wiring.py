"""The one place that builds a Workspace from real adapters.

Everything is made at its first use: the first frame of the workspace and `chatspace history` need neither profiles
nor models.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, overload

from chatspace import locations
from chatspace.adapters.history.database import Database
from chatspace.core.stages.registry import load_with

if TYPE_CHECKING:
    from chatspace.adapters.diagnosis import Doctor
    from chatspace.adapters.history.store import Store
    from chatspace.adapters.litellm.client import HostedProvider
    from chatspace.core.calls.budget import Budgets
    from chatspace.core.calls.call import ProviderEvent, Request
    from chatspace.core.calls.endpoints import Endpoints
    from chatspace.core.chat.stores import History
    from chatspace.core.ports import (
        Clipboard,
        Exporter,
        Ledger,
        ModelCatalog,
        ProfileLibrary,
        Provider,
        Reader,
        SettingsStore,
        StoreCare,
    )
    from chatspace.core.profiles.rendering import Recipes
    from chatspace.core.registry import ModelProvider
    from chatspace.core.targets import Targets
    from chatspace.core.workspace.attachments import Attachments
    from chatspace.core.workspace.batches import Batches
    from chatspace.core.workspace.canaries import Canaries
    from chatspace.core.workspace.compare import Compare
    from chatspace.core.workspace.conversations import Conversations
    from chatspace.core.workspace.copy_editor import CopyEditor
    from chatspace.core.workspace.desk import Desk
    from chatspace.core.workspace.documents import Documents
    from chatspace.core.workspace.endpoint_checks import EndpointChecks
    from chatspace.core.workspace.exporting import Exporting
    from chatspace.core.workspace.grounding import Grounding
    from chatspace.core.workspace.importing import Importing
    from chatspace.core.workspace.models import Models
    from chatspace.core.workspace.organizer import Organizer
    from chatspace.core.workspace.outputs import Outputs
    from chatspace.core.workspace.prompt_drafts import PromptDrafts
    from chatspace.core.workspace.reports import Reports
    from chatspace.core.workspace.runs import Runs
    from chatspace.core.workspace.stored_runs import RunStore
    from chatspace.core.workspace.stories import Stories

Made = TypeVar("Made")


class HasLock(Protocol):
    @property
    def lock(self) -> Any: ...


class lazy(Generic[Made]):  # noqa: N801  # it is used as a decorator
    """A property that is made once, at its first use, whichever thread comes first.

    The standard library's `cached_property` has had no lock since Python 3.12.
    """

    def __init__(self, make: Callable[[Any], Made]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> lazy[Made]: ...

    @overload
    def __get__(self, instance: HasLock, owner: type) -> Made: ...

    def __get__(self, instance: HasLock | None, owner: type) -> lazy[Made] | Made:
        if instance is None:
            return self
        with instance.lock:
            kept = instance.__dict__
            if self._name not in kept:
                kept[self._name] = self._make(instance)
            made: Made = kept[self._name]
            return made


def open_history() -> Database:
    """The user's history, for a face that wants to know at once whether it can be opened. Raises StoreError."""
    database = Database(locations.database())
    database.open()
    return database


class Workspace:
    """The use cases over the user's files: all that a face needs.

    `history`, `library` and `catalog` are there to be read; changes go through the use cases. It is also what the use
    cases take as their Tools.
    """

    def __init__(
        self,
        profiles: Path | None = None,
        models: Provider | None = None,
        database: Database | None = None,
        clipboard: Clipboard | None = None,
        *,
        in_child: bool = False,
    ) -> None:
        """`profiles` is a folder that is looked up before the user's own.

        `models` is where calls go that need a model, by default litellm: in this process, or `in_child` in one of its
        own. `database` is the history where it is open already.
        """
        self.lock = threading.RLock()
        self._folders = locations.profile_folders(profiles)
        self._models = models
        self._database = database
        self._clipboard = clipboard
        self._in_child = in_child

    # What is read

    @lazy
    def history(self) -> History:
        return self._store

    @lazy
    def run_store(self) -> RunStore:
        return self._store.runs

    @lazy
    def store_care(self) -> StoreCare:
        return self._store.health

    @lazy
    def ledger(self) -> Ledger:
        return self._store.ledger

    @lazy
    def library(self) -> ProfileLibrary:
        from chatspace.adapters.profiles import ProfileFiles

        return ProfileFiles(self._folders, locations.own_profiles())

    @lazy
    def catalog(self) -> ModelCatalog:
        from chatspace import plugins
        from chatspace.adapters.catalog import LocalCatalog

        return LocalCatalog(lambda: self.library.model_table(), providers=plugins.providers)

    @lazy
    def clipboard(self) -> Clipboard:
        from chatspace.adapters.clipboard import SystemClipboard

        return self._clipboard or SystemClipboard()

    @lazy
    def settings(self) -> SettingsStore:
        from chatspace.adapters.settings_file import SettingsFile

        return SettingsFile(locations.settings_file())

    @lazy
    def reader(self) -> Reader:
        from chatspace import plugins
        from chatspace.adapters.readers import FileReader

        return FileReader(plugins.readers())

    @lazy
    def exporter(self) -> Exporter:
        from chatspace import plugins
        from chatspace.adapters.exporters import FileExporter

        return FileExporter(plugins.formats())

    # What calls need

    @lazy
    def provider(self) -> Provider:
        return ProviderByModel(self)

    @lazy
    def endpoints(self) -> Endpoints:
        from chatspace.core.calls.endpoints import Endpoints

        return Endpoints(lambda: self.library.endpoints())

    @lazy
    def budgets(self) -> Budgets:
        from chatspace.core.calls.budget import Budgets

        return Budgets(lambda: self.library.budgets())

    @lazy
    def recipes(self) -> Recipes:
        from chatspace.core.profiles.rendering import Recipes

        return Recipes()

    @lazy
    def targets(self) -> Targets:
        from chatspace.core.targets import Targets

        return Targets(self.library, self.catalog)

    @lazy
    def offline(self) -> Provider:
        from chatspace.adapters.offline.provider import OfflineProvider

        return OfflineProvider()

    @lazy
    def online(self) -> Provider:
        if self._models:
            return self._models
        if self._in_child:
            return self.model_process
        from chatspace.adapters.litellm.provider import LitellmProvider

        return LitellmProvider()

    @lazy
    def model_process(self) -> HostedProvider:
        from chatspace.adapters.litellm.client import HostedProvider

        return HostedProvider()

    # The use cases

    @lazy
    def conversations(self) -> Conversations:
        from chatspace.core.workspace.conversations import Conversations

        return Conversations(self.history, self)

    @lazy
    def prompt_drafts(self) -> PromptDrafts:
        from chatspace.core.workspace.prompt_drafts import PromptDrafts

        return PromptDrafts(self.history.prompts)

    @lazy
    def attachments(self) -> Attachments:
        from chatspace.core.workspace.attachments import Attachments

        return Attachments(self.reader)

    @lazy
    def runs(self) -> Runs:
        from chatspace.core.workspace.runs import Runs

        return Runs(self, self.run_store, self.history, self.reader, self.exporter)

    @lazy
    def outputs(self) -> Outputs:
        from chatspace.core.workspace.outputs import Outputs

        return Outputs(self.exporter, self.runs, self._store.reporting)

    @lazy
    def batches(self) -> Batches:
        from chatspace.core.workspace.batches import Batches

        return Batches(self.runs, self.exporter, self.outputs)

    @lazy
    def documents(self) -> Documents:
        from chatspace.adapters.manifests import read_manifest
        from chatspace.core.workspace.documents import Documents

        return Documents(read_manifest, self.reader)

    @lazy
    def canaries(self) -> Canaries:
        from chatspace.core.workspace.canaries import Canaries

        return Canaries(self.batches, self.runs, self.run_store, self._store.reporting, self.outputs)

    @lazy
    def reports(self) -> Reports:
        from chatspace.core.workspace.reports import Reports

        return Reports(self._store.reporting)

    @lazy
    def endpoint_checks(self) -> EndpointChecks:
        from chatspace.core.workspace.endpoint_checks import EndpointChecks

        return EndpointChecks(self)

    @lazy
    def grounding(self) -> Grounding:
        from chatspace.core.workspace.grounding import Grounding

        return Grounding(self.run_store)

    @lazy
    def compare(self) -> Compare:
        from chatspace.core.workspace.compare import Compare

        return Compare(self.history, self._store.comparisons, self.conversations, self)

    @lazy
    def stories(self) -> Stories:
        from chatspace.core.workspace.stories import Stories

        return Stories(self, self.run_store, self.history, self._store.openings)

    @lazy
    def copy_editor(self) -> CopyEditor:
        from chatspace.core.workspace.copy_editor import CopyEditor

        return CopyEditor(self, self.run_store, self.history, self._store.variants, self.exporter)

    @lazy
    def desk(self) -> Desk:
        from chatspace.core.workspace.desk import Desk

        return Desk(self, self.history, self._store.rewrites, self.reader, self.exporter)

    @lazy
    def organizer(self) -> Organizer:
        from chatspace.core.workspace.organizer import Organizer

        return Organizer(self.history)

    @lazy
    def importing(self) -> Importing:
        from chatspace import plugins
        from chatspace.adapters.importers import FileImporter
        from chatspace.core.workspace.importing import Importing

        return Importing(self._store.imports, FileImporter(tuple(plugins.importers().values())))

    @lazy
    def exporting(self) -> Exporting:
        from chatspace.core.workspace.exporting import Exporting

        return Exporting(self.history, self.exporter)

    @lazy
    def models(self) -> Models:
        from chatspace.core.workspace.models import Models

        return Models(self)

    @lazy
    def doctor(self) -> Doctor:
        from chatspace import plugins
        from chatspace.adapters.diagnosis import Doctor

        return Doctor(
            self.library,
            self.catalog,
            self.history,
            self.settings,
            self.clipboard,
            self.store_care,
            self.endpoint_checks,
            plugins.checks,
        )

    @lazy
    def _store(self) -> Store:
        from chatspace.adapters.history.store import Store

        return Store(self._database or Database(locations.database()))


class ProviderByModel:
    """Sends a request to the built-in engine, to a plugin's provider or to the models, by its target."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def stream(self, request: Request) -> AsyncIterator[ProviderEvent]:
        workspace, target = self._workspace, request.target
        provider = workspace.offline if target.offline else added_provider(target.model) or workspace.online
        return provider.stream(request)


def _load_plugins() -> None:
    from chatspace.entry_points import has_plugins

    if has_plugins():
        from chatspace import plugins  # it takes a quarter of a second to import and fill

        plugins.load()


load_with(_load_plugins)


def added_provider(model: str) -> Provider | None:
    """The provider that a plugin adds for a model's prefix, made once."""
    from chatspace import plugins  # the first frame needs none

    found = plugins.providers().get(f"{model.partition('/')[0]}/")
    return _made(found) if found else None


@cache
def _made(provider: ModelProvider) -> Provider:
    return provider.make()
