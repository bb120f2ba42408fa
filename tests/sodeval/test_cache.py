"""What was measured before is not measured again; whatever happens to the file, the numbers stay."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from folders import bits_of, read_benchmark, save, write_benchmark
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sodeval import cache, joint, runner, values
from sodeval.cache import Cache, CacheWriter
from sodeval.errors import OutputError
from sodeval.evaluation import Options, evaluate_pairings, samples_of
from sodeval.facts import Facts
from sodeval.inputs.pairing import Pairing
from sodeval.problem import Problem
from sodeval.protocol import PSOD, PYSODMETRICS, Protocol
from sodeval.scoring import Settings, score_chunk

FLOATS = arrays(np.float64, 1, elements=st.floats(width=64))


@pytest.fixture
def pairing(tmp_path: Path) -> Pairing:
    """With a map of each path through the code, and one that is noted."""
    write_benchmark(tmp_path)
    save(tmp_path / "A" / "0001.png", np.full((5, 7), 9, np.uint8))
    (tmp_path / "B" / "0002.png").unlink()
    save(tmp_path / "B" / "0002.npy", np.random.default_rng(0).random((20, 26)))
    return read_benchmark(tmp_path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "out" / "cache.sqlite"


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """One entry for each map that is measured."""
    calls: list[str] = []
    for module in (joint, values):
        function, name = module.measure, module.__name__.rpartition(".")[2]

        def counted(*args: Any, function: Callable[..., Any] = function, name: str = name) -> Any:
            calls.append(name)
            return function(*args)

        monkeypatch.setattr(module, "measure", counted)
    return calls


def run(pairing: Pairing, file: Path | None, **options: Any) -> dict[str, Any]:
    return bits_of(evaluate_pairings([pairing], Options(cache=file, **options)))


def rows(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("SELECT count(*) FROM facts").fetchone()[0])


# --- what is measured again -----------------------------------------------------------------------


def test_a_second_run_measures_nothing_and_gives_the_same_bits(
    pairing: Pairing, file: Path, measured: list[str]
) -> None:
    without = run(pairing, None)
    first = run(pairing, file)
    assert sorted(set(measured)) == ["joint", "values"]
    measured.clear()
    assert run(pairing, file) == first == without
    assert measured == []
    assert rows(file) == 16


def test_a_new_method_alone_is_measured(
    pairing: Pairing, file: Path, measured: list[str], tmp_path: Path
) -> None:
    run(pairing, file)
    for i in range(8):
        save(
            tmp_path / "C" / f"{i:04}.png",
            np.random.default_rng(i).integers(0, 256, (20, 26), dtype=np.uint8),
        )
    measured.clear()
    more = read_benchmark(tmp_path, ["C", "A", "B"])
    assert run(more, file) == run(more, None)
    assert len(measured) == 8 + 24


def test_a_map_or_mask_that_changed_is_measured_again(
    pairing: Pairing, file: Path, measured: list[str], tmp_path: Path
) -> None:
    run(pairing, file)
    measured.clear()
    save(tmp_path / "A" / "0003.png", np.zeros((20, 26), np.uint8))
    save(tmp_path / "gt" / "0006.png", np.eye(20, 26, dtype=np.uint8) * np.uint8(255))
    changed = run(pairing, file)
    assert len(measured) == 1 + 2
    assert changed == run(pairing, None)


def test_names_and_folders_do_not_matter(
    pairing: Pairing, file: Path, measured: list[str], tmp_path: Path
) -> None:
    run(pairing, file)
    measured.clear()
    moved = tmp_path / "moved"
    moved.mkdir()
    for name in ("gt", "A", "B"):
        (tmp_path / name).rename(moved / name)
    again = read_benchmark(moved)
    assert run(again, file) == run(again, None)
    assert len(measured) == 16  # by the run without a cache
    (note,) = evaluate_pairings([again], Options(cache=file)).results[0].problems
    assert (note.file, note.kind) == (str(moved / "A" / "0001.png"), "resized")


def test_another_protocol_is_measured_again(pairing: Pairing, file: Path, measured: list[str]) -> None:
    run(pairing, file)
    measured.clear()
    assert run(pairing, file, protocol=PSOD) == run(pairing, None, protocol=PSOD)
    assert len(measured) == 32
    measured.clear()
    run(pairing, file, protocol=Protocol(name="by another name"))
    assert measured == []


def test_measures_on_request_come_from_what_is_kept(
    pairing: Pairing, file: Path, measured: list[str]
) -> None:
    run(pairing, file)
    measured.clear()
    asked = run(pairing, file, families=("IoU", "BER"))
    assert measured == []
    assert asked == run(pairing, None, families=("IoU", "BER"))


def test_another_version_measures_again(
    pairing: Pairing, file: Path, measured: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(pairing, file)
    measured.clear()
    monkeypatch.setattr(cache, "engine", lambda: b"another")
    run(pairing, file)
    assert len(measured) == 16


def test_what_cannot_be_read_is_not_kept(pairing: Pairing, file: Path, tmp_path: Path) -> None:
    whole = (tmp_path / "A" / "0004.png").read_bytes()
    (tmp_path / "A" / "0004.png").write_bytes(whole[:50])
    first = run(pairing, file)
    assert rows(file) == 15
    assert run(pairing, file) == first
    (tmp_path / "A" / "0004.png").write_bytes(whole)
    assert run(pairing, file) == run(pairing, None)


def test_a_run_that_was_stopped_goes_on(
    pairing: Pairing, file: Path, measured: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "PAIRS_A_CHUNK", 4)

    def stop(benchmark: str, done: int, of: int) -> None:
        if done == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate_pairings([pairing], Options(cache=file), stop)
    assert rows(file) == 12
    measured.clear()
    resumed = run(pairing, file)
    assert len(measured) == 4
    assert resumed == run(pairing, None)


def test_workers_look_up_what_is_kept(pairing: Pairing, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "PAIRS_A_CHUNK", 6)
    first = run(pairing, file, workers=2)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(
            "CREATE TRIGGER none_new BEFORE INSERT ON facts BEGIN SELECT RAISE(FAIL, 'new'); END"
        )
    assert run(pairing, file, workers=2) == first == run(pairing, None)


# --- damage ---------------------------------------------------------------------------------------


def damage_a_row(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(
            "UPDATE facts SET facts = substr(facts, 1, 20) WHERE key = (SELECT min(key) FROM facts)"
        )


def damage_the_start(file: Path) -> None:
    file.write_bytes(b"no database at all, but much longer than a header " * 100)


def damage_the_middle(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[4096 : 4096 + 3000] = b"\xff" * 3000
    file.write_bytes(data)


def cut_it_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2 + 100])


def empty_it(file: Path) -> None:
    file.write_bytes(b"")


@pytest.mark.parametrize(
    "damage",
    [damage_a_row, damage_the_start, damage_the_middle, cut_it_short, empty_it],
    ids=lambda f: f.__name__,
)
@pytest.mark.parametrize("workers", [1, 2])
def test_a_damaged_cache_is_measured_anew_and_mended(
    pairing: Pairing,
    file: Path,
    measured: list[str],
    damage: Callable[[Path], None],
    workers: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runner, "PAIRS_A_CHUNK", 6)
    expected = run(pairing, file)
    assert not file.with_name(file.name + "-wal").exists()
    damage(file)
    assert run(pairing, file, workers=workers) == expected
    measured.clear()
    assert run(pairing, file) == expected
    assert measured == []


@given(st.integers(1, 300).flatmap(lambda bins: arrays(np.uint32, (1, 2, bins))), FLOATS, FLOATS, FLOATS)
def test_facts_come_out_of_a_row_as_they_went_in(
    counts: np.ndarray, mae: np.ndarray, s: np.ndarray, wf: np.ndarray
) -> None:
    facts = Facts(counts, np.array([[2**40, 3]]), mae, s, wf)
    notes = (Problem("a.png", "nan-s", 'ünsäfe "detail"', "note"), Problem("a.png", "rgb", "", "note"))
    unpacked = Cache.unpack(Cache.pack(facts, notes), Path("b.png"))
    assert unpacked is not None
    for name in ("counts", "adaptive", "mae", "s", "wf"):
        np.testing.assert_array_equal(getattr(unpacked[0], name), getattr(facts, name))
        assert getattr(unpacked[0], name).dtype == getattr(facts, name).dtype
    assert unpacked[1] == tuple(Problem("b.png", note.kind, note.detail, "note") for note in notes)


@given(st.data())
def test_a_row_with_a_wrong_byte_is_right_or_counts_as_none(data: st.DataObject) -> None:
    counts = np.arange(2 * 257, dtype=np.uint32).reshape(1, 2, 257)
    row = bytearray(Cache.pack(Facts(counts, np.zeros((1, 2), np.int64), *np.ones((3, 1))), ()))
    at = data.draw(st.integers(0, len(row) - 1))
    assert Cache.unpack(bytes(row[:at]), Path("a.png")) is None
    row[at] ^= data.draw(st.integers(1, 255))
    unpacked = Cache.unpack(bytes(row), Path("a.png"))
    if unpacked:  # compressed in another way
        np.testing.assert_array_equal(unpacked[0].counts, counts)
        assert (unpacked[0].mae, unpacked[0].s, unpacked[0].wf) == (1, 1, 1)


def test_a_row_of_another_format_counts_as_none() -> None:
    assert Cache.unpack(zlib.compress(b"another format"), Path("a.png")) is None
    assert Cache.unpack(zlib.compress(b""), Path("a.png")) is None


# --- no cache, no space, no other process's way ---------------------------------------------------


def test_without_a_file_nothing_is_found_or_kept(pairing: Pairing) -> None:
    with Cache.open(None) as none:
        assert not none.is_open
        assert none.look_up(none.key_of(b"mask", b"map", PYSODMETRICS, 100), Path("a.png")) is None


def test_what_is_measured_while_the_file_is_being_replaced_is_to_be_kept(
    pairing: Pairing, file: Path
) -> None:
    outcome = score_chunk(samples_of(pairing), Settings(PYSODMETRICS, cache=file))
    assert len({key for key, _ in outcome.fresh}) == 16
    assert not file.exists()
    file.parent.mkdir()
    file.write_bytes(b"")
    assert score_chunk(samples_of(pairing), Settings(PYSODMETRICS, cache=file)).fresh == outcome.fresh


def test_a_full_disk_is_said_with_the_file(
    pairing: Pairing, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = cache._connect

    def connect_to_a_small_disk(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.execute("PRAGMA max_page_count = 2")
        return connection

    monkeypatch.setattr(cache, "_connect", connect_to_a_small_disk)
    with pytest.raises(
        OutputError, match=r"cache\.sqlite: cannot be written: database or disk is full; free"
    ) as full:
        run(pairing, file)
    assert str(file) in str(full.value)
    monkeypatch.undo()
    assert run(pairing, file) == run(pairing, None)


def test_a_place_where_no_file_can_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    (tmp_path / "a folder").mkdir()
    for path in (tmp_path / "a file" / "cache.sqlite", tmp_path / "a folder"):
        with pytest.raises(OutputError, match=r"cannot be written: .*choose another --out"):
            CacheWriter(path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a file", "a folder"]


def test_a_cache_in_use_is_never_taken_for_a_damaged_one(
    pairing: Pairing, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(pairing, file)
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda *args, **options: connect(*args, **options | {"timeout": 0})
    )
    with closing(connect(file, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(OutputError, match="database is locked"):
            CacheWriter(file)
        other.execute("ROLLBACK")
    assert rows(file) == 16


def test_two_processes_share_a_cache(
    pairing: Pairing, file: Path, measured: list[str], tmp_path: Path
) -> None:
    code = (
        "import sys; from pathlib import Path; sys.path[:0] = sys.argv[1:2];"
        "from folders import read_benchmark; from sodeval import runner;"
        "from sodeval.evaluation import Options, evaluate_pairings; runner.PAIRS_A_CHUNK = 2;"
        "root, cache = map(Path, sys.argv[2:]); pairing = read_benchmark(root);"
        "print([evaluate_pairings([pairing], Options(cache=cache)).results[0].scores for _ in range(5)][-1])"
    )
    call = [sys.executable, "-c", code, str(Path(__file__).parent), str(tmp_path), str(file)]
    both = [
        subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    said = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert said[0][0] == said[1][0] == f"{evaluate_pairings([pairing], Options()).results[0].scores}\n"
    measured.clear()
    run(pairing, file)
    assert measured == []
