"""The page and its answers over HTTP, by the standard library's server: for one person.

`guard` decides who may speak. No request can name a file: photographs go by their number in the list. A link
that lies among the photographs is followed, as by every command: downloads from the Hub consist of them.
"""

from __future__ import annotations

import html
import json
import os
import secrets
import socketserver
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any, NamedTuple

from bdstr.errors import UsageError
from sodeval.errors import ToldError

from ..decoding import RejectedError
from ..source import ImageFile
from .guard import refusal, route_of
from .preview import Previews
from .session import Session

POLICY = (
    "default-src 'none'; img-src 'self' data:; connect-src 'self'; style-src 'nonce-{0}'; "
    "script-src 'nonce-{0}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",  # the address holds the token
    "X-Content-Type-Options": "nosniff",
}
KEPT = "private, max-age=3600"


class Reply(NamedTuple):
    """What goes back."""

    status: HTTPStatus
    kind: str
    body: bytes
    headers: Mapping[str, str]


def as_json(value: object, status: HTTPStatus = HTTPStatus.OK) -> Reply:
    """A value; ASCII, so that a name with half a character passes, too."""
    return Reply(status, "application/json", json.dumps(value).encode("ascii"), {"Cache-Control": "no-store"})


class Server(ThreadingHTTPServer):
    """Serves one session.

    Args:
        host: where to listen.
        port: 0 takes a free one.
        session: what is asked and answered.
        photographs: key -> file.
        skip_key: what skips, as browsers name keys, e.g. ``Ctrl+Enter``.
    """

    allow_reuse_address = os.name == "posix"  # elsewhere it lets two servers share a port

    def __init__(
        self, host: str, port: int, session: Session, photographs: Mapping[str, ImageFile], skip_key: str
    ) -> None:
        self.session, self.photographs, self.previews = session, photographs, Previews()
        self.token, nonce = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        page = files(__package__).joinpath("page.html").read_text("utf-8")
        page = page.replace("{nonce}", nonce).replace("{skip_key}", html.escape(skip_key))
        policy = {"Content-Security-Policy": POLICY.format(nonce), "Cache-Control": "no-store"}
        self.page = Reply(HTTPStatus.OK, "text/html; charset=utf-8", page.encode(), policy)
        super().__init__((host, port), Handler)

    def server_bind(self) -> None:
        """As the base's, which also asks the network for its own name: that can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hangs up is no news."""

    @property
    def path(self) -> str:
        return f"/{self.token}/"

    def photo(self, place: str) -> Reply:
        """The preview of a photograph, or why there is none."""
        if not (place.isascii() and place.isdecimal()):
            raise UsageError(f"photograph {place[:20]!r}; expected a number")
        try:
            data = self.previews.get(self.photographs[self.session.key_at(int(place[:12]))])
        except RejectedError as error:
            return as_json({"error": str(error)}, HTTPStatus.UNPROCESSABLE_ENTITY)
        return Reply(HTTPStatus.OK, "image/jpeg", data, {"Cache-Control": KEPT})

    def answer(self, given: Any) -> None:
        """Keeps what the page sent, or takes the last answer back.

        Raises:
            UsageError: it is no answer.
            OutputError: it could not be written.
        """
        match given:
            case {"undo": True}:
                self.session.undo()
            case {
                "place": int(place),
                "text": str(text),
                "status": "done" | "skipped" as status,
                "seconds": int() | float() as seconds,
            } if 0 <= seconds < 1e9:
                self.session.answer(place, text, status, round(float(seconds), 2))
            case _:
                raise UsageError(f"{str(given)[:80]}; expected an answer")


class Handler(BaseHTTPRequestHandler):
    """One connection of a browser."""

    server: Server
    protocol_version = "HTTP/1.1"
    timeout = 60
    server_version = "bdstr"
    sys_version = ""

    def do_GET(self) -> None:
        self._reply(self._answer_to("GET"))

    def do_POST(self) -> None:
        self._reply(self._answer_to("POST"))

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: the terminal is for what the person should know."""

    def _answer_to(self, method: str) -> Reply:
        route = route_of(self.path, self.server.token)
        refused = refusal(method, self.headers, bound=self.server.server_name)
        if route is None or refused:
            self.close_connection = True  # what else it sends is not read
            status, why = refused or (HTTPStatus.FORBIDDEN, "the address lacks its token")
            return as_json({"error": why}, status)
        try:
            return self._get(route) if method == "GET" else self._post(route)
        except UsageError as error:
            return as_json({"error": str(error)}, HTTPStatus.BAD_REQUEST)
        except ToldError as error:
            return as_json({"error": str(error)}, HTTPStatus.INSUFFICIENT_STORAGE)

    def _get(self, route: str) -> Reply:
        if route.startswith("photo/"):
            return self.server.photo(route.removeprefix("photo/"))
        if route == "":
            return self.server.page
        if route == "state":
            return as_json(self.server.session.state())
        return as_json({"error": "no such page"}, HTTPStatus.NOT_FOUND)

    def _post(self, route: str) -> Reply:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if route != "answer":
            return as_json({"error": "no such page"}, HTTPStatus.NOT_FOUND)
        try:
            given = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise UsageError("no JSON; expected an answer") from error
        self.server.answer(given)
        return as_json(self.server.session.state())

    def _reply(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in (HEADERS | dict(reply.headers)).items():
            self.send_header(name, value)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)
