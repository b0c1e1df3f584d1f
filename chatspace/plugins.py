"""The registries: what comes with the program and what plugins add, through the same hooks.

They are filled when one is first asked for. A plugin that is broken is left out and named; nothing else stops.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import wraps
from importlib.metadata import EntryPoint
from threading import RLock
from typing import Any, TypeVar

import pluggy

from chatspace import hookspecs
from chatspace.core.chat.imported import ImportedConversation
from chatspace.core.errors import ChatspaceError, SourceError, UsageError
from chatspace.core.registry import AnyImporter, Contents, Format, Importer, ModelProvider, Reader, of_kind
from chatspace.core.reports.health import Check
from chatspace.core.stages.registry import Stage, register, unregister
from chatspace.entry_points import COMMANDS, PLUGINS, command, entries, has_plugins, in_words
from chatspace.hookspecs import hookimpl

OWN = "chatspace"
Entry = TypeVar("Entry")


@dataclass(slots=True)
class Plugin:
    """An entry point of another package: what it registered, and what is wrong with it."""

    name: str
    package: str
    version: str
    registers: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Registries:
    readers: dict[str, Reader] = field(default_factory=dict)
    formats: dict[str, Format] = field(default_factory=dict)
    importers: dict[str, AnyImporter] = field(default_factory=dict)
    providers: dict[str, ModelProvider] = field(default_factory=dict)
    stages: list[str] = field(default_factory=list)
    """Those that were added to the registry of stages."""
    plugins: list[Plugin] = field(default_factory=list)


class OwnPieces:
    """What comes with the program."""

    @hookimpl
    def register_readers(self, register: Callable[[Reader], None]) -> None:
        from chatspace.adapters.readers.files import READERS

        for each in READERS:
            register(each)

    @hookimpl
    def register_formats(self, register: Callable[[Format], None]) -> None:
        from chatspace.adapters.exporters.formats import FORMATS

        for each in FORMATS:
            register(each)

    @hookimpl
    def register_importers(self, register: Callable[[AnyImporter], None]) -> None:
        from chatspace.adapters.importers.importer import IMPORTERS

        for each in IMPORTERS:
            register(each)


def readers() -> Sequence[Reader]:
    return tuple(_registries().readers.values())


def formats() -> Sequence[Format]:
    return tuple(_registries().formats.values())


def formats_of(kind: str) -> Mapping[str, Format]:
    return of_kind(kind, formats())


def importers() -> Mapping[str, AnyImporter]:
    return _registries().importers


def providers() -> Mapping[str, ModelProvider]:
    """By the prefix of their models' names."""
    return _registries().providers


def installed(own_commands: Sequence[str]) -> Sequence[Plugin]:
    """Every plugin with what it registers and what is wrong with it; all of them are imported for that."""
    taken = set(own_commands)
    return (*_registries().plugins, *(_tried(entry, taken) for entry in entries(COMMANDS)))


def checks(own_commands: Sequence[str]) -> Iterator[Check]:
    """Whether each plugin works. A broken one is a note, since everything else works without it."""
    for plugin in installed(own_commands):
        if plugin.problems:
            remedy = f"Update or remove {plugin.package}. `chatspace plugins list` shows what it adds."
            yield Check("plugins", plugin.name, "note", "; ".join(plugin.problems), remedy)
        else:
            yield Check("plugins", plugin.name, "ok", ", ".join(plugin.registers) or "adds nothing")


def _tried(entry: EntryPoint, taken: set[str]) -> Plugin:
    plugin = _plugin(entry)
    if entry.name in taken:
        plugin.problems.append(f"the command {entry.name} already exists")
        return plugin
    taken.add(entry.name)
    try:
        command(entry)
    except UsageError as error:
        plugin.problems.append(error.reason)
    else:
        plugin.registers.append(f"command {entry.name}")
    return plugin


class _Loader:
    """Fills the registries once, whichever thread asks first."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._filling = False
        self._filled: _Registries | None = None

    def registries(self) -> _Registries:
        with self._lock:
            if self._filling:  # the same thread, or it would wait
                raise RuntimeError("a plugin asked for the registries while they were filled")
            if self._filled is None:
                self._filling = True
                try:
                    self._filled = _fill()
                finally:
                    self._filling = False
            return self._filled

    def load(self) -> None:
        """See that they are filled, where it isn't the filling that asks."""
        with self._lock:
            if not self._filling:
                self.registries()

    def forget(self) -> None:
        with self._lock:
            for name in self._filled.stages if self._filled else ():
                unregister(name)
            self._filled = None
            has_plugins.cache_clear()


_LOADER = _Loader()
_registries = _LOADER.registries
load = _LOADER.load
"""Adds the stages of plugins to the registry of stages, once."""
forget = _LOADER.forget
"""Lets the registries be filled again when they are next asked, with the packages that are there then."""


def _fill() -> _Registries:
    found = _Registries()
    manager = pluggy.PluginManager(hookspecs.NAMESPACE)
    manager.add_hookspecs(hookspecs)
    manager.register(OwnPieces(), OWN)
    for entry in entries(PLUGINS):
        plugin = _plugin(entry)
        found.plugins.append(plugin)
        if manager.has_plugin(entry.name):
            plugin.problems.append(f"the plugin {entry.name} already exists")
            continue
        try:
            manager.register(entry.load(), entry.name)
            manager.check_pending()
        except (Exception, SystemExit) as error:  # noqa: BLE001  # a package of somebody else may fail in any way
            plugin.problems.append(in_words(error))
            if manager.has_plugin(entry.name):
                manager.unregister(name=entry.name)
    for plugin in (Plugin(OWN, OWN, ""), *found.plugins):
        if manager.has_plugin(plugin.name) and not plugin.problems:
            _take_from(plugin, manager, found)
    return found


