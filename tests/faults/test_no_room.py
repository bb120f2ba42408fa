"""A disk that takes no more: one clear error with exit code 3, and what was there is unharmed."""

from __future__ import annotations

from pathlib import Path

import photographs
import pytest
from forks import Forks

COMMANDS = {
    "pack": ("bdstr", "pack", "{root}/images", "{root}/masks", "--out", "{out}"),
    "inspect": ("bdstr", "inspect", "{root}/ds", "--out", "{out}"),
    "predict": ("bdstr", "predict", "{root}/images", "--device", "cpu", "--out", "{out}"),
    "leaderboard": ("bdstr", "leaderboard", "build", "--out", "{out}"),
}
MOST_BYTES = 100
"""Less than any file of theirs, and enough to see that an error is said."""


@pytest.fixture(scope="module")
def root(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("scenes")
    photographs.write_scenes(root, 4)
    code, said = forks.run("bdstr", "pack", root / "images", root / "masks", "--out", root / "ds")
    assert code == 0, said
    return root


@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_disk_is_one_error(forks: Forks, root: Path, tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    words = [word.format(root=root, out=out) for word in COMMANDS[name]]
    process = forks.start(*words, before="import sys; sys.dont_write_bytecode = True", most_bytes=MOST_BYTES)
    code, said = process.finish()
    assert (code, said[:7]) == (3, "Error: ")
    assert not [path for path in out.rglob("*") if path.is_file()]
    assert [path for path in tmp_path.iterdir() if path != out] == []
