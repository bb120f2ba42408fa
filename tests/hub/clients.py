"""Clients of the test Hub: processes of their own, since huggingface_hub reads its settings when imported."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from store import User

OWNER, READER = "hf_ownersOwnersOwners", "hf_readersReadersRead"
WITHOUT_WAITING = "import time; time.sleep = lambda _: None"
"""Between two tries the client waits up to 8 seconds."""
USERS = {OWNER: User("ann", frozenset({"ann", "lab"})), READER: User("bob", frozenset({"bob"}))}
"""One who may write to ``lab``, and another who may not."""
MAIN = "import sys; from bdstr.cli import main; sys.argv[0] = 'bdstr'; main()"


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody with a home and a token.

    Args:
        url: of the Hub.
        home: where the token and what is downloaded would be.
        token: None is none at all.
    """

    url: str
    home: Path
    token: str | None = OWNER

    def start(self, code: str, *arguments: str, stdin: int | None = None) -> subprocess.Popen[str]:
        """Runs Python code."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
        env = kept | {"HF_ENDPOINT": self.url, "HF_HOME": str(self.home), "HF_HUB_DISABLE_XET": "1"}
        env |= {"NO_PROXY": "127.0.0.1", "HF_HUB_DISABLE_TELEMETRY": "1"}
        env |= {"HF_TOKEN": self.token} if self.token else {}
        command = [sys.executable, "-c", code, *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env=env, stdin=stdin, stdout=pipe, stderr=pipe, text=True)

    def run(self, code: str, *arguments: str) -> tuple[int, str, str]:
        """Exit code, standard output, standard error; the token stands in neither."""
        process = self.start(code, *arguments)
        out, err = process.communicate(timeout=60)
        assert self.token is None or self.token not in out + err
        return process.returncode, out, err

    def push(
        self, folder: Path, repo: str, *options: str, before: str = "", kind: str = "dataset"
    ) -> tuple[int, str, str]:
        """``bdstr push``, after some code of ours."""
        return self.run(f"{before}\n{MAIN}", "push", kind, str(folder), repo, *options)


def settle(url: str, token: str = OWNER) -> None:
    """Makes this process a client for good; else its Hub was settled when huggingface_hub was imported."""
    import time

    from huggingface_hub import constants

    for name, value in _constants(url).items():
        setattr(constants, name, value)
    time.sleep = lambda _: None
    os.environ |= {"HF_TOKEN": token, "NO_PROXY": "127.0.0.1"}


def settle_here(url: str, monkeypatch: pytest.MonkeyPatch, token: str = OWNER) -> None:
    """The same until the test ends."""
    for name, value in _constants(url).items():
        monkeypatch.setattr(f"huggingface_hub.constants.{name}", value)
    monkeypatch.setattr("time.sleep", lambda _: None)  # between two tries the client waits up to 8 seconds
    monkeypatch.setenv("HF_TOKEN", token)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def _constants(url: str) -> dict[str, str | bool]:
    return {
        "ENDPOINT": url,
        "HUGGINGFACE_CO_URL_TEMPLATE": url + "/{repo_id}/resolve/{revision}/{filename}",
        "HF_HUB_DISABLE_XET": True,
    }
