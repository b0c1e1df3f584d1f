"""The wire formats of the test server: how a reply's pieces look in the protocols that providers speak."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class SentUsage:
    """The numbers that a server reports; `apart` counts those for thinking in the total alone."""

    prompt: int
    completion: int
    cached: int = 0
    reasoning: int = 0
    apart: bool = False


class Dialect(Protocol):
    """Each method gives the text of one or more events."""

    content_type: str
    done: str

    def streams(self, body: Mapping[str, Any]) -> bool: ...
    def wants_usage(self, body: Mapping[str, Any]) -> bool: ...
    def opening(self) -> str: ...
    def text(self, piece: str) -> str: ...
    def reasoning(self, piece: str) -> str: ...
    def blank(self) -> str: ...
    def ending(self, finish_reason: str | None, usage: SentUsage | None) -> str: ...
    def whole(
        self, text: str, reasoning: str, finish_reason: str | None, usage: SentUsage | None
    ) -> Mapping[str, Any]: ...


def _event(data: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(data)}\n\n"


class OpenAi:
    """Server-sent events as the chat-completions protocol has them."""

    content_type = "text/event-stream"
    done = "data: [DONE]\n\n"

    def __init__(self, model: str) -> None:
        self._frame = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model}

    def streams(self, body: Mapping[str, Any]) -> bool:
        return bool(body.get("stream"))

    def wants_usage(self, body: Mapping[str, Any]) -> bool:
        return bool((body.get("stream_options") or {}).get("include_usage"))

    def _delta(self, delta: Mapping[str, Any], finish: str | None = None) -> str:
        return _event({**self._frame, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    def opening(self) -> str:
        return self._delta({"role": "assistant", "content": ""})

    def text(self, piece: str) -> str:
        return self._delta({"content": piece})

    def reasoning(self, piece: str) -> str:
        return self._delta({"reasoning_content": piece})

    def blank(self) -> str:
        return self._delta({"content": None})

    def ending(self, finish_reason: str | None, usage: SentUsage | None) -> str:
        finish = self._delta({}, finish_reason) if finish_reason else ""
        return finish + (_event({**self._frame, "choices": [], "usage": self._usage(usage)}) if usage else "")

    def whole(self, text: str, reasoning: str, finish_reason: str | None, usage: SentUsage | None) -> Mapping[str, Any]:
        message = {"role": "assistant", "content": text}
        if reasoning:
            message["reasoning_content"] = reasoning
        whole: dict[str, Any] = {**self._frame, "object": "chat.completion"}
        whole["choices"] = [{"index": 0, "message": message, "finish_reason": finish_reason}]
        if usage:
            whole["usage"] = self._usage(usage)
        return whole

    @staticmethod
    def _usage(usage: SentUsage) -> Mapping[str, Any]:
        return {
            "prompt_tokens": usage.prompt,
            "completion_tokens": usage.completion,
            "total_tokens": usage.prompt + usage.completion + usage.reasoning * usage.apart,
            "prompt_tokens_details": {"cached_tokens": usage.cached},
            "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
        }


class Anthropic(OpenAi):
    """The messages protocol: named events, the input's tokens first, the output's last."""

    done = 'event: message_stop\ndata: {"type": "message_stop"}\n\n'
    _reasons = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}

    def wants_usage(self, body: Mapping[str, Any]) -> bool:
        return True

    def _named(self, kind: str, data: Mapping[str, Any]) -> str:
        return f"event: {kind}\n" + _event({"type": kind, **data})

    def opening(self) -> str:
        message = {"id": "msg_1", "type": "message", "role": "assistant", "content": [], "model": "m"}
        usage = {"input_tokens": 120, "output_tokens": 1}
        block = {"index": 0, "content_block": {"type": "text", "text": ""}}
        return self._named("message_start", {"message": {**message, "usage": usage}}) + self._named(
            "content_block_start", block
        )

    def text(self, piece: str) -> str:
        return self._named("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": piece}})

    def reasoning(self, piece: str) -> str:
        return self._named("content_block_delta", {"index": 0, "delta": {"type": "thinking_delta", "thinking": piece}})

    def blank(self) -> str:
        return self._named("ping", {})

    def ending(self, finish_reason: str | None, usage: SentUsage | None) -> str:
        if finish_reason is None:
            return ""
        data = {"delta": {"stop_reason": self._reasons[finish_reason]}}
        sent = {"usage": {"output_tokens": usage.completion}} if usage else {}
        return self._named("content_block_stop", {"index": 0}) + self._named("message_delta", {**data, **sent})


class Gemini(OpenAi):
    """`streamGenerateContent` with server-sent events: no end marker, the finish reason in the last one."""

    done = ""
    _reasons = {"stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}

    def streams(self, body: Mapping[str, Any]) -> bool:
        return True

    def wants_usage(self, body: Mapping[str, Any]) -> bool:
        return True

    def _candidate(self, parts: list[Mapping[str, Any]], **more: Any) -> str:
        return _event({"candidates": [{"index": 0, "content": {"role": "model", "parts": parts}, **more}]})

    def opening(self) -> str:
        return ""

    def text(self, piece: str) -> str:
        return self._candidate([{"text": piece}])

    def reasoning(self, piece: str) -> str:
        return self._candidate([{"text": piece, "thought": True}])

    def blank(self) -> str:
        return self._candidate([{"text": ""}])

    def ending(self, finish_reason: str | None, usage: SentUsage | None) -> str:
        if finish_reason is None:
            return ""
        last: dict[str, Any] = {"candidates": [{"index": 0, "finishReason": self._reasons[finish_reason]}]}
        if usage:
            last["usageMetadata"] = {"promptTokenCount": usage.prompt, "candidatesTokenCount": usage.completion}
        return _event(last)


class Ollama(OpenAi):
    """`/api/chat`: a JSON object a line."""

    content_type = "application/x-ndjson"
    done = ""

    def streams(self, body: Mapping[str, Any]) -> bool:
        return bool(body.get("stream", True))

    def wants_usage(self, body: Mapping[str, Any]) -> bool:
        return True

    def _line(self, message: Mapping[str, Any], **more: Any) -> str:
        return json.dumps({"model": "m", "message": {"role": "assistant", **message}, "done": False, **more}) + "\n"

    def opening(self) -> str:
        return ""

    def text(self, piece: str) -> str:
        return self._line({"content": piece})

    def reasoning(self, piece: str) -> str:
        return self._line({"content": "", "thinking": piece})

    def blank(self) -> str:
        return self._line({"content": ""})

    def ending(self, finish_reason: str | None, usage: SentUsage | None) -> str:
        if finish_reason is None:
            return ""
        counts = {"prompt_eval_count": usage.prompt, "eval_count": usage.completion} if usage else {}
        return self._line({"content": ""}, done=True, done_reason=finish_reason, **counts)


def dialect_of(path: str, body: Mapping[str, Any]) -> Dialect | None:
    """The protocol that a path belongs to, None where it isn't a chat endpoint."""
    path = path.partition("?")[0]
    model = str(body.get("model", "test-model"))
    if path.endswith("/chat/completions"):
        return OpenAi(model)
    if path.endswith("/messages"):
        return Anthropic(model)
    if path.endswith(":streamGenerateContent"):
        return Gemini(model)
    return Ollama(model) if path.endswith("/api/chat") else None
