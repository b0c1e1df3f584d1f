"""A server's own count, at its worst: a token for each byte that it gets, and every token that a reply may have."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

from tests.model_server import Answer, Reply, SentUsage

PRICE_IN, PRICE_OUT = 2.0, 8.0
"""USD per million tokens."""


def bytes_sent(body: Mapping[str, Any]) -> int:
    """The bytes of all text in a request that a tokenizer sees."""
    schema = body.get("response_format")
    texts = [str(turn["content"]) for turn in body["messages"]] + ([json.dumps(schema)] if schema else [])
    return sum(len(text.encode()) for text in texts)


class Meter:
    """Answers with `answer` and counts each request as it comes in, whatever becomes of its reply."""

    def __init__(self, answer: Callable[[Mapping[str, Any]], Answer] = lambda body: Reply("A short reply.")) -> None:
        self._answer = answer
        self._lock = threading.Lock()
        self.calls = self.tokens = 0
        self.usd = 0.0

    def __call__(self, body: Mapping[str, Any]) -> Answer:
        read, written = bytes_sent(body), int(body["max_tokens"])
        answer = self._answer(body)
        with self._lock:
            self.calls += 1
            self.tokens += read + written
            self.usd += (read * PRICE_IN + written * PRICE_OUT) / 1_000_000
        if not isinstance(answer, Reply):
            return answer
        return Reply(answer.text, answer.chunk, answer.delay, usage=SentUsage(read, written))
