"""Two processes on one output, also where locks are granted to all: shared or refused, never mixed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import photographs
import pytest
from forks import Forks, Process
from small_preset import ADD_SMALL, arguments
from training_scenes import row, write_dataset

from bdstr.errors import RunError
from bdstr.training.claim import Claim
from bdstr.training.run import open_run
from bdstr_builders.annotate.answers import Answer
from bdstr_builders.annotate.store import Store, read_answers
from bdstr_builders.folder import find_items
from bdstr_builders.pipeline import Packing
from bdstr_builders.run.local import run
from bdstr_builders.run.plan import make_plan
from sodeval.outputs.atomic import write_once

LYING_LOCKS = "import fcntl; fcntl.flock = lambda *_: None"
LOCKS = {"locks": "", "lying locks": LYING_LOCKS}


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("scenes")
    photographs.write_scenes(root, 12)
    shutil.copytree(root / "masks", root / "maps")
    return root


def files_of(folder: Path) -> dict[str, bytes]:
    hidden = (".tmp", ".claim")
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(hidden) and "cache.sqlite" not in path.name
    }


def finish_both(both: list[Process]) -> list[str]:
    """What the refused ones said; the others were done."""
    ended = [process.finish() for process in both]
    assert sorted(code for code, _ in ended) in ([0, 0], [0, 3]), ended
    return [said for code, said in ended if code]


@pytest.mark.parametrize("locks", LOCKS)
def test_two_evaluations(forks: Forks, scenes: Path, tmp_path: Path, locks: str) -> None:
    words = ("sodeval", "run", "--gt", scenes / "masks", "--pred", scenes / "maps", "--workers", 1)
    assert forks.run(*words, "--out", tmp_path / "alone")[0] == 0
    both = [forks.start(*words, "--out", tmp_path / "out", before=LOCKS[locks]) for _ in range(2)]
    refused = finish_both(both)
    assert all("another run of sodeval is writing there" in said for said in refused)
    assert not refused or locks == "locks"
    assert files_of(tmp_path / "out") == files_of(tmp_path / "alone")


@pytest.mark.parametrize("locks", LOCKS)
def test_two_generations_share_the_work(forks: Forks, scenes: Path, tmp_path: Path, locks: str) -> None:
    words = ("bdstr", "generate", scenes / "images", "--rows-per-shard", 2)
    assert forks.run(*words, "--out", tmp_path / "alone" / "ds")[0] == 0
    out = tmp_path / "out" / "ds"
    both = [forks.start(*words, "--out", out, before=LOCKS[locks]) for _ in range(2)]
    assert finish_both(both) == []
    assert files_of(out) == files_of(tmp_path / "alone" / "ds")


def test_of_two_generations_that_differ_one_is_refused(scenes: Path, tmp_path: Path) -> None:
    source = find_items(scenes / "images")
    ours, others = Packing(masks="none"), Packing(masks="none", source="others")
    plan = make_plan(tmp_path / "ds", source, ours.fingerprint, 6)

    class Replaced:
        """The same, during whose work another run takes the plan's place, as no lock keeps it from."""

        fingerprint, needs_hashes, origin = ours.fingerprint, False, ours.origin

        def build(self, hashes: Any = None) -> Any:
            def make(items: Any) -> Any:
                yield from ours.build()(items)
                plan.sign_file(0).unlink()  # not seen yet
                make_plan(tmp_path / "ds", source, others.fingerprint, 6)

            return make

        def of_process(self, process: int) -> Replaced:
            return self

    with pytest.raises(RunError, match="another run has begun there meanwhile"):
        run(plan, source, Replaced())
    assert not (tmp_path / "ds" / "data").exists()


@pytest.mark.parametrize("locks", LOCKS)
def test_two_predictions_of_one_network_and_of_two(
    forks: Forks, scenes: Path, tmp_path: Path, locks: str
) -> None:
    words = ("bdstr", "predict", scenes / "images", "--device", "cpu", "--batch", 2)
    assert forks.run(*words, "--out", tmp_path / "alone")[0] == 0
    both = [forks.start(*words, "--out", tmp_path / "out", before=LOCKS[locks]) for _ in range(2)]
    assert finish_both(both) == []
    assert files_of(tmp_path / "out") == files_of(tmp_path / "alone")


@pytest.mark.parametrize("locks", LOCKS)
def test_two_trainings(forks: Forks, tmp_path: Path, locks: str) -> None:
    data = write_dataset(tmp_path / "data", map(row, range(20)))
    short, before = ("epochs=6", "evaluate_every=2"), f"{ADD_SMALL}; {LOCKS[locks]}"
    assert forks.run("bdstr", "train", *arguments(data, tmp_path / "alone", *short), before=before)[0] == 0
    call = ("bdstr", "train", *arguments(data, tmp_path / "out", *short))
    (refused,) = finish_both([forks.start(*call, before=before) for _ in range(2)])
    expected = {
        "locks": "another run of bdstr train is writing",
        "lying locks": "another `bdstr train` has begun",
    }
    assert expected[locks] in refused
    for name in ("log.jsonl", "model.safetensors", "checkpoints/checkpoint-18/model.safetensors"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "alone" / name).read_bytes(), name


def test_a_run_that_another_took_over_writes_nothing_more(tmp_path: Path) -> None:
    first = Claim.on(tmp_path)
    first.refuse_lost()
    second = Claim.on(tmp_path)
    second.refuse_lost()
    with pytest.raises(RunError, match="another `bdstr train` has begun there meanwhile"):
        first.refuse_lost()


def test_of_two_that_begin_another_run_at_once_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_run(tmp_path, {"preset": "small"})
    monkeypatch.setattr(Path, "exists", lambda _: False)  # it was looked for before the other wrote it
    with pytest.raises(RunError, match="holds a run with other preset"):
        open_run(tmp_path, {"preset": "tiny"})
    assert not write_once(tmp_path / "training.json", "mine")
    assert "small" in (tmp_path / "training.json").read_text()


def test_two_people_who_annotate_one_file_lose_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fcntl.flock", lambda *_: None)
    stores = [Store(tmp_path / "texts.jsonl") for _ in range(2)]
    for number in range(100):
        for who, store in enumerate(stores):
            store.append(Answer(f"{who}/{number}", "a dog"))
    for store in stores:
        store.close()
    keys = [answer.key for answer in read_answers(tmp_path / "texts.jsonl").answers]
    assert sorted(keys) == sorted(f"{who}/{number}" for who in range(2) for number in range(100))
