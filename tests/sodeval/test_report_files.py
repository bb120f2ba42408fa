"""The folder that ``--out`` names: whole files, exact on the way back, refused where they do not fit."""

from __future__ import annotations

import errno
import io
import json
import os
import pickle
import resource
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sodeval.errors import OutputError, ReportError
from sodeval.outputs import atomic
from sodeval.outputs.atomic import write_atomically
from sodeval.outputs.curves_npz import curves_npz, with_curves
from sodeval.outputs.per_image_csv import per_image_csv, with_per_image
from sodeval.outputs.report_files import read_report, write_report
from sodeval.protocol import PSOD, Protocol
from sodeval.report import PerImage, Report, Result

MakeReport = Callable[..., Report]
MakeResult = Callable[..., Result]

WRITTEN = [
    "per_image.csv", "curves.npz", "report.json", "table.md", "table.tex", "pr.svg", "f.svg", "e.svg"
]  # fmt: skip
NAMES = st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=8)


def assert_same(first: Report, second: Report) -> None:
    assert first.to_json() == second.to_json()
    for a, b in zip(first.results, second.results, strict=True):
        assert (a.per_image is None) == (b.per_image is None)
        if a.per_image is not None and b.per_image is not None:
            assert a.per_image.keys == b.per_image.keys
            assert a.per_image.values.keys() == b.per_image.values.keys()
            for name, values in a.per_image.values.items():
                np.testing.assert_array_equal(b.per_image.values[name], values, strict=True)
            np.testing.assert_array_equal(a.per_image.counts, b.per_image.counts)
        assert (a.curves or {}).keys() == (b.curves or {}).keys()
        for name, curve in (a.curves or {}).items():
            np.testing.assert_array_equal((b.curves or {})[name], curve, strict=True)


# ---- one file ---------------------------------------------------------------------------------------


def test_a_file_is_written_with_its_folders(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a" / "b" / "c.txt", "é")
    assert (tmp_path / "a" / "b" / "c.txt").read_bytes() == "é".encode()


def test_a_name_that_is_no_text_is_written_by_its_number(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a.md", "x\udc80")
    assert (tmp_path / "a.md").read_text("utf-8") == r"x\udc80"


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "free some space"),
        (errno.EROFS, "choose a folder that can be written to"),
        (errno.EIO, "choose"),
    ],
)
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failed_write_is_explained_and_leaves_the_old_file_alone(
    step: str, number: int, advice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "report.json"
    target.write_text("old")

    def fail(*_: object) -> NoReturn:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(*((atomic.os, "fsync") if step == "fsync" else (Path, "replace")), fail)
    with pytest.raises(OutputError) as caught:
        write_atomically(target, "new")
    assert str(caught.value).startswith(f"{target} cannot be written: {os.strerror(number)}; {advice}")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("report.json", "old")]