def _take_from(plugin: Plugin, manager: pluggy.PluginManager, found: _Registries) -> None:
    """Ask one plugin after the other, so that one that fails keeps none from being asked."""
    entries = _registered("register_readers", plugin, manager, Reader)
    _add(found.readers, "reader", entries, lambda each: each.name, plugin)
    written = _registered("register_formats", plugin, manager, Format)
    _add(found.formats, "format", written, lambda each: each.full_name, plugin)
    taken = _registered("register_importers", plugin, manager, AnyImporter)
    _add(found.importers, "importer", taken, lambda each: each.name, plugin)
    asked = _registered("register_providers", plugin, manager, ModelProvider)
    _add(found.providers, "provider", asked, lambda each: each.prefix, plugin)
    for added in _registered("register_stages", plugin, manager, Stage):
        try:
            register(_guarded(added, plugin))
        except ValueError as error:
            plugin.problems.append(str(error))
        else:
            found.stages.append(added.name)
            plugin.registers.append(f"stage {added.name}")


def _registered(hook: str, plugin: Plugin, manager: pluggy.PluginManager, kind: Any) -> list[Any]:
    """What a plugin registers, as far as it is of the kind."""
    entries: list[Any] = []
    own = manager.get_plugin(plugin.name)
    others = [each for each in manager.get_plugins() if each is not own]
    try:
        manager.subset_hook_caller(hook, others)(register=entries.append)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # a package of somebody else may fail in any way
        plugin.problems.append(f"{hook}: {in_words(error)}")
        return []
    for each in entries:
        if not isinstance(each, kind):
            plugin.problems.append(f"{hook}: {each!r} can't be registered there")
    return [each for each in entries if isinstance(each, kind)]


def _add(
    registry: dict[str, Entry], what: str, entries: Sequence[Entry], key: Callable[[Entry], str], plugin: Plugin
) -> None:
    for entry in entries:
        name = key(entry)
        if name in registry:
            plugin.problems.append(f"the {what} {name} already exists")
        else:
            registry[name] = entry if plugin.name == OWN else _guarded(entry, plugin)
            plugin.registers.append(f"{what} {name}")


def _guarded(entry: Any, plugin: Plugin) -> Any:
    """The entry with functions whose failures name the plugin, and can't end more than what they were asked for."""
    match entry:
        case Reader():
            recognises = _or_false(entry.recognises) if entry.recognises else None
            read = _checked(entry.read, Contents, SourceError, f"The reader {entry.name}", plugin)
            return replace(entry, read=read, recognises=recognises)
        case Format():
            write = _checked(entry.write, bytes, UsageError, f"The format {entry.name}", plugin)
            return replace(entry, write=write)
        case Importer():
            read = _checked(entry.read, ImportedConversation, SourceError, f"The importer {entry.name}", plugin)
            return replace(entry, read=read, recognises=_or_false(entry.recognises))
        case Stage():
            return _guarded_stage(entry, plugin)
    return entry


def _guarded_stage(entry: Stage[Any], plugin: Plugin) -> Stage[Any]:
    what = f"The stage {entry.name}"

    def said(function: Callable[[Any], str] | None) -> Callable[[Any], str] | None:
        return _checked(function, str, UsageError, what, plugin) if function else None

    def made(function: Callable[..., Awaitable[Any]] | None) -> Callable[..., Awaitable[Any]] | None:
        return _checked_async(function, entry.artifact, what, plugin) if function else None

    guarded: dict[str, Any] = {name: made(getattr(entry, name)) for name in ("run", "begin", "take")}
    guarded |= {name: said(getattr(entry, name)) for name in ("summary", "prose", "markdown")}
    return replace(entry, **guarded)


def _checked(
    function: Callable[..., Any], kind: type, error: type[ChatspaceError], what: str, plugin: Plugin
) -> Callable[..., Any]:
    @wraps(function)
    def call(*arguments: Any) -> Any:
        with _named(error, what, plugin):
            return _of_kind(function(*arguments), kind)

    return call


def _checked_async(
    function: Callable[..., Awaitable[Any]], kind: type, what: str, plugin: Plugin
) -> Callable[..., Awaitable[Any]]:
    @wraps(function)
    async def call(*arguments: Any) -> Any:
        with _named(UsageError, what, plugin):
            return _of_kind(await function(*arguments), kind)

    return call


@contextmanager
def _named(error: type[ChatspaceError], what: str, plugin: Plugin) -> Iterator[None]:
    """Any failure within names the plugin."""
    remedy = f"Update or remove the plugin {plugin.package}."
    try:
        yield
    except ChatspaceError:
        raise
    except _OtherKind as other:
        raise error(f"{what} failed", str(other), remedy) from other
    except Exception as failure:
        raise error(f"{what} failed", in_words(failure), remedy) from failure


class _OtherKind(Exception):
    """What a plugin gave is not what it should give."""


def _of_kind(made: Any, kind: type) -> Any:
    if not isinstance(made, kind):
        raise _OtherKind(f"it returned {type(made).__name__} instead of {kind.__name__}")
    return made


def _or_false(function: Callable[..., bool]) -> Callable[..., bool]:
    """It is asked about every file, of which those that it fails at aren't its own."""

    @wraps(function)
    def call(*arguments: Any) -> bool:
        try:
            return bool(function(*arguments))
        except Exception:  # noqa: BLE001  # a package of somebody else may fail in any way
            return False

    return call


def _plugin(entry: EntryPoint) -> Plugin:
    return Plugin(entry.name, entry.dist.name if entry.dist else "", entry.dist.version if entry.dist else "")
