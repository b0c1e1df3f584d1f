"""A local Ollama: where it listens and which models it has."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPException
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from chatspace.core.errors import ModelError
from chatspace.http_policy import get

PROBE_SECONDS = 0.2
PORT = 11434
MAX_ANSWER = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Installed:
    """`size` is in bytes."""

    name: str
    size: int


def ollama_address(host: str) -> str:
    """The address that the value of OLLAMA_HOST means, which may be a host, a port, both, or a URL."""
    text = host.strip().rstrip("/") or "127.0.0.1"
    scheme, _, place = text.rpartition("://")
    try:
        parts = urlsplit(f"//{place}")
        name, port = parts.hostname or "127.0.0.1", parts.port
    except ValueError:
        return f"http://127.0.0.1:{PORT}"
    if name in ("0.0.0.0", "::"):  # what a server listens on; a client has to say where
        name = "127.0.0.1"
    default = {"http": 80, "https": 443}.get(scheme, PORT)
    return f"{scheme or 'http'}://{f'[{name}]' if ':' in name else name}:{port or default}"


def installed_models(address: str, seconds: float) -> Sequence[Installed]:
    """The models that can chat and run on that machine, the smallest first; none where nobody answers in time."""
    answers: SimpleQueue[Sequence[Installed]] = SimpleQueue()
    # In a thread, because looking up a name and a server that drips bytes know no timeout.
    Thread(target=lambda: answers.put(_ask(address, seconds)), daemon=True, name="ollama-probe").start()
    try:
        return answers.get(timeout=seconds)
    except Empty:
        return ()


def _ask(address: str, seconds: float) -> Sequence[Installed]:
    try:
        answer = get(f"{address}/api/tags", {}, seconds=seconds, limit=MAX_ANSWER)
        listed = json.loads(answer.data)
    except (ModelError, OSError, HTTPException, ValueError, RecursionError):
        return ()
    models = listed.get("models") if isinstance(listed, dict) else None
    found = [_installed(model) for model in models or () if isinstance(model, dict)] if isinstance(models, list) else []
    return tuple(sorted((model for model in found if model), key=lambda model: (model.size, model.name)))


def _installed(model: dict[str, Any]) -> Installed | None:
    """Leaves out those that only embed, and those that Ollama passes on to its cloud."""
    name, size = model.get("name"), model.get("size")
    details = model.get("details")
    family = str(details.get("family", "")) if isinstance(details, dict) else ""
    if not isinstance(name, str) or not name or any(character.isspace() for character in name):
        return None
    if "embed" in name or "bert" in family or model.get("remote_host") or name.endswith(("-cloud", ":cloud")):
        return None
    return Installed(name, size if isinstance(size, int) else 0)
