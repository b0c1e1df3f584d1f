"""Asking an endpoint which models it has, and saying in words why it doesn't tell."""

from __future__ import annotations

import json
import os
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from http.client import HTTPException
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any
from urllib.error import HTTPError, URLError

from chatspace.core.calls.offers import AvailableModel, ProviderEndpoint
from chatspace.core.calls.usage import Price
from chatspace.core.errors import ModelError, ModelFailure
from chatspace.http_policy import get

SECONDS = 4.0
MAX_ANSWER = 8 * 1024 * 1024
MAX_MODELS = 2000
MAX_NAME_LENGTH = 200
PATHS = {
    "openai": "/models",
    "anthropic": "/v1/models?limit=1000",
    "gemini": "/models?pageSize=1000",
    "ollama": "/api/tags",
}
WINDOWS = (
    "context_length",
    "context_window",
    "max_context_length",
    "max_model_len",
    "max_input_tokens",
    "inputTokenLimit",
    "n_ctx",
    "n_ctx_train",
)
"""What servers call the window of a model."""

NO_CHAT = ("embed", "whisper", "tts-", "dall-e", "moderation", "rerank", "-image", "transcribe", "realtime", "sora")
"""Parts of the names of models that don't write text."""

Answer = list[AvailableModel] | ModelError


def ask(
    supplier: ProviderEndpoint, environment: Mapping[str, str], seconds: float = SECONDS
) -> Sequence[AvailableModel]:
    """The models that can write, as the supplier lists them, by name. Raises ModelError."""
    if supplier.refused:
        raise ModelError(f"{supplier.host} was not called", supplier.refused, kind="refused")
    key = environment.get(supplier.key_env or "", "").strip()
    if supplier.key_env and not key:
        raise ModelError(
            f"{supplier.host} was not called",
            f"{supplier.key_env} is not set",
            f"Set it with export {supplier.key_env}=... and restart.",
            kind="unauthorized",
        )
    answers: SimpleQueue[Answer] = SimpleQueue()

    def work() -> None:
        try:
            answers.put(sorted(_offers(supplier, _get(supplier, key, seconds)), key=lambda offer: offer.name))
        except ModelError as error:
            answers.put(error)

    # In a thread, because looking up a name and a server that drips bytes know no timeout.
    Thread(target=work, daemon=True, name="model-list").start()
    try:
        answer = answers.get(timeout=seconds)
    except Empty:
        raise _slow(supplier, seconds) from None
    if isinstance(answer, ModelError):
        raise answer
    return answer


def _get(supplier: ProviderEndpoint, key: str, seconds: float) -> Any:
    headers = {"Accept": "application/json", "User-Agent": "chatspace"}
    if key:
        headers |= {
            "anthropic": {"x-api-key": key, "anthropic-version": "2023-06-01"},
            "gemini": {"x-goog-api-key": key},
        }.get(supplier.protocol, {"Authorization": f"Bearer {key}"})
    address = supplier.address.rstrip("/") + PATHS[supplier.protocol]
    try:
        answer = get(address, headers, seconds=seconds, limit=MAX_ANSWER)
    except HTTPError as error:
        with error:
            raise _by_status(supplier, error.code, address) from None
    except (URLError, OSError, HTTPException, ValueError) as error:
        raise _unreachable(supplier, error, seconds) from None
    data = answer.data
    if len(data) > MAX_ANSWER:
        raise _no_list(supplier, "its response is too large")
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        what = "a web page" if answer.kind == "text/html" or data.lstrip()[:1] == b"<" else "something that isn't JSON"
        raise _no_list(supplier, f"{address} returned {what if data.strip() else 'nothing'}") from None


def _offers(supplier: ProviderEndpoint, answer: Any) -> Iterator[AvailableModel]:
    listed = answer if isinstance(answer, list) else None
    if isinstance(answer, dict):
        listed = next((answer[name] for name in ("data", "models") if isinstance(answer.get(name), list)), None)
    if listed is None:
        raise _no_list(supplier, "its JSON contains no list of models")
    seen: set[str] = set()
    for entry in listed[:MAX_MODELS]:
        if not isinstance(entry, dict):
            continue
        name = entry.get("id") or entry.get("name")
        if not isinstance(name, str) or not _writes(name, entry):
            continue
        name = name.removeprefix("models/")
        if name not in seen:
            seen.add(name)
            yield AvailableModel(supplier.prefix + name, _window(entry), _price(entry))


