"""A model server that keeps time: pieces go out when they are due, and it says when it was asked and when it ended.

The model's name says what it answers: `mixed-20-200` is 20 KB of mixed Markdown at 200 tokens a second, a token being
four characters; at 0 tokens a second the reply is one piece.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import threading
import time
from types import TracebackType
from typing import Self

from tests.benchmarks.texts import MARK, text_of
from tests.model_dialects import OpenAi, SentUsage

TOKEN = 4


class OwnProcess:
    """The server of a module in a process of its own, whose first line is its port."""

    def __init__(self, module: str, *arguments: str) -> None:
        command = [sys.executable, "-m", module, *arguments]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8", bufsize=1)
        assert self._process.stdout is not None
        self._lines = self._process.stdout
        self.url = f"http://127.0.0.1:{int(self._lines.readline())}/v1"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()


class Server(OwnProcess):
    """It says when. `asked` and `ended` are times of the monotonic clock, one for each reply."""

    def __init__(self) -> None:
        super().__init__(__name__)
        self.asked: list[float] = []
        self.ended: list[float] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self._lines:
            what, _, at = line.partition(" ")
            (self.asked if what == "asked" else self.ended).append(float(at))


def _say(what: str) -> None:
    sys.stdout.write(f"{what} {time.monotonic()}\n")
    sys.stdout.flush()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        while head := (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower():
            size = int(head.partition("content-length:")[2].split()[0]) if "content-length:" in head else 0
            raw = await reader.readexactly(size)
            if not head.startswith("post"):
                writer.write(b"HTTP/1.1 404 Not found\r\nContent-Length: 0\r\n\r\n")
                continue
            _say("asked")
            await _reply(json.loads(raw)["model"], writer)
    writer.close()


async def _reply(model: str, writer: asyncio.StreamWriter) -> None:
    kind, kilobytes, rate = model.split("-")
    text = text_of(kind, int(kilobytes) * 1000) + MARK
    size = TOKEN if int(rate) else len(text)
    dialect = OpenAi(model)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
    writer.write(dialect.opening().encode())
    began = time.monotonic()
    for number, start in enumerate(range(0, len(text), size)):
        writer.write(dialect.text(text[start : start + size]).encode())
        await writer.drain()
        if int(rate) and (early := began + number / int(rate) - time.monotonic()) > 0:
            await asyncio.sleep(early)
    _say("ended")
    writer.write((dialect.ending("stop", SentUsage(40, len(text) // TOKEN)) + dialect.done).encode())
    await writer.drain()
    raise ConnectionError("the answer ends with the connection")


async def _main() -> None:
    server = await asyncio.start_server(_serve, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main())
