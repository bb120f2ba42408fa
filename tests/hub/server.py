"""A Hub on 127.0.0.1: as much of its HTTP interface as huggingface_hub and datasets use of it.

What it answers is in `answers`. It can break off: after so many bytes or requests it answers nothing any
more, until it is mended.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

from answers import answer
from calls import Answer, Call
from store import Store

CHUNK = 16_384


class CutError(Exception):
    """Ends a connection without an answer."""


@dataclass(slots=True)
class Hub:
    """A running Hub.

    Args:
        store: what it keeps.
        log: every call that was read to its end.
        broken: set as soon as it breaks off.
        url: where it listens.
        one_upload: held by the large object that is received: one after the other, so that the same number is
            there after every break.
    """

    store: Store = field(default_factory=Store)
    log: list[Call] = field(default_factory=list)
    broken: threading.Event = field(default_factory=threading.Event)
    url: str = ""
    _bytes_left: float = float("inf")
    _requests_left: float = float("inf")
    _lock: threading.Lock = field(default_factory=threading.Lock)
    one_upload: threading.Lock = field(default_factory=threading.Lock)

    def break_after(self, *, uploaded: float = float("inf"), requests: float = float("inf")) -> None:
        """Breaks off when more than so many bytes were received, or so many requests came."""
        self._bytes_left, self._requests_left = uploaded, requests

    def mend(self) -> None:
        """Answers again, with an empty log."""
        self.break_after()
        self.broken.clear()
        self.log.clear()

    def uploads(self) -> list[str]:
        """The sha256 of the large objects that were uploaded."""
        return [call.path.removeprefix("/lfs/") for call in self.log if call.method == "PUT"]

    def count(self, *, received: int = 0, requests: int = 0) -> None:
        with self._lock:
            self._bytes_left -= received
            self._requests_left -= requests
            if min(self._bytes_left, self._requests_left) < 0:
                self.broken.set()
        if self.broken.is_set():
            raise CutError

    @contextmanager
    def running(self) -> Iterator[Hub]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("_Handler", (_Handler,), {"hub": self}))
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: ClassVar[Hub]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        try:
            self.hub.count(requests=1)
            with self.hub.one_upload if self.command == "PUT" else nullcontext():
                self._answer()
        except CutError:
            self.close_connection = True

    do_HEAD = do_POST = do_PUT = do_GET  # noqa: N815

    def _answer(self) -> None:
        url, body = urlsplit(self.path), b"".join(self._read())
        headers = {name.title(): value for name, value in self.headers.items()}
        call = Call(self.command, unquote(url.path), parse_qs(url.query), headers, body)
        self.hub.log.append(call)
        self._send(answer(self.hub.store, call))

    def _read(self) -> Iterator[bytes]:
        left = int(self.headers.get("Content-Length") or 0)
        while left and (data := self.rfile.read(min(left, CHUNK))):
            left -= len(data)
            self.hub.count(received=len(data))
            yield data
        while "chunked" in self.headers.get("Transfer-Encoding", ""):
            size = int(self.rfile.readline(), 16)
            self.hub.count(received=size)
            yield self.rfile.read(size)
            self.rfile.readline()
            if not size:
                return

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in {"Content-Length": str(len(answer.data)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.data)

    def log_message(self, *_: object) -> None:
        """Nothing on standard error: `Hub.log` has it."""
