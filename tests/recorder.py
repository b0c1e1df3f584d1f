"""A server that keeps every byte that reaches it: a place where nothing may arrive, or a proxy that watches."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from socketserver import BaseRequestHandler, ThreadingTCPServer

PIECE = 65536


class Recorder:
    """`connections` counts who came, `received` is what they sent.

    With an `upstream` port of this machine it is a forward proxy, before which every name means that port. Without,
    it takes what comes and hangs up.
    """

    def __init__(self, port: int, upstream: int | None) -> None:
        self.host = f"127.0.0.1:{port}"
        self.root = f"http://{self.host}"
        self.upstream = upstream
        self.connections = 0
        self.received = b""

    def serve(self, client: socket.socket) -> None:
        """One connection, to its end."""
        self.connections += 1
        client.settimeout(10)
        head = b""
        while b"\r\n\r\n" not in head and (piece := client.recv(PIECE)):
            head += piece
            self.received += piece
        if self.upstream is None or b"\r\n\r\n" not in head:
            return
        with socket.create_connection(("127.0.0.1", self.upstream)) as server:
            if head.startswith(b"CONNECT "):
                client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            else:
                server.sendall(head)
            upwards = threading.Thread(target=self._upwards, args=(client, server), daemon=True)
            upwards.start()
            with contextlib.suppress(OSError):
                while piece := server.recv(PIECE):
                    client.sendall(piece)

    def _upwards(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := client.recv(PIECE):
                self.received += piece
                server.sendall(piece)
            server.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def recording(upstream: int | None = None) -> Iterator[Recorder]:
    """A recorder on a free port of loopback."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                recorder.serve(self.request)

    class Server(ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        recorder = Recorder(server.server_address[1], upstream)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield recorder
        finally:
            server.shutdown()
            thread.join()
