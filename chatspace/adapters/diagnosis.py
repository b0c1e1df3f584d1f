"""What works on this machine: one check after the other, each with what to do where it doesn't."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from chatspace import locations
from chatspace.core.chat.stores import History
from chatspace.core.errors import ChatspaceError, ModelError, StoreError
from chatspace.core.ports import Clipboard, ModelCatalog, ProfileLibrary, SettingsStore, StoreCare
from chatspace.core.profiles.profile import TIERS, Profile, Target
from chatspace.core.reports.health import Check
from chatspace.core.text import display
from chatspace.core.workspace.endpoint_checks import EndpointChecks
from chatspace.http_policy import connect, route_to

CONNECT_SECONDS = 2.0
CHECK_NETWORK = "Check the network or api_base."


MIN_FREE = 200_000_000
"""Bytes on the disk of the database, below which a batch may run out of room."""


@dataclass(frozen=True)
class Doctor:
    """Looks at everything that a workspace stands on."""

    library: ProfileLibrary
    catalog: ModelCatalog
    history: History
    settings: SettingsStore
    clipboard: Clipboard
    care: StoreCare
    endpoint_checks: EndpointChecks
    plugins: Callable[[Sequence[str]], Iterator[Check]]

    def checks(self, *, full: bool = False, commands: Sequence[str] = ()) -> Iterator[Check]:
        """Every check, as it is done. Endpoints are connected to; nothing is asked of them.

        `commands` are those of the face, whose names no plugin can have.
        """
        yield from _files(self.library)
        yield from _settings(self.settings)
        targets = list(_targets(self.library, self.catalog))
        yield from (check for check, _ in targets)
        yield from _endpoints([target for _, target in targets if target])
        opened = _database(self.history)
        yield opened
        if opened.state == "ok":
            yield from _health(self.care, full)
        yield _clipboard(self.clipboard)
        yield _terminal()
        yield from self.plugins(commands)

    async def calls(self) -> AsyncIterator[Check]:
        """A call of one token to each model that a profile leads to, one after the other; each is in the ledger."""
        targets = await asyncio.to_thread(self.endpoint_checks.targets)
        if not targets:
            yield Check("calls", "none", "note", "every profile uses the built-in engine")
        for target in targets:
            name = f"{target.model} on {target.host}"
            try:
                call = await self.endpoint_checks.ping(target)
            except ChatspaceError as error:
                remedy = error.remedy
                if isinstance(error, ModelError) and error.kind in ("unavailable", "timeout"):
                    remedy = " ".join(filter(None, (remedy, _proxy_hint(target))))
                yield Check("calls", name, "wrong", str(error), remedy, error.exit_code)
                continue
            took = f" in {display.seconds(call.elapsed_ms)}, {display.cost(call.cost_usd)}" if call else ""
            yield Check("calls", name, "ok", f"answers{took}")


def _proxy_hint(target: Target) -> str:
    """Which proxy a call goes through, without the name and password that its address may hold."""
    route, name = route_to(target.address), urlsplit(target.address).hostname
    if not route.proxy:
        return ""
    return f"Calls go through the proxy {route.shown} ({route.why}); check it, or add {name} to NO_PROXY."


def _files(library: ProfileLibrary) -> Iterator[Check]:
    problems = library.check()
    if not problems:
        yield Check("files", "profiles", "ok", f"{len(library.profiles())} profiles, all files are valid")
    for problem in problems:
        yield Check("files", "profiles", "wrong", str(problem), problem.remedy, problem.exit_code)
    yield Check("files", "own folder", "ok", str(locations.configuration_folder() / "profiles"))


def _settings(settings: SettingsStore) -> Iterator[Check]:
    _, problems = settings.read()
    for problem in problems:
        yield Check("files", "settings", "note", str(problem), problem.remedy)
    if not problems:
        yield Check("files", "settings", "ok", str(settings.path) + ("" if settings.exists else ", not created yet"))


def _targets(library: ProfileLibrary, catalog: ModelCatalog) -> Iterator[tuple[Check, Target | None]]:
    """Each tier, then each profile that names a model of its own."""
    named = [(profile.name, profile) for profile in library.profiles() if profile.model not in TIERS]
    tiers = [(tier, Profile(tier, ("chat",), tier, "")) for tier in TIERS]
    for name, profile in (*tiers, *named):
        try:
            target = catalog.resolve(profile, profile.steps[0])
        except ChatspaceError as error:
            yield Check("models", name, "wrong", str(error), error.remedy, error.exit_code), None
            continue
        missing = profile.api_key_env if profile.api_key_env and not os.environ.get(profile.api_key_env) else None
        if missing:
            yield Check("models", name, "wrong", f"{missing} is not set", f"export {missing}=...", 6), None
            continue
        remedy = "Set a provider's key, for example OPENAI_API_KEY, or start Ollama." if target.offline else ""
        detail = f"{target.model} on {target.host}" + (f", {target.why}" if target.why else "")
        yield Check("models", name, "note" if target.offline else "ok", detail, remedy), target


def _endpoints(targets: Sequence[Target]) -> Iterator[Check]:
    """Each host that is called, by the way that a call takes: direct, or through which proxy."""
    hosts: dict[tuple[str, str], str] = {}
    for target in targets:
        if not target.offline:
            hosts.setdefault((target.host, urlsplit(target.address).scheme), target.address)
    if not hosts:
        yield Check("endpoints", "none", "note", "the built-in engine needs no endpoint")
    for (host, _), address in hosts.items():
        try:
            route = route_to(address)
        except ModelError as error:
            yield Check("endpoints", host, "wrong", str(error), error.remedy, error.exit_code)
            continue
        way = f"through the proxy {route.shown} ({route.why})" if route.proxy else f"direct ({route.why})"
        try:
            connect(address, CONNECT_SECONDS)
        except (OSError, ValueError) as error:
            remedy = "Check the proxy, or add the host to NO_PROXY." if route.proxy else CHECK_NETWORK
            yield Check("endpoints", host, "wrong", f"unreachable, {way}: {error}", remedy, 6, route.shown)
        else:
            detail = f"{way}; the proxy is reachable" if route.proxy else f"reachable, {way}"
            yield Check("endpoints", host, "ok", detail, via=route.shown)


def _database(history: History) -> Check:
    path = str(locations.database())
    try:
        stored = len(history.conversations.page(limit=1))
    except ChatspaceError as error:
        return Check("database", path, "wrong", str(error), error.remedy, error.exit_code)
    return Check("database", path, "ok", "writable, conversations stored" if stored else "writable, empty")


def _health(care: StoreCare, full: bool) -> Iterator[Check]:
    """Whether the file is sound; every byte of it is read."""
    try:
        found = care.check(full=full)
    except ChatspaceError as error:
        yield Check("database", "integrity", "wrong", str(error), error.remedy, error.exit_code)
        return
    looked = "integrity_check" if full else "quick_check"
    if found.damage:
        remedy = (
            "Copy the file, then `sqlite3 FILE .recover` into a new file. Exports still read undamaged conversations."
        )
        yield Check(
            "database", "integrity", "wrong", f"{looked}: {'; '.join(found.damage)}", remedy, StoreError.exit_code
        )
    else:
        yield Check("database", "integrity", "ok", f"{looked} found no errors, {_size(found.size)}")
    if found.index_sound:
        yield Check("database", "search index", "ok", "covers every message")
    else:
        remedy = "Run `chatspace history export --all`, then import into a new database."
        detail = "out of sync with the messages: a search may miss some"
        yield Check("database", "search index", "wrong", detail, remedy, StoreError.exit_code)
    if found.left_over:
        detail = f"{display.count(found.left_over, 'row')} left by crashed processes"
        yield Check(
            "database",
            "left over",
            "note",
            detail,
            "They are marked as interrupted at the next start of the workspace.",
        )
    low = found.free < MIN_FREE
    remedy = "Free up space: a full disk stops a batch." if low else ""
    yield Check("database", "disk", "note" if low else "ok", f"{_size(found.free)} free", remedy)


def _size(size: int) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"


def _clipboard(clipboard: Clipboard) -> Check:
    """Nothing is put there: what the user has on it stays."""
    tools = clipboard.tools()
    if tools:
        return Check("clipboard", "system tool", "ok", ", then ".join(tools))
    detail = "none; the terminal is used instead (OSC 52)"
    return Check("clipboard", "system tool", "note", detail, "Install wl-clipboard, xclip or xsel.")


def _terminal() -> Check:
    columns, lines = shutil.get_terminal_size()
    kind = os.environ.get("TERM", "unknown")
    if not sys.stdout.isatty():
        return Check("terminal", kind, "note", "standard output is not a terminal")
    if columns < 60 or lines < 20:
        return Check(
            "terminal", kind, "note", f"{columns}x{lines}", "The workspace needs at least 60 columns and 20 lines."
        )
    return Check("terminal", kind, "ok", f"{columns}x{lines}, {os.environ.get('COLORTERM') or 'no true colour'}")
