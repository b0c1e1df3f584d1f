"""The first call of a process, played to an empty house: what it builds and imports takes half a second of CPU."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from typing import Any

ADDRESS = "http://127.0.0.1:9/v1"
"""Never gone to: the answer is made in this process."""

KEY = "no-key"


async def warm_up(acompletion: Callable[..., Awaitable[Any]]) -> None:
    """Stream one short reply through litellm's `acompletion`, from a transport that never touches a socket."""
    httpx, openai = import_module("httpx"), import_module("openai")
    import_module("anyio._backends._asyncio")  # what a real transport looks for at its first request
    headers = {"content-type": "text/event-stream"}
    transport = httpx.MockTransport(lambda request: httpx.Response(200, headers=headers, content=_reply()))
    async with openai.AsyncOpenAI(
        api_key=KEY, base_url=ADDRESS, http_client=httpx.AsyncClient(transport=transport)
    ) as client:
        arguments: Mapping[str, Any] = {
            "model": "openai/warm-up",
            "messages": [{"role": "user", "content": "Hello"}],
            "stream": True,
            "stream_options": {"include_usage": True},
            "client": client,
            "api_base": ADDRESS,
            "api_key": KEY,
            "max_retries": 0,
            "num_retries": 0,
            "drop_params": True,
            "no-log": True,
        }
        async for _ in await acompletion(**arguments):
            pass


def _reply() -> bytes:
    """A word, the end, and the usage, as the protocol streams them."""
    frame = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "warm-up"}
    chunks: list[Mapping[str, Any]] = [
        {"choices": [{"index": 0, "delta": {"role": "assistant", "content": "Hello"}, "finish_reason": None}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}},
    ]
    events = (*(json.dumps({**frame, **chunk}) for chunk in chunks), "[DONE]")
    return "".join(f"data: {event}\n\n" for event in events).encode()
