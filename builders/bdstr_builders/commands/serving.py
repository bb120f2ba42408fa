"""The server of `annotate` between its start and Ctrl-C, and what the terminal says of it."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
import webbrowser
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import click

from bdstr.errors import UsageError
from sodeval.printable import printable

from ..annotate.answers import Answer
from ..annotate.merge import agreement
from ..annotate.server import Server
from ..annotate.session import Count, Session
from ..annotate.store import Store
from ..source import ImageFile, Unusable


def listen(
    host: str, port: int, session: Session, photographs: Mapping[str, ImageFile], skip_key: str
) -> Server:
    """A server that is not yet serving.

    Raises:
        UsageError: there is no such host, or the port is taken.
    """
    try:
        return Server(host, port, session, photographs, skip_key)
    except OSError as error:
        raise UsageError(
            f"cannot listen on {host}, port {port}: {error.strerror or error}; expected an address of this "
            "machine and a free port: leave --port out to get one"
        ) from error


def serve(server: Server, open_page: bool) -> None:
    """Serves until Ctrl-C."""
    url = url_of(server)
    click.echo(f"Open {url}\nCtrl-C ends; every answer is kept.")
    if not ipaddress.ip_address(server.server_name).is_loopback:
        click.echo("Everybody who knows this address and reaches this machine can read and answer.")
    elif os.environ.get("SSH_CONNECTION"):
        click.echo(f"From your own machine: ssh -L {server.server_port}:127.0.0.1:{server.server_port} ...")
    if open_page and _has_screen():
        webbrowser.open(url)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        click.echo()  # the terminal has written ^C
    finally:
        server.server_close()


def url_of(server: Server) -> str:
    """The address with its token."""
    everywhere = ipaddress.ip_address(server.server_name).is_unspecified
    host = socket.gethostname() if everywhere else server.server_name
    return f"http://{host}:{server.server_port}{server.path}"


def _has_screen() -> bool:
    """Elsewhere a browser for text would take the terminal over."""
    if os.environ.get("SSH_CONNECTION"):
        return False
    return sys.platform != "linux" or bool({"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ))


def say_start(store: Store, unusable: Sequence[Unusable]) -> None:
    """What was found that the person should know."""
    if store.content.torn:
        click.echo(
            f"{store.path}: its last answer was torn, {len(store.content.torn)} bytes, and never confirmed; "
            "it is removed, and the photograph is asked again",
            err=True,
        )
    for file in unusable:
        click.echo(printable(f"left out: {file.key}: {file.detail}"), err=True)


def say_end(count: Count, answers: Iterable[Answer], out: Path) -> None:
    """How far it is."""
    skipped = f", {count.skipped:,} skipped" if count.skipped else ""
    left = f", {count.left:,} left: call again to go on" if count.left else ""
    click.echo(f"{out}: {count.done:,} of {count.total:,} done{skipped}{left}")
    same, twice = agreement(answers)
    if twice:
        click.echo(f"  of {twice:,} asked twice, {same:,} got the same text")
