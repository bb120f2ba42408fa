"""The work over processes: the same bits however it is shared out, and nothing lost when a process dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PosixPath
from typing import Any

import numpy as np
import psutil
import pytest
from folders import bits_of, read_benchmark, save, write_benchmark
from hypothesis import given
from hypothesis import strategies as st

from sodeval import runner, scoring
from sodeval.evaluation import Options, evaluate_pairings
from sodeval.inputs.pairing import Pairing
from sodeval.protocol import PSOD
from sodeval.report import Report, Result
from sodeval.runner import PAIRS_A_CHUNK, chunks_of, usable_cpus
from sodeval.scoring import Sample


@pytest.fixture(scope="module")
def pairing(tmp_path_factory: pytest.TempPathFactory) -> Pairing:
    return write_benchmark(tmp_path_factory.mktemp("tiny"), images=24)


@pytest.fixture(scope="module")
def expected(pairing: Pairing) -> dict[str, Any]:
    return bits_of(evaluate_pairings([pairing], Options()))


def kinds(result: Result) -> list[str]:
    return [problem.kind for problem in result.problems]


# --- sharing out ----------------------------------------------------------------------------------


@given(st.integers(0, 100), st.integers(0, 50))
def test_chunks_hold_every_sample_once_and_in_order(count: int, methods: int) -> None:
    samples = [Sample(f"{i:03}", Path("gt"), {}) for i in range(count)]
    chunks = chunks_of(samples, methods)
    assert [sample for chunk in chunks for sample in chunk] == samples
    assert all(1 <= len(chunk) <= PAIRS_A_CHUNK for chunk in chunks)
    assert all(len(chunk) * methods <= max(PAIRS_A_CHUNK, methods) for chunk in chunks)


def test_at_least_one_processor_can_be_used() -> None:
    assert 1 <= usable_cpus() <= (os.cpu_count() or 1)


@pytest.mark.parametrize("pairs_a_chunk", [1, 6, 14, 1000])
def test_any_size_of_chunks_gives_the_same_bits(
    pairing: Pairing, expected: dict[str, Any], pairs_a_chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "PAIRS_A_CHUNK", pairs_a_chunk)
    assert bits_of(evaluate_pairings([pairing], Options())) == expected


def test_two_workers_give_the_same_bits_as_one(
    pairing: Pairing, expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "PAIRS_A_CHUNK", 10)
    assert bits_of(evaluate_pairings([pairing], Options(workers=2))) == expected


def test_any_order_of_methods_gives_the_same_bits(pairing: Pairing, expected: dict[str, Any]) -> None:
    turned = replace(pairing, maps=dict(reversed(pairing.maps.items())))
    report = evaluate_pairings([turned], Options())
    assert [result.method for result in report.results] == ["B", "A"]
    assert bits_of(report) == expected


def test_a_method_scores_the_same_alone(pairing: Pairing, expected: dict[str, Any]) -> None:
    alone = evaluate_pairings([replace(pairing, maps={"B": pairing.maps["B"]})], Options())
    assert bits_of(alone) == {"tiny B": expected["tiny B"]}


def test_any_order_of_files_gives_the_same_bits(pairing: Pairing, expected: dict[str, Any]) -> None:
    turned = replace(pairing, masks=dict(reversed(pairing.masks.items())))
    assert bits_of(evaluate_pairings([turned], Options())) == expected


def test_several_benchmarks_are_scored_one_after_another(pairing: Pairing, expected: dict[str, Any]) -> None:
    steps: list[tuple[str, int, int]] = []
    other = replace(pairing, benchmark="other")
    report = evaluate_pairings([pairing, other], Options(), lambda *step: steps.append(step))
    assert [(result.benchmark, result.method) for result in report.results] == [
        ("tiny", "A"),
        ("tiny", "B"),
        ("other", "A"),
        ("other", "B"),
    ]
    assert bits_of(report)["tiny A"] == expected["tiny A"]
    assert bits_of(report)["other A"]["scores"] == expected["tiny A"]["scores"]
    assert steps == [("tiny", 16, 24), ("tiny", 24, 24), ("other", 16, 24), ("other", 24, 24)]


def test_the_protocol_reaches_the_workers(pairing: Pairing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "PAIRS_A_CHUNK", 10)
    alone = evaluate_pairings([pairing], Options(protocol=PSOD, families=("IoU",)))
    shared = evaluate_pairings([pairing], Options(protocol=PSOD, families=("IoU",), workers=2))
    assert bits_of(shared) == bits_of(alone)
    assert "maxIoU" in shared.results[0].scores
    assert shared.protocol == PSOD


# --- incomplete methods ---------------------------------------------------------------------------


@pytest.fixture
def incomplete(tmp_path: Path) -> Callable[..., Report]:
    """The report on a benchmark of which one map is lost and one is cut short, both of method A."""
    write_benchmark(tmp_path)
    (tmp_path / "A" / "0002.png").unlink()
    whole = (tmp_path / "A" / "0005.png").read_bytes()
    (tmp_path / "A" / "0005.png").write_bytes(whole[: len(whole) // 2])
    return lambda **options: evaluate_pairings([read_benchmark(tmp_path)], Options(**options))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_method_with_a_missing_or_unreadable_map_gets_no_score(
    incomplete: Callable[..., Report], workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "PAIRS_A_CHUNK", 6)
    report = incomplete(workers=workers)
    a, b = report.results
    assert (a.scored, a.scores, a.per_image, a.curves) == (False, {}, None, None)
    assert (a.images, a.expected, a.partial) == (6, 8, True)
    assert sorted(kinds(a)) == ["missing", "truncated"]
    assert sorted(Path(problem.file).name for problem in a.problems) == ["0002.png", "0005.png"]
    assert b.scored
    assert (b.images, b.partial, b.problems) == (8, False, ())
    assert not report.complete


def test_where_it_is_allowed_what_is_there_is_scored_and_marked_partial(
    incomplete: Callable[..., Report],
) -> None:
    report = incomplete(allow_missing=True)
    a, b = report.results
    assert a.scored
    assert a.partial
    assert sorted(kinds(a)) == ["missing", "truncated"]
    assert a.per_image is not None
    assert a.per_image.keys == ("0000", "0001", "0003", "0004", "0006", "0007")
    assert a.scores["MAE"] == np.mean(a.per_image.values["MAE"])
    assert b.images == 8
    assert not report.complete


def test_the_scores_of_what_is_there_are_those_of_a_benchmark_of_these_images(
    incomplete: Callable[..., Report], tmp_path: Path
) -> None:
    partial = incomplete(allow_missing=True).results[0]
    for name in ("0002.png", "0005.png"):
        (tmp_path / "gt" / name).unlink()
    (smaller,) = evaluate_pairings([read_benchmark(tmp_path, ["A"])], Options()).results
    assert partial.scores == smaller.scores


def test_an_unreadable_mask_leaves_every_method_incomplete(tmp_path: Path) -> None:
    write_benchmark(tmp_path)
    (tmp_path / "gt" / "0003.png").write_bytes(b"")
    pairing = read_benchmark(tmp_path)
    for result in evaluate_pairings([pairing], Options()).results:
        assert (result.images, result.scored, kinds(result)) == (7, False, ["empty"])
    for result in evaluate_pairings([pairing], Options(allow_missing=True)).results:
        assert (result.images, result.scored, kinds(result)) == (7, True, ["empty"])


def test_a_method_of_which_nothing_can_be_read_gets_no_score_even_where_it_is_allowed(tmp_path: Path) -> None:
    write_benchmark(tmp_path)
    for path in (tmp_path / "A").iterdir():
        path.write_bytes(b"")
    a, b = evaluate_pairings([read_benchmark(tmp_path)], Options(allow_missing=True)).results
    assert (a.images, a.scored, kinds(a)) == (0, False, ["empty"] * 8)
    assert b.scored


def test_notes_change_no_score_and_are_listed_with_each_method(tmp_path: Path) -> None:
    write_benchmark(tmp_path)
    save(tmp_path / "gt" / "0001.png", np.zeros((20, 26), np.uint8))
    save(tmp_path / "A" / "0002.png", np.full((10, 13), 9, np.uint8))
    a, b = evaluate_pairings([read_benchmark(tmp_path)], Options()).results
    assert (a.scored, kinds(a)) == (True, ["resized", "empty-gt"])
    assert (b.scored, kinds(b)) == (True, ["empty-gt"])


# --- processes that die ---------------------------------------------------------------------------


class Deadly(PosixPath):
    """The path of a map that kills the worker it is handed to, as a decoder that crashes does."""

    def __reduce__(self) -> Any:
        return signal.raise_signal, (signal.SIGKILL,)


def test_a_map_that_kills_its_worker_is_named_and_nothing_else_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "PAIRS_A_CHUNK", 6)
    monkeypatch.setattr(runner, "CHUNKS_AHEAD", 1)
    methods = ["A", "B", "C"]
    write_benchmark(tmp_path, methods=methods, images=6)
    save(tmp_path / "gt" / "0003.png", np.zeros((20, 26), np.uint8))  # noted once, however often it is read
    pairing = read_benchmark(tmp_path, methods)
    undisturbed = bits_of(evaluate_pairings([pairing], Options()))
    deadly = dict(pairing.maps["A"]) | {"0003": Deadly(pairing.maps["A"]["0003"])}
    struck = replace(pairing, maps=dict(pairing.maps) | {"A": deadly})
    report = evaluate_pairings([struck], Options(workers=2))
    a = report.results[0]
    assert (a.images, a.scored, kinds(a)) == (5, False, ["worker-died", "empty-gt"])
    assert a.problems[0].file == str(pairing.maps["A"]["0003"])
    assert a.problems[0].is_error
    for method in ("tiny B", "tiny C"):
        assert bits_of(report)[method] == undisturbed[method]


def workers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())]


def test_a_worker_killed_half_way_changes_no_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "PAIRS_A_CHUNK", 2)
    write_benchmark(tmp_path, images=10)
    for i in range(10):  # of two sizes, and slow enough to be caught at work
        save(tmp_path / "C" / f"{i:04}.npy", np.random.default_rng(i).random((900, 1200)))
    pairing = read_benchmark(tmp_path, ["A", "C"])
    undisturbed = bits_of(evaluate_pairings([pairing], Options()))
    run_again: list[Any] = []
    score_apart = runner._score_apart
    monkeypatch.setattr(
        runner,
        "_score_apart",
        lambda chunk, settings: run_again.append(chunk) or score_apart(chunk, settings),
    )

    def kill_one_at_the_first_step(benchmark: str, done: int, of: int) -> None:
        if done == 1:
            workers()[0].send_signal(signal.SIGKILL)

    struck = evaluate_pairings([pairing], Options(workers=2), kill_one_at_the_first_step)
    assert run_again
    assert bits_of(struck) == undisturbed


def test_no_worker_outlives_an_evaluation(pairing: Pairing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "PAIRS_A_CHUNK", 10)
    seen: list[psutil.Process] = []

    def stop(benchmark: str, done: int, of: int) -> None:
        seen.extend(workers())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate_pairings([pairing], Options(workers=2), stop)
    assert seen
    assert workers() == []


# --- workers that cannot start --------------------------------------------------------------------


def test_a_script_without_a_main_guard_is_told_so(tmp_path: Path) -> None:
    write_benchmark(tmp_path, images=24)
    script = tmp_path / "unguarded.py"
    script.write_text(
        "import sodeval, sodeval.runner\n"
        "sodeval.runner.PAIRS_A_CHUNK = 4\n"
        f"print(sodeval.evaluate({str(tmp_path / 'gt')!r}, {{'A': {str(tmp_path / 'A')!r}}}, workers=2))\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "WorkerError: no worker process can be started; in a script, call this under if" in done.stderr
    assert "worker-died" not in done.stdout


def test_a_container_is_given_as_many_workers_as_its_quota(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quota = tmp_path / "cpu.max"
    monkeypatch.setattr(runner, "CGROUP_QUOTA", quota)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)))
    counts = []
    for text in ("max 100000", "150000 100000", "1000 100000", "gibberish"):
        quota.write_text(text)
        counts.append(usable_cpus())
    assert counts == [60, 2, 1, 60]


def test_a_map_that_kills_is_named_by_two_workers_even_in_a_single_chunk(tmp_path: Path) -> None:
    pairing = write_benchmark(tmp_path, images=3)
    key = sorted(pairing.masks)[1]
    deadly = Deadly(pairing.maps["A"][key])
    maps = {"A": pairing.maps["A"] | {key: deadly}, "B": pairing.maps["B"]}
    first, second = evaluate_pairings([replace(pairing, maps=maps)], Options(workers=2)).results
    assert [(p.file, p.kind) for p in first.problems if p.is_error] == [(str(deadly), "worker-died")]
    assert second.scored


def test_a_map_that_does_not_fit_into_memory_costs_only_itself(
    pairing: Pairing, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = pairing.maps["A"][sorted(pairing.masks)[1]]
    measure = scoring.measure_map

    def measure_map(decoded: Any, name: Any, *rest: Any) -> Any:
        if name == victim:
            raise MemoryError
        return measure(decoded, name, *rest)

    monkeypatch.setattr(scoring, "measure_map", measure_map)
    spoilt, whole = evaluate_pairings([pairing], Options()).results
    assert [(p.file, p.kind) for p in spoilt.problems if p.is_error] == [(str(victim), "too-large")]
    assert whole.scored
