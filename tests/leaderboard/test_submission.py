"""submit: from what `sodeval run --out` wrote to an entry that holds, or to the reason why not."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from boards import larger, write_numbers
from click.testing import CliRunner, Result

from bdstr.errors import BoardError
from bdstr_leaderboard.board import packaged, read_board
from bdstr_leaderboard.commands.submit import submit
from bdstr_leaderboard.entry import Entry, Run, read_entry
from bdstr_leaderboard.figure import Method
from bdstr_leaderboard.maps import digest_of_maps
from bdstr_leaderboard.proof import faults
from bdstr_leaderboard.submission import entries_of
from sodeval import PRESETS, PerImage, Report, evaluate
from sodeval.errors import ToldError
from sodeval.measures import STANDARD
from sodeval.report import Result as Scored


def called(report: Path, out: Path, *options: str) -> Result:
    return CliRunner().invoke(
        submit, [str(report), "--out", str(out), "--supervision", "full", "--by", "A. Uthor", *options]
    )


def refused(result: Result) -> str:
    assert isinstance(result.exception, ToldError), result.exception
    return str(result.exception)


def test_a_report_becomes_an_entry_that_the_board_shows(
    report: Report, report_folder: Path, tmp_path: Path
) -> None:
    options = (
        "--method",
        "Near",
        "--name",
        "My Net",
        "--year",
        "2026",
        "--parameters",
        "12",
        "--note",
        "a run",
    )
    done = called(report_folder, tmp_path / "entries", *options)
    assert done.exit_code == 0, done.output
    assert re.search(r"My Net on SOD, 300 images: MAE 0\.\d{3}, maxF", done.output)
    assert "no copy that we know" in done.output
    board = read_board(tmp_path)
    assert not board.left_out
    assert {f.measure: f.value for f in board.figures} == dict(report.results[0].scores)
    (entry,) = board.entries
    assert (entry.method.title, entry.method.year, entry.run.by, entry.run.note) == (
        "My Net",
        2026,
        "A. Uthor",
        "a run",
    )
    assert entry.gt_fingerprint == report.results[0].gt_fingerprint


def test_an_entry_is_not_written_over_unless_asked(report_folder: Path, tmp_path: Path) -> None:
    assert called(report_folder, tmp_path, "--method", "Near").exit_code == 0
    before = (tmp_path / "near--sod.json").read_bytes()
    assert "is there already" in refused(called(report_folder, tmp_path, "--method", "Near", "--note", "x"))
    assert (tmp_path / "near--sod.json").read_bytes() == before
    assert called(report_folder, tmp_path, "--method", "Near", "--note", "x", "--replace").exit_code == 0
    assert read_entry(tmp_path / "near--sod.json").run.note == "x"


def test_an_entry_is_never_written_over_by_another_method(report_folder: Path, tmp_path: Path) -> None:
    names = ["\u65e5\u672c\u8a9e", "\ud55c\uad6d\uc5b4", "???", "Net", "Net+", "net"]
    for name in names[:-1]:
        done = called(report_folder, tmp_path, "--method", "Near", "--name", name)
        assert done.exit_code == 0, done.exception
    other = ("--method", "Near", "--name", names[-1])  # a file system may not tell capitals apart
    for options in (other, (*other, "--replace")):
        message = refused(called(report_folder, tmp_path, *options))
        assert "net--sod.json is there already, and of Net; expected a file of net" in message
        assert "writes over" not in message
    assert sorted(read_entry(file).method.title for file in tmp_path.iterdir()) == sorted(names[:-1])


def test_a_file_that_is_no_entry_is_never_written_over(report_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "near--sod.json").write_text("notes", "utf-8")
    message = refused(called(report_folder, tmp_path, "--method", "Near", "--replace"))
    assert "no entry that can be read" in message
    assert (tmp_path / "near--sod.json").read_text("utf-8") == "notes"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--name", "  "], "name: found nothing"),
        (["--name", "x" * 300], "name: found 300 letters"),
        (["--by", ""], "by: found nothing; expected who ran sodeval"),
        (["--note", "a\x1b[2J"], "note: found U+001B"),
    ],
)
def test_what_is_said_of_a_method_must_be_words(
    options: list[str], reason: str, report_folder: Path, tmp_path: Path
) -> None:
    assert reason in refused(called(report_folder, tmp_path / "out", "--method", "Near", *options))
    assert not (tmp_path / "out").exists()


def test_a_report_of_several_methods_wants_one_named(report_folder: Path, tmp_path: Path) -> None:
    assert "has scores of Near, Far; name one of them" in refused(called(report_folder, tmp_path))
    assert "did you mean 'Near'?" in refused(called(report_folder, tmp_path, "--method", "near"))


@pytest.mark.parametrize("gone", ["per_image.csv", "curves.npz"])
def test_without_the_proof_beside_it_a_report_is_refused(
    gone: str, report_folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(report_folder, tmp_path / "report")
    (tmp_path / "report" / gone).unlink()
    assert "per_image.csv and curves.npz must lie beside report.json" in refused(
        called(tmp_path / "report", tmp_path / "out", "--method", "Near")
    )
    assert not (tmp_path / "out").exists()


def test_a_report_whose_images_were_touched_is_refused(report_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(report_folder, tmp_path / "report")
    table = tmp_path / "report" / "per_image.csv"
    table.write_text(table.read_text("utf-8").replace("0.1", "0.0", 1), "utf-8")
    assert "another run's" in refused(called(tmp_path / "report", tmp_path / "out", "--method", "Near"))


def test_a_report_whose_score_was_touched_is_refused(report_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(report_folder, tmp_path / "report")
    file = tmp_path / "report" / "report.json"
    values = json.loads(file.read_text("utf-8"))
    values["results"][0]["scores"]["MAE"] -= 0.01
    file.write_text(json.dumps(values), "utf-8")
    message = refused(called(tmp_path / "report", tmp_path / "out", "--method", "Near"))
    assert "Near on SOD: MAE: the mean of its values is" in message


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [('"schema": 1', '"schema": 9', "schema"), ("{", "{,", "not valid JSON"), ('"SOD"', "7", "benchmark")],
)
def test_a_report_that_cannot_be_read_is_refused(
    old: str, new: str, reason: str, report_folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "report.json"
    file.write_text((report_folder / "report.json").read_text("utf-8").replace(old, new, 1), "utf-8")
    assert reason in refused(called(file, tmp_path / "out", "--method", "Near"))


def made(report: Report, method: str = "Near") -> tuple[Entry, ...]:
    about = Method(name=method, supervision="full")
    return entries_of(report, method, about, lambda _: Run(by="A. Uthor", date="2026-11-25"))


@pytest.mark.parametrize("protocol", [PRESETS["psod"], PRESETS["pysodmetrics"].but(f_beta2=1.0)])
def test_another_protocol_is_refused_even_under_the_same_name(protocol: object, report: Report) -> None:
    with pytest.raises(BoardError, match="run sodeval again without --protocol and --set"):
        made(replace(report, protocol=protocol))  # type: ignore[arg-type]


SPOILT: dict[str, tuple[Callable[[Scored], Scored], str]] = {
    "half": (lambda r: replace(r, images=150), "150 of 300 images are scored; expected all"),
    "none": (lambda r: replace(r, scores={}), "expected all: make the missing maps"),
    "another count": (
        lambda r: replace(r, benchmark="ECSSD"),
        "300 images; ECSSD has 1,000: score all of it",
    ),
    "unknown": (lambda r: replace(r, benchmark="Mine"), "Mine: no benchmark that sodeval knows"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_what_is_not_all_of_a_known_benchmark_is_refused(name: str, report: Report) -> None:
    spoil, reason = SPOILT[name]
    with pytest.raises(BoardError, match=reason):
        made(replace(report, results=(spoil(report.results[0]),)))


def test_a_measure_that_is_not_defined_somewhere_is_refused(report: Report) -> None:
    result = report.results[0]
    assert result.per_image
    values = dict(result.per_image.values) | {"S": np.full(300, np.nan)}
    hollow = replace(result, per_image=PerImage(result.per_image.keys, values, result.per_image.counts))
    with pytest.raises(BoardError, match="not defined on some images"):
        made(replace(report, results=(hollow,)))


@pytest.fixture(scope="module")
def two_benchmarks(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SOD, and PASCAL-S with 850 images; also a measure beyond the standard ones."""
    (far,) = (result for result in report.results if result.method == "Far")
    far = replace(far, scores=dict(far.scores) | {"maxIoU": 0.5})
    other = larger(far, "PASCAL-S", 850)
    return write_numbers(replace(report, results=(other, far)), tmp_path_factory.mktemp("two"))