@contextmanager
def no_room() -> Iterator[None]:
    """No file may grow over 4 kB; only for a moment, since what pytest prints may go to a file, too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_that_the_system_cuts_short_is_not_left_behind(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"curves\.npz cannot be written: File too large"), no_room():
        write_atomically(tmp_path / "curves.npz", bytes(10_000))
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_while_writing_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: int) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(atomic.os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "report.json", "new")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputError, match=r"a part of the path is a file: choose another folder"):
        write_atomically(tmp_path / "out" / "report.json", "new")
    assert (tmp_path / "out").read_text() == "a file"


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "report.json" / "inner").mkdir(parents=True)
    with pytest.raises(
        OutputError, match=r"report\.json cannot be written: Is a directory; a folder of that name"
    ):
        write_atomically(tmp_path / "report.json", "new")
    assert [file.name for file in tmp_path.iterdir()] == ["report.json"]


def test_writers_at_the_same_time_never_mix_their_files(tmp_path: Path) -> None:
    texts = [letter * 100_000 for letter in "abcdefgh"]
    threads = [threading.Thread(target=write_atomically, args=(tmp_path / "a.txt", text)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "a.txt").read_text() in texts
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


# ---- the folder -------------------------------------------------------------------------------------


def test_a_report_is_written_as_the_documented_files(tmp_path: Path, make_report: MakeReport) -> None:
    written = write_report(make_report(), tmp_path / "out")
    assert [path.name for path in written] == WRITTEN
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(WRITTEN)
    assert all(path.stat().st_size > 100 for path in written)


def test_equal_reports_are_written_as_equal_bytes(tmp_path: Path, make_report: MakeReport) -> None:
    first, second = (write_report(make_report(), tmp_path / name) for name in ("a", "b"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_a_report_reads_back_exactly_from_its_folder_or_its_json(
    tmp_path: Path, make_report: MakeReport, make_result: MakeResult
) -> None:
    on_request = {"maxIoU": np.array([0.25, np.nan, 1 / 3, 1.0])}
    base = make_result("A", "SOD")
    more = replace(base, per_image=replace(base.per_image, values={**base.per_image.values, **on_request}))
    more = replace(more, curves={**more.curves, "IoU": np.linspace(0, 1, 256)})
    bare = make_result("B", "SOD", images=0, expected=4, scores={}, per_image=None, curves=None)
    report = make_report(make_result(), more, bare)
    write_report(report, tmp_path)
    assert_same(read_report(tmp_path), report)
    assert_same(read_report(tmp_path / "report.json"), report)


def test_other_numbers_of_thresholds_read_back(
    tmp_path: Path, make_report: MakeReport, make_result: MakeResult
) -> None:
    base = make_result(curves={name: np.linspace(0, 1, 255) for name in ("precision", "recall", "F", "E")})
    counts = np.zeros((4, 2, 256), np.uint32)
    report = make_report(replace(base, per_image=replace(base.per_image, counts=counts)), protocol=PSOD)
    write_report(report, tmp_path)
    assert_same(read_report(tmp_path), report)


@given(NAMES, NAMES, st.lists(NAMES, min_size=1, max_size=4, unique=True), st.floats())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_images_of_any_name_and_value_read_back(
    tmp_path: Path, method: str, benchmark: str, keys: list[str], value: float
) -> None:
    images = len(keys)
    per_image = PerImage(tuple(keys), {"MAE": np.full(images, value)}, np.zeros((images, 2, 257), np.uint32))
    result = Result(method, benchmark, images, images, {"MAE": 0.5}, per_image=per_image)
    report = Report(Protocol(), (result,), "1")
    bare = replace(report, results=(replace(result, per_image=None),))
    read = with_per_image(bare, per_image_csv(report), Path("a.csv"))
    again = with_curves(read, curves_npz(report), Path("a.npz"))
    assert_same(again, report)


def test_without_its_sidecars_a_report_has_scores_alone(tmp_path: Path, make_report: MakeReport) -> None:
    report = make_report()
    write_report(report, tmp_path)
    (tmp_path / "curves.npz").unlink()
    per_image = read_report(tmp_path).results[0].per_image
    assert per_image is not None
    assert per_image.counts is None
    (tmp_path / "per_image.csv").unlink()
    again = read_report(tmp_path)
    assert again.to_json() == report.to_json()
    assert (again.results[0].per_image, again.results[0].curves) == (None, None)


def test_per_image_scores_are_ready_for_a_spreadsheet(
    make_report: MakeReport, make_result: MakeResult
) -> None:
    result = make_result('a,"b"', images=1)
    head, row = per_image_csv(make_report(result)).splitlines()
    assert head == "benchmark,method,image,partial,MAE,maxF,meanF,adpF,wF,S,maxE,meanE,adpE"
    assert row.startswith(f'ECSSD,"a,""b""",0000,,{float(result.per_image.values["MAE"][0])!r},')


def test_the_archive_explains_itself(
    tmp_path: Path, make_report: MakeReport, make_result: MakeResult
) -> None:
    report = make_report(make_result(), make_result("B", curves=None))
    write_atomically(tmp_path / "curves.npz", curves_npz(report))
    with np.load(tmp_path / "curves.npz") as archive:
        assert archive["methods"].tolist() == ["Ours", "B"]
        assert archive["thresholds"][[0, -1]].tolist() == [255, 0]
        assert archive["0/counts"].dtype == np.uint32
        assert set(archive.files) >= {"0/precision", "0/recall", "0/F", "0/E", "0/keys", "1/counts"}
        assert "1/F" not in archive.files


# ---- what does not fit ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(
    tmp_path_factory: pytest.TempPathFactory, make_report: MakeReport, make_result: MakeResult
) -> Path:
    folder = tmp_path_factory.mktemp("written")
    write_report(make_report(make_result("A"), make_result("B")), folder)
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    """A copy of a written report, to spoil; without the digests that would find out first."""
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    values = json.loads((tmp_path / "report.json").read_text())
    assert set(values.pop("files")) == {"per_image.csv", "curves.npz"}
    (tmp_path / "report.json").write_text(json.dumps(values))
    return tmp_path


@pytest.mark.parametrize("name", ["per_image.csv", "curves.npz"])
def test_files_of_two_runs_are_never_read_as_one_report(
    tmp_path: Path, name: str, make_report: MakeReport, make_result: MakeResult
) -> None:
    ours, other = tmp_path / "ours", tmp_path / "other"
    write_report(make_report(make_result("A")), ours)
    base = make_result("A")
    values = {measure: column / 2 for measure, column in base.per_image.values.items()}
    curves = {measure: curve / 2 for measure, curve in base.curves.items()}
    changed = replace(base, per_image=replace(base.per_image, values=values), curves=curves)
    write_report(make_report(changed), other)
    shutil.copy(other / name, ours / name)  # the same methods, images and sizes
    with pytest.raises(ReportError, match=rf"{name} is not what report\.json .* another run's"):
        read_report(str(ours))


