"""kill -9 at random moments of work, again and again: what comes out has the bytes of an undisturbed run."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import photographs
import pytest
from clients import USERS
from forks import Forks, Process
from server import Hub
from small_preset import ADD_SMALL, arguments
from store import Store
from training_scenes import row, write_dataset

MOMENTS, PAIRS = 20, 120
"""How often each command is killed; pairs that are evaluated."""
SHORT = ("epochs=6", "evaluate_every=2")

Start = Callable[[Path], Process]
Contents = Callable[[Path], dict[str, bytes]]


@dataclass(frozen=True, slots=True)
class Work:
    """A command to kill.

    Args:
        start: begins it on an output, or goes on.
        contents: what must come out the same.
    """

    start: Start
    contents: Contents


def files_of(folder: Path) -> dict[str, bytes]:
    """All but what a kill has left aside."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(".tmp")
    }


def finish(process: Process) -> None:
    code, said = process.finish()
    assert code == 0, said


def kill_at_moments(work: Work, root: Path, seed: int) -> int:
    """Kills and resumes until it was killed `MOMENTS` times; the number of outputs that were finished."""
    process, begun = work.start(root / "undisturbed"), time.monotonic()
    finish(process)
    length_s, expected = time.monotonic() - begun, work.contents(root / "undisturbed")
    moments, kills, outputs = random.Random(seed), 0, 0
    while kills < MOMENTS:
        process = work.start(root / str(outputs))
        if process.ends_within(moments.uniform(0, length_s)):
            finish(process)
            assert work.contents(root / str(outputs)) == expected
            outputs += 1
        else:
            process.kill()
            kills += 1
    finish(work.start(root / str(outputs)))
    assert work.contents(root / str(outputs)) == expected
    return outputs + 1


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("scenes")
    photographs.write_scenes(root, 12)
    return root


@pytest.mark.slow
def test_generate_goes_on_to_the_same_bytes(forks: Forks, scenes: Path, tmp_path: Path) -> None:
    def start(out: Path) -> Process:
        return forks.start("bdstr", "generate", scenes / "images", "--out", out / "ds", "--rows-per-shard", 2)

    assert kill_at_moments(Work(start, files_of), tmp_path, seed=1)


@pytest.mark.slow
def test_evaluation_goes_on_to_the_same_report(forks: Forks, tmp_path: Path) -> None:
    for i in range(PAIRS):
        photo, mask = photographs.scene(i)
        photographs.save(tmp_path / "gt" / f"{i:03}.png", mask)
        photographs.save(tmp_path / "maps" / f"{i:03}.png", photo[..., 0])

    def start(out: Path) -> Process:
        where = ("--gt", tmp_path / "gt", "--pred", tmp_path / "maps")
        return forks.start("sodeval", "run", *where, "--out", out / "report", "--workers", 1)

    def contents(out: Path) -> dict[str, bytes]:
        return {name: data for name, data in files_of(out).items() if "cache.sqlite" not in name}

    assert kill_at_moments(Work(start, contents), tmp_path / "outs", seed=2)


@pytest.mark.slow
def test_training_goes_on_to_the_same_weights_and_log(forks: Forks, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", map(row, range(20)))

    def start(out: Path) -> Process:
        return forks.start("bdstr", "train", *arguments(data, out / "run", *SHORT), before=ADD_SMALL)

    def contents(out: Path) -> dict[str, bytes]:
        names = ("log.jsonl", "model.safetensors", "checkpoints/checkpoint-18/model.safetensors")
        return {name: (out / "run" / name).read_bytes() for name in names}

    assert kill_at_moments(Work(start, contents), tmp_path / "outs", seed=3)


@pytest.mark.slow
def test_a_push_goes_on_and_sends_no_file_twice(forks: Forks, scenes: Path, tmp_path: Path) -> None:
    code, said = forks.run("bdstr", "pack", scenes / "images", "--out", scenes / "ds", "--rows-per-shard", 2)
    assert code == 0, said
    with Hub(Store(USERS)).running() as hub:

        def start(out: Path) -> Process:
            name, before = f"lab/{out.name}", f"from clients import settle; settle({hub.url!r})"
            return forks.start("bdstr", "push", "dataset", scenes / "ds", name, before=before)

        def contents(out: Path) -> dict[str, bytes]:
            repo, uploads = hub.store.repos["dataset", f"lab/{out.name}"], hub.uploads()
            assert len(uploads) == len(set(uploads)) == 7  # six shards, and the rejects
            assert len(repo.commits) == 2  # the empty one is the first
            hub.store.objects.clear()  # or the next output would find them there
            hub.mend()
            return {path: file.data for path, file in repo.commits[repo.head].items()}

        assert kill_at_moments(Work(start, contents), tmp_path, seed=4)
