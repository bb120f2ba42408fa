"""Runs that are killed, interrupted or out of space: nothing is lost or counted twice, no traceback."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

PAIRS = 500
RESULTS = ("report.json", "per_image.csv", "curves.npz", "table.md", "table.tex", "pr.svg")
NUMBERS = RESULTS[:3]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough pairs that a run can be caught in the middle."""
    root = tmp_path_factory.mktemp("faults")
    rng = np.random.default_rng(1)
    for folder in ("gt", "maps"):
        (root / folder).mkdir()
    for i in range(PAIRS):
        mask = np.zeros((60, 80), np.uint8)
        top, left = rng.integers(0, 30, 2)
        mask[top : top + 25, left : left + 40] = 255
        noisy = (mask * 0.6 + rng.integers(0, 100, mask.shape)).astype(np.uint8)
        Image.fromarray(mask).save(root / "gt" / f"{i:04}.png")
        Image.fromarray(noisy).save(root / "maps" / f"{i:04}.png")
    return root


def start(
    data: Path, out: Path, *more: str, limit: Callable[[], None] | None = None
) -> subprocess.Popen[str]:
    call = [sys.executable, "-m", "sodeval", "run", "--gt", data / "gt", "--pred", data / "maps"]
    call = [str(word) for word in (*call, "--out", out, *more)]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        call,
        stdout=pipe,
        stderr=pipe,
        text=True,
        start_new_session=True,
        preexec_fn=limit,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, err = process.communicate(timeout=120)
    assert "Traceback" not in err, err
    return process.returncode, err


def outputs(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in RESULTS}


@pytest.fixture(scope="module")
def undisturbed(data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("undisturbed") / "report"
    code, err = finish(start(data, out, "--workers", "1"))
    assert code == 0, err
    return outputs(out)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_run_killed_at_any_moment_goes_on_to_the_same_bytes(
    data: Path, undisturbed: dict[str, bytes], tmp_path: Path, workers: str
) -> None:
    moments = random.Random(int(workers))
    for _ in range(4):
        process = start(data, tmp_path / "report", "--workers", workers)
        time.sleep(moments.uniform(0.2, 1.6))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    code, err = finish(start(data, tmp_path / "report", "--workers", workers))
    assert code == 0, err
    assert outputs(tmp_path / "report") == undisturbed
    assert not list((tmp_path / "report").glob("*.tmp*"))


def test_no_worker_outlives_a_killed_run(data: Path, tmp_path: Path) -> None:
    process = start(data, tmp_path / "report", "--workers", "2")
    workers = wait_for_workers(process)
    process.kill()
    process.communicate(timeout=30)  # ends when no one holds the pipes any more
    _, alive = psutil.wait_procs(workers, timeout=30)
    assert alive == []


def test_two_runs_on_one_output_do_not_harm_each_other(
    data: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    both = [start(data, tmp_path / "report", "--workers", "1") for _ in range(2)]
    ended = [finish(process) for process in both]
    refused = [err for code, err in ended if code == 3]
    assert sorted(code for code, _ in ended) in ([0, 0], [0, 3])  # both, if they did not overlap
    assert all("another run of sodeval is writing there" in err for err in refused)
    assert outputs(tmp_path / "report") == undisturbed


def test_ctrl_c_stops_at_once_and_says_how_to_go_on(data: Path, tmp_path: Path) -> None:
    process = start(data, tmp_path / "report", "--workers", "2")
    deadline = time.monotonic() + 60
    while not list((tmp_path / "report").glob("cache.sqlite")) and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers, too
    code, err = finish(process)
    assert code in (0, 130)  # 0 where it had just finished
    assert code == 0 or "goes on" in err


@pytest.mark.parametrize("gap_s", [0.02, 0.3])
def test_a_second_ctrl_c_never_hangs(data: Path, tmp_path: Path, gap_s: float) -> None:
    process = start(data, tmp_path / "report", "--workers", "2")
    wait_for_workers(process)
    for _ in range(2):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        time.sleep(gap_s)
    _, err = process.communicate(timeout=20)
    assert process.returncode in (0, 130, -signal.SIGINT)  # the last where the second came while it ended
    assert "Traceback" not in err


def test_sigterm_ends_workers_at_once_and_quietly(data: Path, tmp_path: Path) -> None:
    process = start(data, tmp_path / "report", "--workers", "2")
    workers = wait_for_workers(process)
    asked = time.monotonic()
    process.terminate()
    _, err = process.communicate(timeout=20)
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert (process.returncode in (0, 143), alive) == (True, [])
    assert "Traceback" not in err
    assert "resource_tracker" not in err
    assert time.monotonic() - asked < 10


def wait_for_workers(process: subprocess.Popen[str]) -> list[psutil.Process]:
    workers: list[psutil.Process] = []
    while len(workers) < 2 and process.poll() is None:
        workers = [p for p in psutil.Process(process.pid).children() if "spawn_main" in " ".join(p.cmdline())]
    assert len(workers) == 2
    return workers


def test_a_full_disk_is_one_clear_error(data: Path, tmp_path: Path) -> None:
    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))

    code, err = finish(start(data, tmp_path / "report", limit=small_files))
    assert code == 3
    assert err.startswith("Error: ")
    assert "report" in err
    assert not (tmp_path / "report" / "report.json").exists()


def test_an_output_that_is_a_file_is_refused(data: Path, tmp_path: Path) -> None:
    (tmp_path / "report").write_text("mine")
    code, err = finish(start(data, tmp_path / "report"))
    assert code == 2
    assert "report" in err
    assert (tmp_path / "report").read_text() == "mine"


@pytest.mark.parametrize("damage", [b"", b"not a database at all" * 100])
def test_a_damaged_cache_is_made_anew(
    data: Path, undisturbed: dict[str, bytes], tmp_path: Path, damage: bytes
) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "cache.sqlite").write_bytes(damage)
    code, err = finish(start(data, tmp_path / "report", "--workers", "1"))
    assert code == 0, err
    assert outputs(tmp_path / "report") == undisturbed


def test_a_truncated_cache_is_made_anew(data: Path, undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    finish(start(data, tmp_path / "report", "--workers", "1"))
    cache = tmp_path / "report" / "cache.sqlite"
    cache.write_bytes(cache.read_bytes()[: cache.stat().st_size // 2])
    code, err = finish(start(data, tmp_path / "report", "--workers", "1"))
    assert code == 0, err
    assert outputs(tmp_path / "report") == undisturbed


def test_the_report_of_a_resumed_run_counts_each_image_once(
    data: Path, undisturbed: dict[str, bytes]
) -> None:
    result = json.loads(undisturbed["report.json"])["results"][0]
    lines = undisturbed["per_image.csv"].decode().splitlines()
    assert (result["images"], result["expected"], len(lines)) == (PAIRS, PAIRS, PAIRS + 1)
