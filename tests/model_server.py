"""A real HTTP server on loopback that speaks the OpenAI chat protocol, with every fault that servers were seen to have.

By hand, to look at the workspace: `python -m tests.model_server --port 8000 --rate 50`, then a profile with
`api_base: http://127.0.0.1:8000/v1`. A model named after a fault ("cut", "hang", "http-429", ...) plays that fault.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import socket
import struct
import sys
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.model_answers import (
    DEFAULT_TEXT,
    FAULTS,
    Answer,
    BadJson,
    ContentFilter,
    ContextOverflow,
    Cut,
    Empty,
    ErrorEvent,
    Hang,
    Html,
    HttpError,
    LengthCut,
    NullContent,
    Pings,
    Redirect,
    Reply,
    Reset,
    SlowDrip,
    plausible,
)
from tests.model_dialects import Dialect, SentUsage, dialect_of

__all__ = [
    "DEFAULT_TEXT",
    "Answer",
    "BadJson",
    "ContentFilter",
    "ContextOverflow",
    "Cut",
    "Empty",
    "ErrorEvent",
    "Hang",
    "Html",
    "HttpError",
    "LengthCut",
    "ModelServer",
    "NullContent",
    "Pings",
    "Redirect",
    "Reply",
    "Reset",
    "SentUsage",
    "SlowDrip",
    "plausible",
]


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came: header names in lower case, `body` the parsed JSON of a POST."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]


class ModelServer:
    """Use it as a context manager. Answers are taken from `script` first, then from the function given to `answer`.

    `requests` has what came to the chat endpoints, `probes` everything else; `closed_by_client` counts the answers
    that the client didn't wait for, `open` those under way. `models` are those that it lists, by name with their
    windows. With `redirect_probes` everything but the chat endpoints points elsewhere.
    """

    def __init__(self, port: int = 0, name: str = "127.0.0.1", models: Mapping[str, int | None] | None = None) -> None:
        self.redirect_probes: Redirect | None = None
        self.name = name
        self.models = {"test-model": None} if models is None else dict(models)
        self.requests: list[Received] = []
        self.probes: list[Received] = []
        self.closed_by_client = 0
        self.open = 0
        self.port = port
        self._script: deque[Answer] = deque()
        self._answer: Callable[[Mapping[str, Any]], Answer] = lambda body: Reply()
        self._started = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event
        self._thread = threading.Thread(target=self._run, name="model-server", daemon=True)

    @property
    def root(self) -> str:
        return f"http://{self.host}"

    @property
    def url(self) -> str:
        """The `api_base` for a profile."""
        return f"{self.root}/v1"

    @property
    def host(self) -> str:
        return f"[{self.name}]:{self.port}" if ":" in self.name else f"{self.name}:{self.port}"

    @property
    def bodies(self) -> list[Mapping[str, Any]]:
        return [request.body for request in self.requests]

    def script(self, *answers: Answer) -> None:
        """Queue answers for the next requests."""
        self._script.extend(answers)

    def answer(self, choose: Callable[[Mapping[str, Any]], Answer] | Answer) -> None:
        """What is answered once the script is used up: always the same, or a function of the request's body."""
        self._answer = choose if callable(choose) else lambda body: choose

    def __enter__(self) -> ModelServer:
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner() as runner:  # cancels what is still being played
            runner.run(self._listen())

    async def _listen(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._serve, self.name, self.port)
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._stop.wait()
        server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, kept alive for as long as both sides like."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while request := await _read_request(reader):
                await self._respond(request, reader, writer)
                if writer.is_closing():
                    break
        writer.close()

    async def _respond(self, request: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        dialect = dialect_of(request.path, request.body) if request.method == "POST" else None
        if dialect is None:
            self.probes.append(request)
            if self.redirect_probes:
                await _send_redirect(writer, self.redirect_probes)
            else:
                await _send_whole(writer, *_probe(request, self.models))
            return
        self.requests.append(request)
        answer = self._script.popleft() if self._script else self._answer(request.body)
        self.open += 1
        playing = asyncio.create_task(_play(answer, dialect, request.body, writer))
        leaving = asyncio.create_task(_client_leaves(reader))
        try:
            await asyncio.wait({playing, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not playing.done():
                self.closed_by_client += 1
                writer.close()
            elif error := playing.exception():
                if not isinstance(error, ConnectionError):
                    raise error
                self.closed_by_client += 1
        finally:
            self.open -= 1
            for task in (playing, leaving):
                task.cancel()
            await asyncio.gather(playing, leaving, return_exceptions=True)


async def _client_leaves(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(ConnectionError):
        await reader.read(1)


async def _read_request(reader: asyncio.StreamReader) -> Received | None:
    """The next request of a connection, None where the client closed it."""
    first = await reader.read(1)
    if not first.isalpha():  # closed, or a TLS handshake
        return None
    line = first + await reader.readline()
    method, path, _ = line.decode("latin-1").split(" ", 2)
    headers: dict[str, str] = {}
    while (header := (await reader.readline()).decode("latin-1").strip()) != "":
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    raw = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(method, path, headers, json.loads(raw) if raw else {})


def _probe(request: Received, models: Mapping[str, int | None]) -> tuple[int, str, str, Mapping[str, str]]:
    path = request.path.partition("?")[0]
    listed = [
        {"id": name, "object": "model", "owned_by": "tests", **({"context_length": window} if window else {})}
        for name, window in models.items()
    ]
    known: dict[str, Mapping[str, Any]] = {
        "/v1/models": {"object": "list", "data": listed},
        "/api/tags": {"models": [{"name": "llama3.2:latest", "model": "llama3.2:latest"}]},
        "/api/version": {"version": "0.12.0"},
        "/api/show": {"model_info": {}, "template": ""},
    }
    found = known.get(path)
    return (
        200 if found else 404,
        "application/json",
        json.dumps(found or {"error": {"message": "no such path"}}),
        {},
    )


async def _send_whole(
    writer: asyncio.StreamWriter, status: int, kind: str, body: str, headers: Mapping[str, str]
) -> None:
    data = body.encode()
    lines = [f"HTTP/1.1 {status} Status", f"Content-Type: {kind}", f"Content-Length: {len(data)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + data)
    await writer.drain()


async def _send_redirect(writer: asyncio.StreamWriter, redirect: Redirect) -> None:
    headers = {} if redirect.location is None else {"Location": redirect.location}
    await _send_whole(writer, redirect.status, "text/plain", "elsewhere", headers)


class _Stream:
    """A chunked HTTP body in a dialect."""

    def __init__(self, writer: asyncio.StreamWriter, dialect: Dialect) -> None:
        self._writer = writer
        self.dialect = dialect

    async def open(self) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {self.dialect.content_type}\r\nTransfer-Encoding: chunked\r\n\r\n"
        self._writer.write(head.encode())
        await self._writer.drain()

    async def send(self, data: str) -> None:
        raw = data.encode()
        if raw:
            self._writer.write(f"{len(raw):x}\r\n".encode() + raw + b"\r\n")
            await self._writer.drain()

    async def close(self) -> None:
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    def reset(self) -> None:
        connection = self._writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    def drop(self) -> None:
        self._writer.close()


def _pieces(text: str, size: int, most: int | None = None) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)][:most]


async def _play(answer: Answer, dialect: Dialect, body: Mapping[str, Any], writer: asyncio.StreamWriter) -> None:
    """Send one answer; faults are mostly good replies that end badly."""
    stream = _Stream(writer, dialect)
    match answer:
        case HttpError(status, error, headers):
            text = error if isinstance(error, str) else json.dumps(error)
            await _send_whole(
                writer, status, "text/html" if text.startswith("<") else "application/json", text, headers
            )
        case Redirect():
            await _send_redirect(writer, answer)
        case ContextOverflow(text_only):
            await _send_whole(writer, 400, "application/json", json.dumps(_overflow(text_only)), {})
        case Html(page):
            await _send_whole(writer, 200, "text/html; charset=utf-8", page, {})
        case Empty(stream=False):
            await _send_whole(writer, 200, "application/json", "", {})
        case Empty():
            await stream.open()
            await stream.send(dialect.done if answer.done else "")
            await stream.close()
        case Hang(after_chunks=None):
            await asyncio.Event().wait()
        case Reply() if not dialect.streams(body):
            await _send_whole(writer, 200, "application/json", json.dumps(_whole(answer, dialect)), {})
        case Reply():
            await _play_reply(answer, stream, body)
        case NullContent(text):
            await _play_reply(Reply(text, blanks=2), stream, body)
        case LengthCut(after, text):
            await _play_reply(Reply("".join(_pieces(text, 12, after)), finish_reason="length"), stream, body)
        case ContentFilter(after, text):
            await _play_reply(Reply("".join(_pieces(text, 12, after)), finish_reason="content_filter"), stream, body)
        case Cut(after, done, text, size):
            kept = "".join(_pieces(text, size, after))
            await _play_reply(Reply(kept, size, usage=None, finish_reason=None, done=done), stream, body)
        case SlowDrip(delay):
            await _play_pieces(stream, ["word "] * 1_000_000, delay)
        case _:
            await _play_pieces(stream, _pieces(answer.text, 12, answer.after_chunks))
            await _break(answer, stream)


async def _break(answer: Reset | Hang | Pings | BadJson | ErrorEvent, stream: _Stream) -> None:
    """What goes wrong once the pieces are out."""
    match answer:
        case Reset(tidy=tidy):
            await asyncio.sleep(0.05)  # a reset overtakes what the client hasn't read yet
            stream.drop() if tidy else stream.reset()
        case Hang():
            await asyncio.Event().wait()
        case Pings(interval=interval):
            while True:
                await stream.send(": ping\n\n")
                await asyncio.sleep(interval)
        case BadJson():
            await stream.send("data: {this is not JSON\n\n")
            await stream.close()
        case ErrorEvent(message=message, code=code):
            await stream.send(f"data: {json.dumps({'error': {'message': message, 'code': code}})}\n\n")
            await stream.close()


async def _play_pieces(stream: _Stream, pieces: list[str], delay: float = 0.0) -> None:
    await stream.open()
    await stream.send(stream.dialect.opening())
    for piece in pieces:
        await stream.send(stream.dialect.text(piece))
        if delay:
            await asyncio.sleep(delay)


async def _play_reply(reply: Reply, stream: _Stream, body: Mapping[str, Any]) -> None:
    dialect = stream.dialect
    await asyncio.sleep(reply.reading)
    await stream.open()
    await stream.send(dialect.opening())
    async for event in _events(reply, dialect):
        await stream.send(event)
        if reply.delay:
            await asyncio.sleep(reply.delay)
    usage = reply.usage if reply.unasked or dialect.wants_usage(body) else None
    await stream.send(dialect.ending(reply.finish_reason, usage))
    await stream.send(dialect.done if reply.done else "")
    await stream.close()


async def _events(reply: Reply, dialect: Dialect) -> AsyncIterator[str]:
    for piece in _pieces(reply.reasoning, reply.chunk):
        yield dialect.reasoning(piece)
    for piece in _pieces(reply.text, reply.chunk):
        for _ in range(reply.blanks):
            yield dialect.blank()
        yield dialect.text(piece)


def _whole(reply: Reply, dialect: Dialect) -> Mapping[str, Any]:
    return dialect.whole(reply.text, reply.reasoning, reply.finish_reason, reply.usage)


def _overflow(text_only: bool) -> Mapping[str, Any]:
    message = "This model's maximum context length is 8192 tokens. However, your messages resulted in 11500 tokens."
    if text_only:
        return {"error": {"message": message, "type": "invalid_request_error"}}
    return {"error": {"message": message, "type": "invalid_request_error", "code": "context_length_exceeded"}}


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--rate", type=float, default=50.0, help="tokens a second")
    options = parser.parse_args()

    def choose(body: Mapping[str, Any]) -> Answer:
        answer = FAULTS.get(str(body.get("model"))) or plausible(body)
        return replace(answer, chunk=4, delay=1 / options.rate) if isinstance(answer, Reply) else answer

    with ModelServer(options.port) as server, contextlib.suppress(KeyboardInterrupt):
        server.answer(choose)
        sys.stderr.write(f"{server.url}  {options.rate:g} tokens/s  faults: {', '.join(FAULTS)}\n")
        threading.Event().wait()


if __name__ == "__main__":
    main()
