"""The child's side, in this process and with providers of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from chatspace.adapters.litellm import wire
from chatspace.adapters.litellm.host import WINDOW, ProviderHost
from chatspace.core.calls.call import Finished, ProviderEvent, Request, TextDelta
from tests.asking import request_to
from tests.waiting import eventually_async


class Scripted:
    """Hands over what a test feeds it, and counts what was taken."""

    def __init__(self) -> None:
        self.feed: asyncio.Queue[ProviderEvent | Exception] = asyncio.Queue()
        self.taken = 0
        self.closed = False

    async def stream(self, request: Request) -> AsyncIterator[ProviderEvent]:
        try:
            while True:
                event = await self.feed.get()
                if isinstance(event, Exception):
                    raise event
                yield event
                self.taken += 1
                if isinstance(event, Finished):
                    return
        finally:
            self.closed = True


def started(provider: Scripted) -> tuple[ProviderHost, list[Any]]:
    sent: list[Any] = []
    host = ProviderHost(provider, sent.append)
    host.receive({"id": 1, "do": "stream", "request": wire.request_out(request_to(None))})
    return host, sent


async def test_the_first_piece_goes_out_at_once() -> None:
    provider = Scripted()
    _, sent = started(provider)
    provider.feed.put_nowait(TextDelta("a"))
    await eventually_async(lambda: sent)
    assert sent == [{"id": 1, "size": 1, "events": [["text", "a"]]}]


async def test_pieces_that_come_together_go_out_together() -> None:
    provider = Scripted()
    _, sent = started(provider)
    for character in "abcdef":
        provider.feed.put_nowait(TextDelta(character))
    provider.feed.put_nowait(Finished("stop"))
    await eventually_async(lambda: sent and sent[-1].get("over"))
    assert [message.get("events") for message in sent] == [
        [["text", "a"]],
        [["text", "bcdef"], ["finished", "stop"]],
        None,
    ]


async def test_a_reader_who_does_not_take_makes_the_model_wait() -> None:
    provider = Scripted()
    host, sent = started(provider)
    for _ in range(10):
        provider.feed.put_nowait(TextDelta("x" * (WINDOW // 2)))
    await eventually_async(lambda: sum(message["size"] for message in sent) > WINDOW)
    waiting = provider.feed.qsize()
    assert waiting >= 6
    host.receive({"id": 1, "do": "taken", "size": sum(message["size"] for message in sent)})
    await eventually_async(lambda: provider.feed.qsize() < waiting)


async def test_cancelling_closes_the_provider_and_says_no_more() -> None:
    provider = Scripted()
    host, sent = started(provider)
    provider.feed.put_nowait(TextDelta("a"))
    await eventually_async(lambda: sent)
    host.receive({"id": 1, "do": "cancel"})
    await eventually_async(lambda: provider.closed)
    host.receive({"id": 1, "do": "taken", "size": 1})
    assert len(sent) == 1


async def test_a_defect_ends_one_stream_with_words() -> None:
    provider = Scripted()
    _, sent = started(provider)
    provider.feed.put_nowait(TextDelta("a"))
    provider.feed.put_nowait(ZeroDivisionError("oh"))
    await eventually_async(lambda: sent and sent[-1].get("over"))
    assert sent[0]["events"] == [["text", "a"]]
    assert wire.error_in(sent[-1]["error"]).kind == "crashed"


async def test_a_reader_who_takes_a_little_gets_no_more_than_the_window() -> None:
    provider = Scripted()
    host, sent = started(provider)
    for _ in range(10):
        provider.feed.put_nowait(TextDelta("x" * (WINDOW // 2)))
    await eventually_async(lambda: sum(message["size"] for message in sent) > WINDOW)
    waiting = provider.feed.qsize()
    for _ in range(3):
        host.receive({"id": 1, "do": "taken", "size": 1})
        for _ in range(10):
            await asyncio.sleep(0)  # turns of the loop, in which a stream that may go on does
    assert provider.feed.qsize() == waiting
