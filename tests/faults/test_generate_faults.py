"""Making a dataset while processes are killed and the disk is full: one error, then the same bytes."""

from __future__ import annotations

import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from bdstr_builders.commands.generate import generate
from sodeval.errors import OutputError

COUNT = 60
ROWS_A_SHARD = 4


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bright blocks on dark noise, enough of them that a run can be caught in the middle."""
    folder = tmp_path_factory.mktemp("faults") / "images"
    folder.mkdir()
    rng = np.random.default_rng(3)
    for i in range(COUNT):
        photo = rng.integers(0, 60, (120, 160, 3), np.uint8)
        top, left = rng.integers(10, 50, 2)
        photo[top : top + 50, left : left + 60] += 150
        Image.fromarray(photo).save(folder / f"{i:03}.jpg")
    return folder


def arguments(images: Path, out: Path, processes: int) -> list[str]:
    more = ("--rows-per-shard", ROWS_A_SHARD, "--processes", processes)
    return [str(one) for one in (images, "--out", out, *more)]


def call(images: Path, out: Path, processes: int = 1) -> Result:
    return CliRunner().invoke(generate, arguments(images, out, processes))


def start(images: Path, out: Path, processes: int = 2) -> subprocess.Popen[str]:
    code = "from bdstr.cli import main; main()"
    command = [sys.executable, "-c", code, "generate", *arguments(images, out, processes)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def contents(folder: Path) -> dict[str, bytes]:
    """All but what a kill has left aside."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(".tmp")
    }


@pytest.fixture(scope="module")
def undisturbed(images: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    result = call(images, out)
    assert result.exit_code == 0, result.exception
    return contents(out)


def wait_until(true: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while not true() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    assert process.poll() is None, "the run ended before it could be disturbed"


def workers(process: subprocess.Popen[str]) -> list[psutil.Process]:
    children = psutil.Process(process.pid).children()
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


def finished(out: Path) -> int:
    return len(list(out.glob(".run/shards/*.json")))


def test_a_run_whose_processes_are_killed_goes_on_to_the_same_bytes(
    images: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    out, last = tmp_path / "out", COUNT // ROWS_A_SHARD // 2  # well before the end
    moments = random.Random(5)
    first, second = moments.randint(1, last // 2), moments.randint(last // 2, last)

    process = start(images, out)
    wait_until(lambda: finished(out) >= first, process)
    workers(process)[0].kill()
    said = process.communicate(timeout=60)[1]
    assert (process.returncode, "Traceback" in said) == (3, False)
    assert "Error: a process died" in said
    assert "what is done is kept: run again" in said

    process = start(images, out)
    wait_until(lambda: len(workers(process)) == 2, process)
    orphans = workers(process)
    wait_until(lambda: finished(out) >= second, process)
    process.kill()
    process.communicate(timeout=60)  # ends when no one holds the pipes any more
    assert psutil.wait_procs(orphans, timeout=30)[1] == []

    assert 0 < finished(out) < COUNT // ROWS_A_SHARD
    assert call(images, out).exit_code == 0
    assert contents(out) == undisturbed


def test_ctrl_c_stops_workers_at_the_next_photograph_and_says_so_once(images: Path, tmp_path: Path) -> None:
    process = start(images, tmp_path / "out")
    wait_until(lambda: finished(tmp_path / "out") >= 1, process)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "Traceback" not in said
    assert said.count("Error: interrupted") == 1


@contextmanager
def full_disk(free_bytes: int) -> Iterator[None]:
    """No file of this process and its children may grow over a limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (free_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("processes", [1, 2])
def test_a_full_disk_is_one_error_and_with_room_again_the_same_bytes_follow(
    images: Path, undisturbed: dict[str, bytes], tmp_path: Path, processes: int
) -> None:
    out = tmp_path / "out"
    sizes = sorted(len(data) for name, data in undisturbed.items() if name.startswith("data/"))
    with full_disk(sizes[len(sizes) // 2] - 1):  # half of the shards do not fit
        result = call(images, out, processes)
    assert isinstance(result.exception, OutputError)
    assert "cannot be written: File too large; " in str(result.exception)
    assert result.stdout == ""
    assert not list(out.rglob("*.tmp"))
    assert not (out / "README.md").exists()
    assert call(images, out).exit_code == 0
    assert contents(out) == undisturbed