def test_a_report_of_two_benchmarks_becomes_two_entries(two_benchmarks: Path, tmp_path: Path) -> None:
    maps = {}
    for name in ("SOD", "PASCAL-S"):
        maps[name] = tmp_path / name
        maps[name].mkdir()
        for i in range({"SOD": 300, "PASCAL-S": 850}[name]):
            (maps[name] / f"{i:0{4 if name == 'SOD' else 5}}_sal.png").write_bytes(name.encode())
    folders = [option for name, folder in maps.items() for option in ("--maps", f"{name}={folder}")]
    done = called(two_benchmarks, tmp_path / "out", "--method", "Far", *folders)
    assert done.exit_code == 0, done.output
    assert "left away: maxIoU: entries hold the standard measures" in done.output
    entries = [read_entry(tmp_path / "out" / f"far--{name}.json") for name in ("sod", "pascal-s")]
    assert [len(entry.keys) for entry in entries] == [300, 850]
    assert [entry.run.maps_sha256 for entry in entries] == [
        digest_of_maps(maps[e.benchmark], e.keys) for e in entries
    ]
    assert not [fault for entry in entries for fault in faults(entry)]
    assert all(list(entry.scores) == sorted(STANDARD) for entry in entries)


def test_of_two_benchmarks_one_can_be_taken(two_benchmarks: Path, tmp_path: Path) -> None:
    assert called(two_benchmarks, tmp_path, "--method", "Far", "--benchmark", "SOD").exit_code == 0
    assert [file.name for file in tmp_path.iterdir()] == ["far--sod.json"]
    message = refused(called(two_benchmarks, tmp_path, "--method", "Far", "--benchmark", "SOC"))
    assert "no scores on 'SOC'; did you mean 'SOD'?" in message


