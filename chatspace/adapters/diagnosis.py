"""What works on this machine: one check after the other, each with what to do where it doesn't."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from chatspace import locations
from chatspace.core.errors import ChatspaceError
from chatspace.core.ports import History, ModelCatalog, ProfileLibrary
from chatspace.core.profile import TIERS, Profile, Target

State = Literal["ok", "note", "wrong"]
CONNECT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report. `code` is the exit code that a command would end with where the state is `wrong`."""

    area: str
    name: str
    state: State
    detail: str
    remedy: str = ""
    code: int = 0


def diagnose(library: ProfileLibrary, catalog: ModelCatalog, history: History) -> Iterator[Check]:
    """Every check, as it is done. Endpoints are connected to; nothing is asked of them."""
    yield from _files(library)
    targets = list(_targets(library, catalog))
    yield from (check for check, _ in targets)
    yield from _endpoints([target for _, target in targets if target])
    yield _database(history)
    yield _clipboard()
    yield _terminal()


def _files(library: ProfileLibrary) -> Iterator[Check]:
    problems = library.check()
    if not problems:
        yield Check("files", "profiles", "ok", f"{len(library.profiles())} profiles, all files are right")
    for problem in problems:
        yield Check("files", "profiles", "wrong", str(problem), problem.remedy, problem.exit_code)
    yield Check("files", "own folder", "ok", str(locations.configuration_folder() / "profiles"))


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
        remedy = "Set a provider's key, as in OPENAI_API_KEY, or start Ollama." if target.offline else ""
        detail = f"{target.model} on {target.host}" + (f", {target.why}" if target.why else "")
        yield Check("models", name, "note" if target.offline else "ok", detail, remedy), target


def _endpoints(targets: Sequence[Target]) -> Iterator[Check]:
    hosts = dict.fromkeys(target.host for target in targets if not target.offline)
    if not hosts:
        yield Check("endpoints", "none", "note", "the embedded engine needs no endpoint")
    for host in hosts:
        name, _, port = host.partition(":")
        try:
            with socket.create_connection((name, int(port or 443)), timeout=CONNECT_SECONDS):
                yield Check("endpoints", host, "ok", "reachable")
        except (OSError, ValueError) as error:
            yield Check("endpoints", host, "wrong", f"can't be reached: {error}", "Check the network or api_base.", 6)


def _database(history: History) -> Check:
    path = str(locations.database())
    try:
        stored = len(history.conversations(limit=1))
    except ChatspaceError as error:
        return Check("database", path, "wrong", str(error), error.remedy, error.exit_code)
    return Check("database", path, "ok", "writable, conversations stored" if stored else "writable, empty")


def _clipboard() -> Check:
    import pyperclip  # looks for its tools when imported

    copy, _ = pyperclip.determine_clipboard()
    if type(copy).__name__ == "ClipboardUnavailable":
        return Check(
            "clipboard",
            "system tool",
            "note",
            "none; the terminal is asked to take the text (OSC 52)",
            "Install xclip, xsel or wl-clipboard.",
        )
    return Check("clipboard", "system tool", "ok", copy.__name__)


def _terminal() -> Check:
    columns, lines = shutil.get_terminal_size()
    kind = os.environ.get("TERM", "unknown")
    if not sys.stdout.isatty():
        return Check("terminal", kind, "note", "standard output is no terminal")
    if columns < 60 or lines < 20:
        return Check("terminal", kind, "note", f"{columns}x{lines}", "The workspace wants 60 columns and 20 lines.")
    return Check("terminal", kind, "ok", f"{columns}x{lines}, {os.environ.get('COLORTERM') or 'no true colour'}")
