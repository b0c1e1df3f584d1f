"""Failures of a model call, told by HTTP status and by what was received.

A client library's own classes and statuses prove little: a 401 arrives as a bad request, a refused connection as status
500. So the whole chain of causes is looked through, and the deepest HTTP response in it counts.
"""

from __future__ import annotations

import json
import math
import os
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from chatspace.core.errors import ModelError, ModelFailure
from chatspace.core.profiles.profile import Target

MAX_REASON_LENGTH = 300
PROXY_REMEDY = "Add them to HTTPS_PROXY (http://name:password@proxy:8080), or add the host to NO_PROXY."
NOT_JSON = "a stream event is not valid JSON"

TURNED_AWAY = frozenset({401, 402, 403, 404, 405, 407, 429, 503, 529})
"""Statuses of a server that didn't start to work. Others may be counted: a 400 of a content filter costs its input."""

_CONTEXT = re.compile(
    r"context[_ ]length|context[_ ]window|context size|maximum context|prompt is too long|input is too long"
    r"|exceeds? the (available|maximum) (context|number of tokens|input)|input token count|too many (input )?tokens"
    r"|larger than the context|reduce the length of|n_ctx",
    re.IGNORECASE,
)
_KEY = re.compile(
    r"(incorrect|invalid|missing|bad|wrong|no) (\w+ )?api[_ -]?key"
    r"|api[_ -]?key[^.]{0,20}(not valid|invalid|missing|not set)"
    r"|(invalid|wrong|missing) (key|credentials)\b|invalid_api_key|api_key_invalid|unauthori[sz]ed|authentication",
    re.IGNORECASE,
)
_NO_CREDIT = re.compile(r"insufficient_quota|exceeded your current quota|credit balance|billing|payment required", re.I)
_NO_MODEL = re.compile(
    r"model[_ ]not[_ ]found|unknown model|llm provider not provided"
    r"|model .{0,80}(not found|does not exist|doesn't exist)",
    re.IGNORECASE | re.DOTALL,
)
_REFUSED = re.compile(r"content[_ ](filter|policy|management)|responsible_?ai|safety (system|setting)", re.IGNORECASE)

_SECRETS = re.compile(
    r"\b(?:sk|pk|rk|gsk|xai|hf)[-_][\w*.-]{8,}|\bAIza[\w*-]{8,}|\bAKIA\w{8,}"
    r"|(?<=[Bb]earer )\S+|(?<=key=)[^&\s\"']+|(?<=provided: )\S+"
)
_SECRET_NAMES = re.compile(r"_(KEY|TOKEN|SECRET)$")
_LIBRARY_TALK = re.compile(r"^(litellm\.)?\w*(Error|Exception)\b( -|:)\s*")


def model_error(
    error: BaseException, target: Target, *, key_variable: str | None, begun: bool, opened: bool = False
) -> ModelError:
    """What to tell of `error`; `key_variable` holds the key's name.

    `opened` once the server had accepted the request, `begun` once a piece of the reply was received.
    """
    failure = _Failure(list(_chain(error)), target, key_variable, opened)
    if (own := failure.caused_by(ModelError)) is not None:  # what our own rules said below the library
        assert isinstance(own, ModelError)
        return own
    if begun:
        return _broken_off(failure)
    if (status := failure.status) is not None:
        return _by_status(failure, status)
    return _without_status(failure)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and what caused it, outermost first."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        inner = getattr(current, "original_exception", None)
        current = inner if isinstance(inner, BaseException) else current.__cause__ or current.__context__


