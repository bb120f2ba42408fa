"""`sodeval run --out`: what is written, what is never overwritten, who writes alone."""

from __future__ import annotations

import csv
import io
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from cli_data import KEYS, Run, both, save, scores_of

from sodeval.errors import OutputError
from sodeval.outputs.sole_writer import sole_writer


def test_a_report_that_is_replaced_is_named(run: Run, data: Path) -> None:
    assert "replaces" not in run("run", *both(data), "--out", data / "report")[2]
    assert "replaces" not in run("run", *both(data), "--out", data / "report")[2]
    fewer = ("run", "--gt", data / "gt", "--pred", data / "good", "--out", data / "report")
    assert "replaces a report of B on gt" in run(*fewer)[2]
    assert "replaces a report of protocol pysodmetrics" in run(*fewer, "--protocol", "psod")[2]


def test_out_holds_every_output(run: Run, data: Path) -> None:
    code, _, err = run("run", *both(data), "--out", data / "report")
    names = {path.name for path in (data / "report").iterdir()}
    assert code == 0
    assert "written to" in err
    assert names >= {
        *("report.json", "per_image.csv", "curves.npz", "table.md", "table.tex"),
        *("pr.svg", "f.svg", "e.svg", "gallery.html"),
    }
    rows = list(csv.DictReader(io.StringIO((data / "report" / "per_image.csv").read_text())))
    assert [(row["method"], row["image"]) for row in rows] == [(m, k) for m in ("good", "B") for k in KEYS]


def test_nothing_is_written_into_an_input_folder(run: Run, data: Path) -> None:
    before = sorted(data.rglob("*"))
    code, _, err = run("run", *both(data), "--out", data / "gt" / "report")
    assert code == 2
    assert "input folder" in err
    assert sorted(data.rglob("*")) == before


@pytest.mark.parametrize("out", ["", "report"])
def test_nothing_is_written_among_the_photographs(run: Run, data: Path, out: str) -> None:
    shutil.copytree(data / "good", data / "photos")
    code, _, err = run("run", *both(data), "--images", data / "photos", "--out", data / "photos" / out)
    assert (code, "lies in the input folder" in err) == (2, True)
    assert sorted(path.stem for path in (data / "photos").iterdir()) == list(KEYS)


@pytest.mark.parametrize("name", ["report.json", "table.tex", "pr.svg"])
def test_a_file_that_is_not_ours_is_never_overwritten(run: Run, data: Path, name: str) -> None:
    (data / "out").mkdir()
    (data / "out" / name).write_text("mine")
    code, _, err = run("run", *both(data), "--out", data / "out")
    assert (code, name in err, "choose another --out" in err) == (2, True, True)
    assert [file.read_text() for file in (data / "out").iterdir()] == ["mine"]


def test_a_file_that_is_no_cache_is_moved_aside_and_named(run: Run, data: Path) -> None:
    (data / "out").mkdir()
    (data / "out" / "cache.sqlite").write_text("my precious notes")
    done = subprocess.run(
        [sys.executable, "-m", "sodeval", "run", *both(data), "--out", str(data / "out")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "moved to cache.sqlite.damaged" in done.stderr
    assert (data / "out" / "cache.sqlite.damaged").read_text() == "my precious notes"


def test_a_database_of_others_is_refused(run: Run, data: Path) -> None:
    (data / "out").mkdir()
    with closing(sqlite3.connect(data / "out" / "cache.sqlite")) as connection, connection:
        connection.execute("CREATE TABLE facts (a, b, c)")
    code, _, err = run("run", *both(data), "--out", data / "out")
    assert (code, "no cache of this sodeval" in err) == (3, True)


def test_scores_are_printed_even_where_they_cannot_be_written(
    run: Run, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OutputError("no room")

    monkeypatch.setattr("sodeval.outputs.report_files.write_report", full)
    code, out, err = run("run", *both(data), "--out", data / "out", "--format", "json")
    assert (code, err) == (3, "Error: no room\n")
    assert set(scores_of(out)) == {"good", "B"}


def test_a_loop_of_links_is_refused_as_a_place_of_the_report(run: Run, data: Path, loop: Path) -> None:
    code, _, err = run("run", *both(data), "--out", loop)
    assert (code, f"{loop}" in err, "cannot be written" in err) == (3, True, True)


def test_photographs_of_other_names_are_said(run: Run, data: Path) -> None:
    for name, key in (("photos", KEYS[0]), ("others", "elsewhere")):
        save(data / name / f"{key}.jpg", np.zeros((24, 32, 3), np.uint8))
    note = "no photograph has the name of a mask of gt: its gallery shows none"
    for name, said in (("photos", False), ("others", True)):
        code, _, err = run("run", *both(data), "--out", data / "out", "--images", data / name)
        assert (code, f"note   no-photographs: {data / name} ({note})" in err) == (0, said)


@pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be locked")
def test_a_second_run_into_the_same_folder_is_refused_while_the_first_one_lasts(run: Run, data: Path) -> None:
    again = ("run", *both(data), "--out", data / "out")
    with sole_writer(data / "out"):
        code, out, err = run(*again)
        assert (code, out, list((data / "out").iterdir())) == (3, "", [])
        assert err.startswith(f"Error: {data / 'out'}: another run of sodeval is writing there;")
    assert run(*again)[0] == 0


@pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be locked")
def test_a_run_that_was_killed_keeps_nobody_out(data: Path) -> None:
    code = """
import os, pathlib, signal, sys
from sodeval.outputs.sole_writer import sole_writer
with sole_writer(pathlib.Path(sys.argv[1])):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code, data / "out"], check=False)
    assert done.returncode == -signal.SIGKILL
    with sole_writer(data / "out"):
        pass
