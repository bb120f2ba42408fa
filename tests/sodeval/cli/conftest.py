"""What the tests of the command share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sodeval import cli, shell

sys.path.append(str(Path(__file__).parent))  # where the tests find cli_data.py

from cli_data import KEYS, Run, mask, saliency, save


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Calls the command in this process: exit code, standard output, standard error."""

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.delenv("SODEVAL_DEBUG", raising=False)
        monkeypatch.setattr(sys, "argv", ["sodeval", *map(str, arguments)])
        code = shell.run(cli.cli, frozenset({"run"}))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A benchmark of four images and two methods."""
    for seed, key in enumerate(KEYS):
        save(tmp_path / "gt" / f"{key}.png", mask(seed))
        save(tmp_path / "good" / f"{key}.png", saliency(seed, 20))
        save(tmp_path / "noisy" / f"{key}.png", saliency(seed, 150))
    return tmp_path


@pytest.fixture
def loop(data: Path) -> Path:
    (data / "loop").symlink_to(data / "back")
    (data / "back").symlink_to(data / "loop")
    return data / "loop"
