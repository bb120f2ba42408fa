"""The server of `annotate`: who is let in, what is served, and what a kill leaves."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import photographs
import pytest

from bdstr_builders.annotate.answers import Ask
from bdstr_builders.annotate.guard import is_ours
from bdstr_builders.annotate.preview import MOST_SIDE_PX
from bdstr_builders.annotate.server import Server
from bdstr_builders.annotate.session import Session
from bdstr_builders.annotate.store import Store, read_answers

JSON = {"Content-Type": "application/json"}
DOG = {"place": 0, "text": "a dog", "status": "done", "seconds": 1.5}


@pytest.fixture
def images(tmp_path: Path) -> Path:
    photographs.write_scenes(tmp_path, 4)
    (tmp_path / "images" / "001.jpg").write_bytes(b"no photograph")
    photographs.save(tmp_path / "images" / "002.jpg", np.full((900, 3000, 3), 200, np.uint8))
    (tmp_path / "secret.jpg").write_bytes((tmp_path / "images" / "000.jpg").read_bytes())
    return tmp_path / "images"


@pytest.fixture
def server(images: Path, tmp_path: Path) -> Iterator[Server]:
    names = {f"{i:03}": images / f"{i:03}.jpg" for i in range(4)}
    store = Store(tmp_path / "texts.jsonl")
    session = Session([Ask(name) for name in names], store, "<b>Ada", lambda: "now", {})
    served = Server("127.0.0.1", 0, session, names, 'F2"><script>')
    thread = threading.Thread(target=served.serve_forever, args=(0.02,))
    thread.start()
    yield served
    served.shutdown()
    served.server_close()
    thread.join()
    store.close()


def ask(
    server: Server, path: str, body: object = None, method: str | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    content = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if content is not None:
        named = JSON | named
    connection.request(method or ("GET" if body is None else "POST"), path, content, named)
    reply = connection.getresponse()
    result = reply.status, dict(reply.getheaders()), reply.read()
    connection.close()
    return result


def test_the_page_shows_itself_with_a_strict_policy(server: Server) -> None:
    status, headers, page = ask(server, server.path)
    assert status == 200
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert b'F2"><script>' not in page
    assert b"F2&quot;&gt;&lt;script&gt;" in page
    assert b"://" not in page  # nothing is fetched from elsewhere


@pytest.mark.parametrize(
    "path", ["/", "/state", "//state", "/wrong/", "/wrong/state", "/photo/0", "/../", "/%00/"]
)
def test_without_the_token_nothing_is_served(server: Server, path: str) -> None:
    assert ask(server, path)[0] == 403
    assert ask(server, path, DOG)[0] == 403
    assert ask(server, server.path.rstrip("/"))[0] == 403  # not even the page without its last slash
    assert server.session.count().done == 0


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "10.0.0.1", "", "["]
)
def test_a_name_that_is_not_this_machine_is_refused(server: Server, host: str) -> None:
    assert ask(server, server.path + "state", Host=host)[0] == 403


@pytest.mark.parametrize("host", ["localhost:9000", "127.0.0.1", "[::1]:8000", "LOCALHOST"])
def test_a_forwarded_port_is_let_in(server: Server, host: str) -> None:
    assert ask(server, server.path + "state", Host=host)[0] == 200


def test_a_server_for_others_takes_addresses_and_its_own_name() -> None:
    assert is_ours(f"{socket.gethostname()}:80", "0.0.0.0")
    assert is_ours("[fe80::1]:80", "::")
    assert not is_ours("evil.example", "0.0.0.0")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://localhost", "http://localhost:1"])
def test_a_page_of_another_origin_is_refused(server: Server, origin: str) -> None:
    assert ask(server, server.path + "answer", DOG, Origin=origin)[0] == 403
    assert server.session.count().done == 0


def test_an_answer_is_kept_and_the_next_photograph_named(server: Server, tmp_path: Path) -> None:
    origin = f"http://127.0.0.1:{server.server_port}"
    status, headers, body = ask(server, server.path + "answer", DOG, Origin=origin)
    state = json.loads(body)
    assert (status, headers["Cache-Control"]) == (200, "no-store")
    assert (state["done"], state["shown"]["key"], state["next"]) == (1, "001", 2)
    (line,) = read_answers(tmp_path / "texts.jsonl").answers
    assert (line.key, line.text, line.seconds, line.who) == ("000", "a dog", 1.5, "<b>Ada")
    assert json.loads(ask(server, server.path + "answer", {"undo": True})[2])["shown"]["text"] == "a dog"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[" * 10_000,
        b"\xff",
        5,
        {},
        {"undo": False},
        DOG | {"place": 99},
        DOG | {"place": -1},
        DOG | {"place": "0"},
        DOG | {"text": 5},
        DOG | {"text": " "},
        DOG | {"text": "x" * 501},
        DOG | {"status": "undone"},
        DOG | {"seconds": -1},
        b'{"place": 0, "text": "a", "status": "done", "seconds": NaN}',
        b'{"place": 0, "text": "a", "status": "done", "seconds": 1e999}',
    ],
)
def test_what_is_no_answer_is_refused_and_not_kept(server: Server, body: Any, tmp_path: Path) -> None:
    status, _, reply = ask(server, server.path + "answer", body)
    assert (status, "error" in json.loads(reply)) == (400, True)
    assert (tmp_path / "texts.jsonl").read_bytes() == b""


def test_a_body_that_is_too_large_or_of_no_length_or_kind_is_not_read(server: Server) -> None:
    path = server.path + "answer"
    assert ask(server, path, b"x" * 20_000)[0] == 413
    assert ask(server, path, b"x", Content_Length="9" * 5_000)[0] == 413
    assert ask(server, path, method="POST", Content_Length="-1")[0] == 411
    assert ask(server, path, method="POST", Transfer_Encoding="chunked")[0] == 411
    assert ask(server, path, DOG, Content_Type="text/plain")[0] == 415
    assert ask(server, server.path + "state", DOG)[0] == 404
    assert ask(server, path, DOG, method="PUT")[0] == 501


@pytest.mark.parametrize(
    "place",
    [
        "../../secret.jpg",
        "..%2f..%2fsecret.jpg",
        "/etc/passwd",
        "4",
        "-1",
        "0/../1",
        "1e0",
        "٣",
        "",
        "9" * 5_000,
    ],
)
def test_no_path_leads_to_a_file_that_is_not_in_the_list(server: Server, place: str) -> None:
    status, _, body = ask(server, server.path + "photo/" + place.replace("٣", "%D9%A3"))
    assert (status, b"JFIF" in body) == (400, False)


def test_photographs_are_served_small_and_bad_ones_with_the_reason(server: Server) -> None:
    status, headers, body = ask(server, server.path + "photo/2")
    assert (status, headers["Content-Type"]) == (200, "image/jpeg")
    assert cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR).shape == (384, MOST_SIDE_PX, 3)
    assert ask(server, server.path + "photo/2")[2] == body
    status, _, body = ask(server, server.path + "photo/1")
    assert (status, json.loads(body)["error"][:12]) == (422, "not-an-image")


def test_a_disk_that_takes_no_more_is_said_and_the_photograph_stays(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    status, _, body = ask(server, server.path + "answer", DOG)
    assert (status, "free some space" in json.loads(body)["error"]) == (507, True)
    assert server.session.state()["shown"]["key"] == "000"


def start(images: Path, out: Path, *more: str) -> tuple[subprocess.Popen[str], str]:
    call = [
        sys.executable,
        "-m",
        "bdstr.cli",
        "annotate",
        images,
        "--out",
        out,
        "--no-open",
        "--order",
        "name",
    ]
    process = subprocess.Popen(
        [*map(str, call), *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    return process, process.stdout.readline().strip().removeprefix("Open ")


def post(url: str, body: dict[str, Any]) -> dict[str, Any]:
    import urllib.request

    request = urllib.request.Request(url + "answer", json.dumps(body).encode(), JSON)
    with urllib.request.urlopen(request, timeout=10) as reply:
        state: dict[str, Any] = json.load(reply)
    return state


def test_killed_between_two_answers_it_goes_on_where_it_was(images: Path, tmp_path: Path) -> None:
    out = tmp_path / "texts.jsonl"
    for place in range(4):
        process, url = start(images, out, "--who", "Ada")
        state = post(url, DOG | {"place": place, "text": f"text {place}"})
        assert state["done"] == place + 1
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=20)
    assert [(one.key, one.text) for one in read_answers(out).answers] == [
        (f"{place:03}", f"text {place}") for place in range(4)
    ]


def test_ctrl_c_ends_it_quietly_and_says_how_many_are_done(images: Path, tmp_path: Path) -> None:
    out = tmp_path / "texts.jsonl"
    out.write_text('{"key": "000", "text": "a do')
    process, url = start(images, out)
    post(url, DOG)
    post(url, DOG | {"place": 1, "text": "", "status": "skipped"})
    process.send_signal(signal.SIGINT)
    said, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert said.splitlines()[-1] == f"{out}: 1 of 4 done, 1 skipped, 2 left: call again to go on"
    assert "its last answer was torn, 28 bytes" in err
    assert "Traceback" not in err