def test_a_folder_without_a_report_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ReportError, match=r"report\.json cannot be read: No such file or directory; expected"
    ):
        read_report(tmp_path)


def test_images_of_another_run_are_refused(folder: Path) -> None:
    lines = (folder / "per_image.csv").read_text().splitlines(keepends=True)
    (folder / "per_image.csv").write_text("".join(lines[:-1]))
    with pytest.raises(
        ReportError, match=r"per_image\.csv: found 3 images of B on ECSSD; report\.json says 4"
    ):
        read_report(folder)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "benchmark,method",
            "method,benchmark",
            "the first columns are not benchmark, method, image, partial",
        ),
        ("ECSSD,A,0001,,", "ECSSD,A,0001,,x", "could not convert string to float"),
        ("ECSSD,A,0001,,", 'ECSSD,"A"x,0001,,', "after line 2: "),
        ("ECSSD,A,0001,,", "ECSSD,A,0001,,1,", "line 3 has not as many cells as the header"),
        ("ECSSD,A,0001,,", "0001,,", "line 3 has not as many cells as the header"),
    ],
)
def test_a_spoilt_per_image_csv_is_refused(folder: Path, old: str, new: str, message: str) -> None:
    file = folder / "per_image.csv"
    file.write_text(file.read_text().replace(old, new))
    with pytest.raises(ReportError, match=rf"per_image\.csv: .*{message}"):
        read_report(folder)


def test_a_file_in_another_encoding_is_refused(folder: Path) -> None:
    (folder / "per_image.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(ReportError, match=r"per_image\.csv is no UTF-8 text"):
        read_report(folder)


def test_an_archive_cut_anywhere_is_refused(folder: Path) -> None:
    whole = (folder / "curves.npz").read_bytes()
    for end in range(0, len(whole), len(whole) // 40):
        (folder / "curves.npz").write_bytes(whole[:end])
        with pytest.raises(ReportError, match=r"curves\.npz: cannot be read"):
            read_report(folder)


def test_a_flipped_byte_never_passes_unseen(folder: Path) -> None:
    whole, report = (folder / "curves.npz").read_bytes(), read_report(folder)
    directory = whole.index(b"PK\x01\x02")  # where each byte tells how to read the rest
    for at in [*range(0, len(whole), len(whole) // 60), *range(directory, directory + 46)]:
        (folder / "curves.npz").write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            again = read_report(folder)
        except ReportError:
            continue
        assert_same(again, report)  # the byte was one that carries nothing, such as a date


def test_an_archive_of_other_methods_is_refused(folder: Path, make_report: MakeReport) -> None:
    (folder / "curves.npz").write_bytes(curves_npz(make_report()))
    with pytest.raises(ReportError, match=r"curves\.npz: its methods are not those of report\.json"):
        read_report(folder)


def rewrite(file: Path, name: str, array: np.ndarray) -> None:
    with np.load(file) as archive:
        arrays = {entry: archive[entry] for entry in archive.files} | {name: array}
    np.savez(file, **arrays)


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("1/F", np.zeros(255), r"1/F is float64 \(255,\); expected float64 \(256,\)"),
        ("1/F", np.zeros(256, np.float32), r"1/F is float32"),
        ("0/counts", np.zeros((4, 2, 256), np.uint32), r"expected uint32 \(4, 2, 257\)"),
        ("0/keys", np.array(["a", "b", "c", "d"]), r"its images are not those of per_image\.csv"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(folder: Path, name: str, array: np.ndarray, message: str) -> None:
    rewrite(folder / "curves.npz", name, array)
    with pytest.raises(ReportError, match=rf"curves\.npz: .*{message}"):
        read_report(folder)


class Bomb:
    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, ("exploded",)


def test_an_archive_is_never_unpickled(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "|O", "fortran_order": False, "shape": (1,)})
    with zipfile.ZipFile(folder / "curves.npz", "w") as archive:
        archive.writestr("methods.npy", file.getvalue() + pickle.dumps(np.array([Bomb()], dtype=object)))
    with pytest.raises(ReportError, match=r"curves\.npz: cannot be read"):
        read_report(folder)
    assert not (folder / "exploded").exists()


def test_a_disk_that_fills_up_half_way_leaves_whole_files_only(
    tmp_path: Path, make_report: MakeReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []

    def fsync(number: int) -> None:
        synced.append(number)
        if len(synced) == 4:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(atomic.os, "fsync", fsync)
    with pytest.raises(
        OutputError, match=r"table\.md cannot be written: No space left on device; free some space"
    ):
        write_report(make_report(), tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["curves.npz", "per_image.csv", "report.json"]
    assert_same(read_report(tmp_path), make_report())