def test_maps_of_two_benchmarks_want_their_benchmark_named(two_benchmarks: Path, tmp_path: Path) -> None:
    message = refused(called(two_benchmarks, tmp_path / "out", "--method", "Far", "--maps", str(tmp_path)))
    assert "of which benchmark? expected BENCHMARK=FOLDER, of PASCAL-S, SOD" in message


def test_the_hash_of_maps_changes_with_a_name_and_with_a_byte(tmp_path: Path) -> None:
    with pytest.raises(BoardError, match="no files"):
        digest_of_maps(tmp_path, ["a"])
    (tmp_path / "a.png").write_bytes(b"1")
    first = digest_of_maps(tmp_path, ["a"])
    (tmp_path / "a.png").rename(tmp_path / "b.png")
    second = digest_of_maps(tmp_path, ["b"])
    (tmp_path / "b.png").write_bytes(b"2")
    assert len({first, second, digest_of_maps(tmp_path, ["b"])}) == 3


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["1.png"], "no map called 12 and 1 more; expected exactly one file for each of the 3 images"),
        (["x.png", "y.png", "z.png"], "no map called 1 and 2 more"),
        (["1.png", "12.png", "3.png", "4.png"], "4, of no image that was scored"),
        (["1_a.png", "12_a.png", "3_b.png"], "no map called"),
        (["1.png", "1.jpg", "12.png", "3.png"], "two files called 1; expected"),
    ],
)
def test_maps_that_are_not_one_of_each_image_are_refused(
    names: list[str], reason: str, tmp_path: Path
) -> None:
    for name in names:
        (tmp_path / name).write_bytes(b"1")
    with pytest.raises(BoardError, match=reason):
        digest_of_maps(tmp_path, ["1", "12", "3"])


def test_the_maps_of_other_images_are_refused_and_nothing_is_written(
    report_folder: Path, shared_data: Path, tmp_path: Path
) -> None:
    maps = shared_data / "sod" / "predictions" / "DSS"
    options = ("--method", "Near", "--maps", str(maps))
    assert "no map called 0000 and 299 more" in refused(called(report_folder, tmp_path / "out", *options))
    assert not (tmp_path / "out").exists()


def test_a_submission_of_the_real_maps_is_the_entry_that_is_shipped(
    shared_data: Path, tmp_path: Path
) -> None:
    maps = shared_data / "sod" / "predictions" / "DSS"
    report = evaluate(shared_data / "sod" / "gt", {"DSS": maps}, benchmark="SOD")
    (tmp_path / "report").mkdir()
    done = called(write_numbers(report, tmp_path / "report"), tmp_path / "out", "--maps", str(maps))
    assert "masks known" in done.output
    entry, shipped = (
        read_entry(folder / "dss--sod.json") for folder in (tmp_path / "out", packaged() / "entries")
    )
    assert entry.scores == pytest.approx(shipped.scores, abs=1e-12)
    assert entry.run.maps_sha256 == shipped.run.maps_sha256
    np.testing.assert_allclose(entry.values["maxF"], shipped.values["maxF"], atol=1e-7)
