"""The one place that builds a Workspace from real adapters.

What is heavy is made at its first use: the first frame of the workspace and `chatspace history` need neither
profiles nor models.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from chatspace import locations
from chatspace.adapters.history.database import Database
from chatspace.core import workspace as uses
from chatspace.core.workspace import Workspace

if TYPE_CHECKING:
    from chatspace.adapters.history import Store
    from chatspace.adapters.manifests import ManifestRow
    from chatspace.core.calls.call import ProviderEvent, Request
    from chatspace.core.ports import (
        Clipboard,
        Exporter,
        Importer,
        Ledger,
        ModelCatalog,
        ProfileLibrary,
        Provider,
        Reader,
        SettingsStore,
        Tools,
    )

Adapter = TypeVar("Adapter")


def open_history() -> Database:
    """The user's history, for a face that wants to know at once whether it can be opened. Raises StoreError."""
    database = Database(locations.database())
    database.open()
    return database


def build(profiles: Path | None = None, models: Provider | None = None, database: Database | None = None) -> Workspace:
    """A workspace over the user's files.

    `profiles` is a folder that is looked up before the user's own. `models` is where calls go that need a model, by
    default litellm in this process. `database` is the history where it is open already.
    """
    folders = locations.profile_folders(profiles)
    store = late(lambda: _store(database or Database(locations.database())))
    library, reader, exporter = late(lambda: _library(folders)), late(_reader), late(_exporter)
    catalog = late(lambda: _catalog(library))
    provider = ProviderByModel(engine=late(_engine), models=models or late(_litellm))
    tools = late(lambda: _tools(library, catalog, provider, store))
    conversations = late(lambda: uses.Conversations(store, tools))
    runs = late(lambda: uses.Runs(tools, store, store, reader, exporter))
    batches = late(lambda: uses.Batches(runs, exporter))
    return Workspace(
        conversations=conversations,
        attachments=late(lambda: uses.Attachments(reader)),
        runs=runs,
        batches=batches,
        documents=late(lambda: uses.Documents(_manifests)),
        canaries=late(lambda: uses.Canaries(batches, runs, store, store, exporter)),
        reports=late(lambda: uses.Reports(store)),
        endpoint_checks=late(lambda: uses.EndpointChecks(tools)),
        grounding=late(lambda: uses.Grounding(store)),
        compare=late(lambda: uses.Compare(store, store, conversations, tools)),
        stories=late(lambda: uses.Stories(tools, store, store, store)),
        copy_editor=late(lambda: uses.CopyEditor(tools, store, store, store, exporter)),
        desk=late(lambda: uses.Desk(tools, store, store, reader, exporter)),
        organizer=late(lambda: uses.Organizer(store)),
        importing=late(lambda: uses.Importing(store, late(_importer))),
        exporting=late(lambda: uses.Exporting(store, exporter)),
        history=store,
        run_store=store,
        store_care=store,
        library=library,
        catalog=catalog,
        exporter=exporter,
        clipboard=late(_clipboard),
        models=late(lambda: uses.Models(tools)),
        settings=late(_settings),
    )


class ProviderByModel:
    """Sends a request to the embedded engine or to the models, by its target."""

    def __init__(self, engine: Provider, models: Provider) -> None:
        self._engine = engine
        self._models = models

    def stream(self, request: Request) -> AsyncIterator[ProviderEvent]:
        return (self._engine if request.target.offline else self._models).stream(request)


class _Late(Generic[Adapter]):
    def __init__(self, make: Callable[[], Adapter]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Adapter:
        return self._make()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made, name)


def late(make: Callable[[], Adapter]) -> Adapter:
    """Stands for an adapter that is imported and made when something is first asked of it."""
    return cast(Adapter, _Late(make))


def _store(database: Database) -> Store:
    from chatspace.adapters.history import Store

    return Store(database)


def _tools(library: ProfileLibrary, catalog: ModelCatalog, provider: Provider, ledger: Ledger) -> Tools:
    from chatspace.core.calls.budget import Budgets
    from chatspace.core.calls.endpoints import Endpoints
    from chatspace.core.ports import Tools

    endpoints, budgets = Endpoints(lambda: library.endpoints()), Budgets(lambda: library.budgets())
    return Tools(library, catalog, provider, ledger, endpoints, budgets)


def _clipboard() -> Clipboard:
    from chatspace.adapters.clipboard import SystemClipboard

    return SystemClipboard()


def _settings() -> SettingsStore:
    from chatspace.adapters.settings_file import SettingsFile

    return SettingsFile(locations.settings_file())


def _library(folders: Sequence[Path]) -> ProfileLibrary:
    from chatspace.adapters.profiles import ProfileFiles

    return ProfileFiles(folders, locations.own_profiles())


def _catalog(library: ProfileLibrary) -> ModelCatalog:
    from chatspace.adapters.catalog import LocalCatalog

    return LocalCatalog(library.model_table)


def _engine() -> Provider:
    from chatspace.adapters.offline.provider import OfflineProvider

    return OfflineProvider()


def _litellm() -> Provider:
    from chatspace.adapters.litellm.provider import LitellmProvider

    return LitellmProvider()


def _reader() -> Reader:
    from chatspace.adapters.readers import FileReader

    return FileReader()


def _manifests(path: Path) -> Iterator[ManifestRow]:
    from chatspace.adapters.manifests import read_manifest

    return read_manifest(path)


def _importer() -> Importer:
    from chatspace.adapters.importers import FileImporter

    return FileImporter()


def _exporter() -> Exporter:
    from chatspace.adapters.exporters import FileExporter

    return FileExporter()
