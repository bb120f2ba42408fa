"""A clock that jumps, during a run or between two: the same bytes, and no time of it in what is said."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from forks import Forks
from jumping_clock import BEFORE, HOUR_S, YEAR_S
from works import WORKS, write_inputs

TALKATIVE = """
import bdstr_builders.commands.progress, sodeval.commands.progress
bdstr_builders.commands.progress.SECONDS_BETWEEN_LINES = sodeval.commands.progress.SECONDS_BETWEEN_LINES = 0
"""
NEGATIVE = re.compile(r"(?<!\S)-\d")
UNFINISHED = {
    "generate": ".run/shards/00001.json",
    "pack": ".run/shards/00001.json",
    "run": "f.svg",
    "train": "model.safetensors",
    "predict": "003.png",
}
"""A file without which there is something left to do."""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_inputs(tmp_path_factory.mktemp("inputs"))


@pytest.fixture(scope="module")
def made(forks: Forks, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the output of each command."""
    folder = tmp_path_factory.mktemp("made")
    for name, work in WORKS.items():
        code, said = work.called(forks, root, folder / name / "out")
        assert code == 0, said
    return folder


@pytest.mark.parametrize("name", WORKS)
def test_a_clock_that_jumps_during_a_run_changes_no_byte(
    forks: Forks, root: Path, made: Path, tmp_path: Path, name: str
) -> None:
    work, out = WORKS[name], tmp_path / "out"
    code, said = work.called(forks, root, out, BEFORE + TALKATIVE)
    assert code == 0, said
    assert not NEGATIVE.search(said), said
    assert work.made(out) == work.made(made / name / "out")


@pytest.mark.parametrize("later_s", [-HOUR_S, YEAR_S])
@pytest.mark.parametrize("name", WORKS)
def test_a_clock_that_jumped_before_a_run_goes_on_changes_no_byte(
    forks: Forks, root: Path, made: Path, tmp_path: Path, name: str, later_s: int
) -> None:
    work, out = WORKS[name], tmp_path / "out"
    shutil.copytree(made / name / "out", out)
    (out / UNFINISHED[name]).unlink()
    for path in out.rglob("*"):
        moved_ns = path.stat().st_mtime_ns + later_s * 10**9
        os.utime(path, ns=(moved_ns, moved_ns))
    code, said = work.called(forks, root, out, BEFORE + TALKATIVE)
    assert code == 0, said
    assert not NEGATIVE.search(said), said
    assert ("modified after they were done" in said) == (later_s < 0 and name in ("generate", "pack"))
    assert work.made(out) == work.made(made / name / "out")