def _writes(name: str, entry: Mapping[str, Any]) -> bool:
    if not name or len(name) > MAX_NAME_LENGTH or any(character.isspace() for character in name):
        return False
    methods = entry.get("supportedGenerationMethods")
    if isinstance(methods, list) and "generateContent" not in methods:
        return False
    return not any(part in name.lower() for part in NO_CHAT)


def _window(entry: Mapping[str, Any]) -> int | None:
    for place in (entry, entry.get("meta"), entry.get("top_provider")):
        if isinstance(place, dict):
            for name in WINDOWS:
                value = place.get(name)
                if type(value) is int and value > 0:
                    return value
    return None


def _price(entry: Mapping[str, Any]) -> Price | None:
    """USD per token, which some write as texts; a negative one means that it depends."""
    pricing = entry.get("pricing")
    if not isinstance(pricing, dict):
        return None
    try:
        sides = [float(pricing[name]) * 1_000_000 for name in ("prompt", "completion")]
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return Price(*(round(side, 6) for side in sides)) if all(0 <= side < 1e9 for side in sides) else None


def _by_status(supplier: ProviderEndpoint, status: int, address: str) -> ModelError:
    host = supplier.host
    kind: ModelFailure
    if status in (401, 403):
        variable = supplier.key_env
        title = f"{host} rejected the key" if variable else f"{host} requires a key"
        remedy = (
            f"Check {variable}." if variable else "Set api_key_env to the environment variable that contains its key."
        )
        kind = "unauthorized"
    elif status == 404:
        title, remedy, kind = f"{host} has no list of models", f"Nothing found at {address}.", "not_found"
        if supplier.protocol == "openai" and not supplier.address.rstrip("/").endswith("/v1"):
            remedy += " On many servers the address ends in /v1."
    elif status == 429:
        title, remedy, kind = f"{host} is rate limiting requests", "Wait a moment and try again.", "rate_limited"
    elif status >= 500:
        title, remedy, kind = f"{host} reported a server error", "Try again later.", "unavailable"
    else:
        title, remedy, kind = f"{host} rejected the request", "Check the address in the profile.", "bad_request"
    return ModelError(title, f"status {status}", remedy, kind=kind, status=status)


def _unreachable(supplier: ProviderEndpoint, error: Exception, seconds: float) -> ModelError:
    """Why there was no answer at all; urllib wraps what the system said."""
    cause = error.reason if isinstance(error, URLError) and isinstance(error.reason, Exception) else error
    host = supplier.host
    if isinstance(cause, TimeoutError):
        return _slow(supplier, seconds)
    if isinstance(cause, ssl.SSLCertVerificationError):
        reason, remedy = (
            "its certificate isn't trusted on this machine",
            "Check the address, or set SSL_CERT_FILE to your own certificates.",
        )
        return ModelError(f"{host} can't be trusted", f"{reason}: {cause.verify_message}", remedy)
    if isinstance(cause, ssl.SSLError):
        return ModelError(f"{host} doesn't speak TLS", "", "Try http:// instead of https://.")
    if isinstance(cause, ConnectionRefusedError):
        return ModelError(f"{host} refused the connection", "no server is listening", "Start the server.")
    if isinstance(cause, socket.gaierror):
        return ModelError(f"{host} not found", "the name can't be resolved", "Check the name and the network.")
    if isinstance(cause, HTTPException | ConnectionError):
        return ModelError(f"{host} closed the connection", "the response is not valid HTTP", "Check the address.")
    said = os.strerror(cause.errno) if isinstance(cause, OSError) and cause.errno else str(cause)
    return ModelError(f"{host} is unreachable", said.lower(), "Check the address and the network.")


def _slow(supplier: ProviderEndpoint, seconds: float) -> ModelError:
    return ModelError(f"{supplier.host} timed out", f"no reply within {seconds:g} s", "Try again.", kind="timeout")


def _no_list(supplier: ProviderEndpoint, reason: str) -> ModelError:
    remedy = "Check the address: /models is appended to it, so it usually ends in /v1."
    return ModelError(f"{supplier.host} returned no list of models", reason, remedy, kind="bad_request")