@dataclass(frozen=True, slots=True)
class _Failure:
    """A chain of causes and the call that it belongs to."""

    chain: list[BaseException]
    target: Target
    key_variable: str | None
    opened: bool

    @property
    def counted(self) -> bool:
        """Whether the server may have counted tokens, which it can't where it wasn't reached or turned us away."""
        if self.opened:
            return True
        if self.caused_by(socket.gaierror, ConnectionRefusedError):
            return False
        answered = next((response.status_code for response in self._responses), None)
        if answered is None:  # a connection that fails may have carried the request; the library's own checks send none
            return self.disconnected or not (_KEY.search(self.everything) or _NO_MODEL.search(self.everything))
        return answered not in TURNED_AWAY

    @property
    def status(self) -> int | None:
        """The status of the deepest HTTP response; of an error event in a stream, the code it names."""
        for response in self._responses:
            if response.status_code >= 300:
                return int(response.status_code)
        code = str(self._body.get("code"))
        return int(code) if code.isdecimal() and 400 <= int(code) < 600 else None

    @property
    def _responses(self) -> Iterator[Any]:
        """The responses that came over a network, deepest first; libraries make up others."""
        for error in reversed(self.chain):
            response = getattr(error, "response", None)
            if "http_version" in getattr(response, "extensions", ()):
                yield response

    @property
    def disconnected(self) -> bool:
        """Whether the connection itself failed."""
        names = {cls.__name__ for error in self.chain for cls in type(error).__mro__}
        return bool(names & {"TransportError", "ConnectionError", "gaierror", "SSLError", "ClientConnectionError"})

    def caused_by(self, *types: type[BaseException]) -> BaseException | None:
        return next((error for error in reversed(self.chain) if isinstance(error, types)), None)

    @property
    def _body(self) -> Mapping[str, Any]:
        """The `error` object of the server's answer, as far as one of the causes carries it."""
        bodies = [getattr(error, "body", None) for error in reversed(self.chain)]
        return next(filter(None, map(_error_object, [*bodies, *self._texts])), {})

    @property
    def _texts(self) -> list[str]:
        """The bodies of the responses that were read; `.text` would raise on the others."""
        contents = (getattr(response, "_content", b"") for response in self._responses)
        return [content.decode("utf-8", "replace") for content in contents if content]

    @property
    def said(self) -> str:
        """What the server said, in one line without secrets."""
        deepest = (str(error) for error in reversed(self.chain) if not isinstance(error, json.JSONDecodeError))
        return one_line(str(self._body.get("message") or next(filter(None, [*self._texts, *deepest]), "")))

    @property
    def everything(self) -> str:
        """All that can be searched for hints."""
        return " ".join([str(self._body.get("code")), str(self._body.get("type")), *map(str, self.chain)])

    @property
    def retry_after(self) -> float | None:
        return next((seconds for response in self._responses if (seconds := _retry_after(response.headers))), None)

    def error(self, kind: ModelFailure, title: str, reason: str, remedy: str) -> ModelError:
        return ModelError(
            title,
            reason,
            remedy,
            kind=kind,
            status=self.status,
            retry_after=self.retry_after,
            counted=self.counted,
        )


def _by_status(failure: _Failure, status: int) -> ModelError:
    host, model, hints = failure.target.host, failure.target.model, failure.everything
    reason = f"status {status}" + (f", {failure.said}" if failure.said else "")
    if status in (400, 413, 422, 500) and (status == 413 or _CONTEXT.search(hints)):
        return failure.error(
            "context",
            f"The request is too long for {model}",
            reason,
            "Shorten the text, or choose a model with a larger context window.",
        )
    if status in (402, 429) and _NO_CREDIT.search(hints):
        return failure.error(
            "unauthorized",
            f"{host} reports that the account has no credit",
            reason,
            "Check the account's plan and billing, or choose another model.",
        )
    if status in (401, 403) or (status == 400 and _KEY.search(hints)):
        title = f"{host} denied access to {model}" if status == 403 else f"{host} rejected the key"
        return failure.error("unauthorized", title, reason, _key_remedy(failure))
    if status == 404 or (status == 400 and _NO_MODEL.search(hints)):
        return failure.error("not_found", f"{host} doesn't know {model}", reason, _model_remedy(failure))
    if status == 405:
        return failure.error(
            "not_found", f"{host} doesn't accept chat requests at this address", reason, _address_remedy(failure)
        )
    if status == 407:
        return failure.error(
            "unavailable", f"The proxy for {host} requires a user name and password", reason, PROXY_REMEDY
        )
    if status == 429:
        wait = f"Wait {failure.retry_after:g} s and try again" if failure.retry_after else "Wait a moment and try again"
        return failure.error(
            "rate_limited", f"{host} is rate limiting requests", reason, f"{wait}, or choose another model."
        )
    if status in (408, 504):
        return failure.error("timeout", f"{host} timed out", reason, "Try again, or choose another model.")
    if status >= 500:
        return failure.error(
            "unavailable", f"{host} reported a server error", reason, "Try again later, or choose another model."
        )
    if _REFUSED.search(hints):
        return failure.error("refused", f"{host} refused the text", reason, "Change the text, or choose another model.")
    return failure.error(
        "bad_request",
        f"{host} rejected the request",
        reason,
        f"Check the parameters in profile {failure.target.profile.name}.",
    )


