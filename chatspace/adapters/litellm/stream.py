"""A stream of litellm's, watched below it: what the server itself sent, before anything was added to it.

litellm invents a finish reason where none came, counts tokens where no usage came, and differs in both from version
to version. So its wrapper is given a source that notes each raw chunk and ends the iteration itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chatspace.core.calls.call import FinishReason
from chatspace.core.calls.usage import Usage

LENGTH_REASONS = frozenset(
    {"length", "max_tokens", "max_output_tokens", "model_length", "model_context_window_exceeded"}
)
FILTER_REASONS = frozenset(
    {"content_filter", "content_filtered", "guardrail_intervened", "refusal", "safety", "recitation", "blocklist"}
    | {"prohibited_content", "spii", "language", "image_safety"}
)


class StreamEnded(BaseException):
    """The server's stream has ended, well or not. No Exception: litellm catches those, counts tokens, logs, renames."""


@dataclass(frozen=True, slots=True)
class StreamPiece:
    """The content of one chunk, "" where there is none."""

    text: str
    reasoning: str


class WatchedStream:
    """Iterates over litellm's chunks; ends with Over.

    Afterwards `finish` and `usage` are what the server sent, `error` what broke the stream, and `silent` is true where
    not one chunk with content, a reason or usage came.
    """

    def __init__(self, wrapper: Any) -> None:
        self._wrapper = wrapper
        raw = wrapper.completion_stream
        headers = getattr(getattr(raw, "response", None), "headers", None) or {}
        self.content_type = str(headers.get("content-type", ""))
        self.error: BaseException | None = None
        self.usage: Usage | None = None
        self._reason: str | None = None
        self._spoke = False
        self._source: _Source | None = None
        self._parses = False
        if hasattr(raw, "chunk_parser"):
            raw.chunk_parser = self._noting(raw.chunk_parser, gemini="gemini" in type(raw).__module__)
        if hasattr(raw, "__aiter__") or hasattr(raw, "__next__"):
            self._source = wrapper.completion_stream = _Source(raw, self)

    async def __anext__(self) -> StreamPiece:
        try:
            chunk = await anext(self._wrapper)
        except StopAsyncIteration:
            raise StreamEnded from None
        delta = chunk.choices[0].delta if getattr(chunk, "choices", None) else None
        piece = StreamPiece(
            text=_string(getattr(delta, "content", None)),
            reasoning=_string(getattr(delta, "reasoning_content", None) or getattr(delta, "reasoning", None)),
        )
        self._spoke = self._spoke or bool(piece.text or piece.reasoning)
        return piece

    @property
    def finish(self) -> FinishReason:
        if self._reason is None:
            return "cut" if self._source else "unknown"
        reason = self._reason.lower()
        return "length" if reason in LENGTH_REASONS else "filtered" if reason in FILTER_REASONS else "stop"

    @property
    def silent(self) -> bool:
        return not self._spoke and self.finish in ("cut", "unknown", "stop")

    def note(self, chunk: Any) -> None:
        """Keep the finish reason and the usage of a raw chunk, of whatever shape it is."""
        if not self._parses:
            self._reason = _finish_reason(chunk) or self._reason
        usage = _field(chunk, "usage")
        if usage is not None and (sent := _usage(usage)):
            self.usage = _most(self.usage, sent)

    def _noting(self, parse: Callable[..., Any], *, gemini: bool) -> Callable[..., Any]:
        """A parser of litellm's that notes the finish reason.

        What comes after a parser isn't to be trusted: `[DONE]` becomes a chunk with the reason "stop". For Gemini every
        parsed chunk has one, so there it is taken from what goes in.
        """

        def noting(chunk: Any) -> Any:
            self._parses = True
            parsed = parse(chunk)
            self._reason = (_gemini_reason(chunk) if gemini else _finish_reason(parsed)) or self._reason
            return parsed

        return noting

    async def aclose(self) -> None:
        """Close the connection; the server sees it at once."""
        if self._source:
            await self._source.aclose()
        self._wrapper.completion_stream = None


class _Source:
    """What stands in for litellm's raw stream."""

    def __init__(self, raw: Any, watcher: WatchedStream) -> None:
        self._raw = raw
        self._watcher = watcher
        self._chunks = raw.__aiter__() if hasattr(raw, "__aiter__") else None

    def __aiter__(self) -> _Source:
        return self

    async def __anext__(self) -> Any:
        try:
            chunk = await (anext(self._chunks) if self._chunks else asyncio.to_thread(next, self._raw, self))
        except StopAsyncIteration:
            raise StreamEnded from None
        except Exception as error:  # kept as it is, to be told by its causes
            self._watcher.error = error
            raise StreamEnded from error
        if chunk is self:
            raise StreamEnded
        self._watcher.note(chunk)
        return chunk

    async def aclose(self) -> None:
        # Some of litellm's iterators can't be closed, but the lines that they read can.
        for stream in (self._raw, getattr(self._raw, "streaming_response", None)):
            if close := getattr(stream, "aclose", None) or getattr(stream, "close", None):
                closing = close()
                if closing is not None:
                    await closing


class SurrogateJoiner:
    """Puts pieces together; a character that came as two escaped halves in two chunks is whole again."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._half = ""

    @property
    def whole(self) -> str:
        return "".join(self._pieces)

    def add(self, piece: str) -> str:
        """What can be handed over now: a first half waits for the second."""
        piece = self._half + piece
        self._half = piece[-1:] if "\ud800" <= piece[-1:] <= "\udbff" else ""
        piece = piece[: len(piece) - len(self._half)]
        if not piece.isascii():
            piece = piece.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        self._pieces.append(piece)
        return piece


def _gemini_reason(chunk: Mapping[str, Any]) -> str | None:
    if (chunk.get("promptFeedback") or {}).get("blockReason"):
        return "safety"
    return next((str(reason) for each in chunk.get("candidates") or () if (reason := each.get("finishReason"))), None)


def _finish_reason(chunk: Any) -> str | None:
    if isinstance(chunk, Mapping) and "choices" not in chunk:
        return str(chunk.get("finish_reason") or "stop") if chunk.get("is_finished") else None
    choices = _field(chunk, "choices")
    reason = _field(choices[0], "finish_reason") if choices else None
    return str(reason) if reason else None


def _usage(sent: Any) -> Usage | None:
    """None for the zeros that some servers send in the place of numbers."""
    read, written = _count(sent, "prompt_tokens"), _count(sent, "completion_tokens")
    usage = Usage(
        input=read,
        output=max(written, _count(sent, "total_tokens") - read),  # some count what a model thinks only in the total
        reasoning=_count(_field(sent, "completion_tokens_details"), "reasoning_tokens"),
        cached=_count(_field(sent, "prompt_tokens_details"), "cached_tokens"),
        estimated=False,
    )
    return usage if usage.input or usage.output else None


def _most(before: Usage | None, now: Usage) -> Usage:
    """Some protocols report the input first and the output last, others a running count."""
    if before is None:
        return now
    return Usage(
        max(before.input, now.input),
        max(before.output, now.output),
        max(before.reasoning, now.reasoning),
        max(before.cached, now.cached),
        estimated=False,
    )


def _field(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)


def _count(value: Any, name: str) -> int:
    number = _field(value, name)
    return max(0, number) if isinstance(number, int) else 0


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
