"""Who may speak to the server: pure checks of what a request says of itself."""

from __future__ import annotations

import hmac
import ipaddress
import socket
from email.message import Message
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

MAX_BODY_BYTES = 16_384


class Refusal(NamedTuple):
    """Why a request is not answered."""

    status: HTTPStatus
    why: str


def route_of(path: str, token: str) -> str | None:
    """What a path asks for behind the token; none where the token is not the right one.

    Example:
        >>> route_of("/secret/photo/3", "secret")
        'photo/3'
        >>> route_of("/guess/photo/3", "secret")
    """
    given, slash, route = path.removeprefix("/").partition("/")
    same = hmac.compare_digest(given.encode("utf-8", "surrogatepass"), token.encode())
    return route if same and slash else None


def refusal(method: str, headers: Message, *, bound: str) -> Refusal | None:
    """Why a request of a right path is refused nevertheless; none where it may pass.

    Args:
        method: ``GET`` or ``POST``.
        headers: what it says of itself.
        bound: the address that the server listens on.
    """
    host, origin = headers.get("Host", ""), headers.get("Origin")
    if not is_ours(host, bound):
        return Refusal(HTTPStatus.FORBIDDEN, "this name is not the server's: open the address it printed")
    if origin is not None and origin != f"http://{host}":
        return Refusal(HTTPStatus.FORBIDDEN, "another site's page may not ask here")
    return _refused_body(headers) if method == "POST" else None


def _refused_body(headers: Message) -> Refusal | None:
    length = headers.get("Content-Length", "")
    if not (length.isascii() and length.isdecimal()) or "Transfer-Encoding" in headers:
        return Refusal(HTTPStatus.LENGTH_REQUIRED, "expected a body of known length")
    if len(length) > 9 or int(length) > MAX_BODY_BYTES:
        return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"expected at most {MAX_BODY_BYTES} bytes")
    if headers.get("Content-Type") != "application/json":  # no form of another site can say this
        return Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "expected application/json")
    return None


def is_ours(host: str, bound: str) -> bool:
    """Whether the name that a browser used is this machine's.

    A name somebody else owns may be made to lead here (DNS rebinding); an address may not. The port is free:
    people forward ports over SSH.

    Example:
        >>> is_ours("localhost:8000", "127.0.0.1"), is_ours("evil.example:8000", "127.0.0.1")
        (True, False)
        >>> is_ours("192.168.1.5:8000", "127.0.0.1"), is_ours("192.168.1.5:8000", "0.0.0.0")
        (False, True)
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        here = {"localhost"} if _is_loopback(bound) else {"localhost", socket.gethostname().lower()}
        return name in here
    return address.is_loopback or not _is_loopback(bound)


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address).is_loopback