def _without_status(failure: _Failure) -> ModelError:
    host, model, hints = failure.target.host, failure.target.model, failure.everything
    if failure.caused_by(socket.gaierror):
        return failure.error(
            "unavailable",
            f"{host} not found",
            "the name can't be resolved",
            "Check the network and api_base in the profile.",
        )
    if problem := failure.caused_by(ssl.SSLError):
        return failure.error(
            "unavailable",
            f"No secure connection to {host}",
            one_line(str(problem)),
            "Check the server's certificate, and whether api_base should begin with http:// or https://.",
        )
    if failure.caused_by(ConnectionRefusedError):
        local = "Start the server" if failure.target.local else "Check that the server is running"
        return failure.error(
            "unavailable",
            f"{host} is not responding",
            "the connection was refused",
            f"{local}, or correct api_base in profile {failure.target.profile.name}.",
        )
    if failure.disconnected:
        return failure.error(
            "unavailable",
            f"The connection to {host} failed",
            failure.said,
            "Try again; check the network and the server.",
        )
    if _KEY.search(hints):
        return failure.error("unauthorized", f"No key for {model}", "", _key_remedy(failure))
    if _NO_MODEL.search(hints):
        return failure.error("not_found", f"Unknown model {model}", "its provider is not known", _model_remedy(failure))
    if failure.caused_by(json.JSONDecodeError):
        return failure.error(
            "unavailable",
            f"{host} returned an invalid reply",
            NOT_JSON,
            "Check api_base in the profile.",
        )
    return failure.error(
        "unavailable", f"{host} returned an error", failure.said, "Try again, or choose another model."
    )


def _broken_off(failure: _Failure) -> ModelError:
    reason = "the connection was lost" if failure.disconnected else failure.said
    if failure.caused_by(json.JSONDecodeError):
        reason = NOT_JSON
    return failure.error(
        "cut",
        f"{failure.target.host} broke off the reply",
        reason,
        "The partial reply is kept. Continue it, or try again.",
    )


def _key_remedy(failure: _Failure) -> str:
    if failure.key_variable:
        return f"Set the environment variable {failure.key_variable} to a valid key for {failure.target.host}."
    return (
        f"Set api_key_env to the environment variable with the key for {failure.target.host} in profile "
        f"{failure.target.profile.name}."
    )


def _address_remedy(failure: _Failure) -> str:
    profile = failure.target.profile
    if profile.api_base:
        return f"Check api_base in profile {profile.name}: https or http, and the path, which often ends in /v1."
    return "Check whether a proxy or firewall answers instead of the provider."


def _model_remedy(failure: _Failure) -> str:
    name = failure.target.model
    if name.startswith(("ollama/", "ollama_chat/")):
        return f"Run `ollama pull {name.partition('/')[2]}`, or choose another model."
    profile = failure.target.profile
    if profile.api_base:
        return f"Check model and api_base in profile {profile.name}; the address often ends in /v1."
    return f"Set model in profile {profile.name} to provider/name, as the provider spells it."


def one_line(message: str) -> str:
    """A stranger's message in one line of at most 300 characters, with nothing in it that looks like a key."""
    if "<html" in message.lower() or "<!doctype" in message.lower():
        return "a web page instead of a reply"
    for _ in range(4):
        message = _LIBRARY_TALK.sub("", message.strip())
    for name, value in os.environ.items():
        if len(value) >= 8 and _SECRET_NAMES.search(name):
            message = message.replace(value, "[key]")
    message = _SECRETS.sub("[key]", message)
    message = " ".join("".join(c if c.isprintable() else " " for c in message).split())
    return message if len(message) <= MAX_REASON_LENGTH else message[: MAX_REASON_LENGTH - 1] + "…"


def _error_object(body: object) -> Mapping[str, Any]:
    """The innermost object that says what went wrong, whatever protocol it belongs to."""
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError:
            return {}
    if isinstance(body, list) and body:
        body = body[0]
    if not isinstance(body, Mapping):
        return {}
    inner = body.get("error")
    if isinstance(inner, Mapping):
        return inner
    if isinstance(inner, str):
        return {"message": inner}
    return body if "message" in body else {"message": body["detail"]} if "detail" in body else {}


def _retry_after(headers: Mapping[str, Any]) -> float | None:
    named = {str(name).lower(): str(value) for name, value in headers.items()}
    value = named.get("retry-after") or named.get("llm_provider-retry-after")
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        pass
    else:
        return max(0.0, seconds) if math.isfinite(seconds) else None
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
