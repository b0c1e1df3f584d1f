"""A model server that answers every step of a pipeline well, after a while, over connections that stay open."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys

from tests.benchmarks.serving import OwnProcess
from tests.drills.newsroom import good_answer
from tests.model_dialects import OpenAi, SentUsage

TOKEN = 4


class Newsroom(OwnProcess):
    """The server; `seconds` pass before the first piece of each reply."""

    def __init__(self, seconds: float) -> None:
        super().__init__(__name__, str(seconds))


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        while head := (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower():
            size = int(head.partition("content-length:")[2].split()[0])
            body = json.loads(await reader.readexactly(size))
            await asyncio.sleep(seconds)
            await _reply(body, writer)
    writer.close()


async def _reply(body: dict[str, object], writer: asyncio.StreamWriter) -> None:
    """Each piece goes out by itself, and so arrives by itself."""
    answer, dialect = good_answer(body), OpenAi(str(body["model"]))
    size = answer.chunk or len(answer.text)
    pieces = [answer.text[start : start + size] for start in range(0, len(answer.text), size)]
    ending = dialect.ending("stop", SentUsage(200, len(answer.text) // TOKEN)) + dialect.done
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
    for event in (dialect.opening(), *map(dialect.text, pieces), ending):
        data = event.encode()
        writer.write(b"%x\r\n%b\r\n" % (len(data), data))
        await writer.drain()
        await asyncio.sleep(0)
    writer.write(b"0\r\n\r\n")
    await writer.drain()


async def _main(seconds: float) -> None:
    server = await asyncio.start_server(lambda reader, writer: _serve(reader, writer, seconds), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(float(sys.argv[1])))
