"""What goes through the pipes between the program and the process that hosts the models: length, then JSON."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from chatspace.core.calls.call import Finished, ProviderEvent, ReasoningDelta, Request, TextDelta, Turn, UsageReported
from chatspace.core.calls.usage import Price, Usage
from chatspace.core.errors import ModelError
from chatspace.core.profiles.profile import Profile, Target, Timeouts

Message = Mapping[str, Any]

_LENGTH = struct.Struct(">I")
LENGTH_BYTES = _LENGTH.size


def frame(message: Message) -> bytes:
    """A message as it goes through a pipe; escaped to ASCII, so that a lone surrogate passes too."""
    data = json.dumps(message, separators=(",", ":")).encode("ascii")
    return _LENGTH.pack(len(data)) + data


def length(head: bytes) -> int:
    """How many bytes of JSON follow these `LENGTH_BYTES`."""
    size: int = _LENGTH.unpack(head)[0]
    return size


def parse(data: bytes) -> Message:
    message: Message = json.loads(data)
    return message


def request_out(request: Request) -> Message:
    """A request without its variables, which only the embedded engine reads."""
    return asdict(replace(request, variables={}))


def request_in(data: Message) -> Request:
    target = data["target"]
    return Request(
        step=data["step"],
        target=Target(**{**target, "profile": _profile(target["profile"]), "price": _price(target["price"])}),
        turns=tuple(Turn(**turn) for turn in data["turns"]),
        response_schema=data["response_schema"],
        capped=data["capped"],
    )


def _profile(data: Message) -> Profile:
    return Profile(
        **{
            **data,
            "steps": tuple(data["steps"]),
            "fallbacks": tuple(data["fallbacks"]),
            "timeouts": Timeouts(**data["timeouts"]),
            "price": _price(data["price"]),
        }
    )


def _price(data: Message | None) -> Price | None:
    return Price(**data) if data else None


def event_out(event: ProviderEvent) -> list[Any]:
    match event:
        case TextDelta(text):
            return ["text", text]
        case ReasoningDelta(text):
            return ["reasoning", text]
        case UsageReported(usage):
            return ["usage", asdict(usage)]
        case Finished(reason):
            return ["finished", reason]


def event_in(data: list[Any]) -> ProviderEvent:
    kind, value = data
    match kind:
        case "text":
            return TextDelta(value)
        case "reasoning":
            return ReasoningDelta(value)
        case "usage":
            return UsageReported(Usage(**value))
        case _:
            return Finished(value)


def error_out(error: ModelError) -> Message:
    names = ("title", "reason", "remedy", "kind", "status", "retry_after", "counted")
    return {name: getattr(error, name) for name in names}


def error_in(data: Message) -> ModelError:
    return ModelError(**data)
