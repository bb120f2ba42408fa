"""The command as people and scripts call it: what it prints where, and with which exit code."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sodeval import cli, shell
from sodeval.errors import OutputError
from sodeval.outputs.sole_writer import sole_writer

Run = Callable[..., tuple[int, str, str]]
KEYS = ("0001", "0002", "0003", "0004")
HOSTILE = "<script>alert('1')</script> & $x_1%"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Calls the command in this process: exit code, standard output, standard error."""

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.delenv("SODEVAL_DEBUG", raising=False)
        monkeypatch.setattr(sys, "argv", ["sodeval", *map(str, arguments)])
        code = shell.run(cli.cli, frozenset({"run"}))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def save(path: Path, pixels: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def mask(seed: int = 0) -> np.ndarray:
    pixels = np.zeros((24, 32), np.uint8)
    pixels[4 + seed : 16 + seed, 6:20] = 255
    return pixels


def saliency(seed: int, noise: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.clip(mask(seed) * 0.7 + rng.integers(0, noise, (24, 32)), 0, 255).astype(np.uint8)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A benchmark of four images and two methods."""
    for seed, key in enumerate(KEYS):
        save(tmp_path / "gt" / f"{key}.png", mask(seed))
        save(tmp_path / "good" / f"{key}.png", saliency(seed, 20))
        save(tmp_path / "noisy" / f"{key}.png", saliency(seed, 150))
    return tmp_path


def both(data: Path) -> tuple[str, ...]:
    return ("--gt", str(data / "gt"), "--pred", str(data / "good"), "--pred", f"B={data / 'noisy'}")


def scores_of(out: str) -> dict[str, dict[str, float]]:
    return {result["method"]: result["scores"] for result in json.loads(out)["results"]}


# ---- what it prints --------------------------------------------------------------------------------


def test_the_table_is_all_that_standard_output_holds(run: Run, data: Path) -> None:
    code, out, err = run("run", *both(data))
    assert code == 0
    assert out.splitlines()[0].startswith("gt (4)")
    assert [line.split()[0] for line in out.splitlines()[2:4]] == ["good", "B"]
    assert err == ""


def test_json_pipes_clean_at_full_precision(run: Run, data: Path) -> None:
    code, out, _ = run("run", *both(data), "--format", "json")
    report = json.loads(out)
    assert code == 0
    assert report["schema"] == 1
    assert report["protocol"]["name"] == "pysodmetrics"
    assert set(report["results"][0]["scores"]) == {
        *("MAE", "maxF", "meanF", "adpF", "maxF_pr", "meanF_pr", "wF", "S", "maxE", "meanE", "adpE")
    }
    assert scores_of(out)["good"]["MAE"] < scores_of(out)["B"]["MAE"]


@pytest.mark.parametrize(("format_", "start"), [("markdown", "|"), ("latex", "%"), ("csv", "benchmark")])
def test_each_format_names_both_methods(run: Run, data: Path, format_: str, start: str) -> None:
    code, out, _ = run("run", *both(data), "--format", format_)
    assert code == 0
    assert "good" in out
    assert any(line.startswith(start) for line in out.splitlines())


def test_a_report_that_is_replaced_is_named(run: Run, data: Path) -> None:
    assert "replaces" not in run("run", *both(data), "--out", data / "report")[2]
    assert "replaces" not in run("run", *both(data), "--out", data / "report")[2]
    fewer = ("run", "--gt", data / "gt", "--pred", data / "good", "--out", data / "report")
    assert "replaces a report of B on gt" in run(*fewer)[2]
    assert "replaces a report of protocol pysodmetrics" in run(*fewer, "--protocol", "psod")[2]


def test_a_heading_of_the_table_names_a_target(run: Run, data: Path) -> None:
    where = ("--gt", data / "gt", "--pred", data / "noisy")
    assert run("explain", *where, "--target", "maxF (PR)=0.9")[0] == 0


def test_measures_on_request_add_columns(run: Run, data: Path) -> None:
    _, out, _ = run("run", *both(data), "--measures", "iou,BER", "--format", "json")
    families = {"maxIoU", "meanIoU", "adpIoU", "maxBER", "meanBER", "adpBER"}
    assert len(scores_of(out)["good"]) == 17
    assert families < set(scores_of(out)["good"])


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


def test_numbers_do_not_depend_on_workers_or_the_cache(run: Run, data: Path) -> None:
    _, alone, _ = run("run", *both(data), "--format", "json", "--workers", 1)
    _, split, _ = run("run", *both(data), "--format", "json", "--workers", 2, "--out", data / "report")
    _, again, _ = run("run", *both(data), "--format", "json", "--workers", 1, "--out", data / "report")
    assert alone == split == again


def test_a_choice_of_the_protocol_can_be_changed(run: Run, data: Path) -> None:
    _, out, _ = run("run", *both(data), "--set", "scaling=none", "--set", "f_beta2=1", "--format", "json")
    protocol = json.loads(out)["protocol"]
    assert (protocol["scaling"], protocol["f_beta2"]) == ("none", 1)
    assert protocol["name"] == "pysodmetrics with scaling=none, f_beta2=1"


def test_a_protocol_can_come_from_a_file(run: Run, data: Path) -> None:
    (data / "mine.json").write_text('{"name": "mine", "comparison": ">"}')
    _, out, _ = run("run", *both(data), "--protocol", data / "mine.json", "--format", "json")
    assert json.loads(out)["protocol"]["name"] == "mine"


def test_trees_of_methods_and_benchmarks_are_found(run: Run, data: Path) -> None:
    for benchmark in ("ECSSD", "HKU-IS"):
        shutil.copytree(data / "gt", data / "benchmarks" / benchmark / "gt")
        for method in ("good", "noisy"):
            shutil.copytree(data / method, data / "maps" / method / benchmark.lower())
    code, out, err = run("run", data / "maps", "--benchmarks", data / "benchmarks", "--format", "json")
    found = [(result["benchmark"], result["method"]) for result in json.loads(out)["results"]]
    assert code == 0
    assert found == [(b, m) for b in ("ECSSD", "HKU-IS") for m in ("good", "noisy")]
    assert "1,000" in err  # a copy of four images is no ECSSD, and that is said


# ---- missing and unreadable ------------------------------------------------------------------------


def test_a_method_with_a_missing_map_gets_no_score_and_the_other_does(run: Run, data: Path) -> None:
    (data / "good" / "0002.png").unlink()
    code, out, err = run("run", *both(data), "--format", "json")
    assert code == 3
    assert scores_of(out)["good"] == {}
    assert scores_of(out)["B"]["MAE"] > 0
    assert "0002.png" in err
    assert "no map for the mask" in err


def test_allowed_to_be_missing_it_is_marked_partial_everywhere(run: Run, data: Path) -> None:
    (data / "good" / "0002.png").unlink()
    out_dir = data / "report"
    code, out, _ = run("run", *both(data), "--allow-missing", "--out", out_dir)
    assert code == 0
    assert "3 of 4" in out
    for name in ("table.md", "table.tex", "gallery.html"):
        assert "3 of 4" in (out_dir / name).read_text(), name
    results = json.loads((out_dir / "report.json").read_text())["results"]
    assert [(r["partial"], r["images"], r["expected"]) for r in results] == [(True, 3, 4), (False, 4, 4)]


@pytest.mark.parametrize("broken", [b"", b"not an image", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"])
def test_an_unreadable_map_is_named_and_costs_the_score(run: Run, data: Path, broken: bytes) -> None:
    (data / "good" / "0003.png").write_bytes(broken)
    code, out, err = run("run", *both(data))
    assert code == 3
    assert "good/0003.png" in err
    assert "\N{EN DASH}" in out


def test_an_unreadable_mask_costs_every_method_its_score(run: Run, data: Path) -> None:
    (data / "gt" / "0003.png").write_bytes(b"")
    code, out, err = run("run", *both(data), "--format", "json")
    assert code == 3
    assert scores_of(out) == {"good": {}, "B": {}}
    assert err.count("gt/0003.png") == 2


def test_no_pair_to_score_is_never_a_success(run: Run, data: Path) -> None:
    for key in KEYS:
        (data / "good" / f"{key}.png").write_bytes(b"")
    arguments = ("run", "--gt", data / "gt", "--pred", data / "good")
    assert run(*arguments)[0] == 3
    assert run(*arguments, "--allow-missing")[0] == 3


def test_a_suffix_is_offered_and_never_guessed(run: Run, data: Path) -> None:
    for key in KEYS:
        (data / "good" / f"{key}.png").rename(data / "good" / f"{key}_HS.png")
    arguments = ("run", "--gt", data / "gt", "--pred", data / "good")
    code, out, err = run(*arguments)
    assert (code, out) == (3, "")
    assert "--suffix _HS" in err
    assert run(*arguments, "--suffix", "_HS")[0] == 0


def test_a_map_of_another_size_is_resized_and_counted(run: Run, data: Path) -> None:
    save(data / "good" / "0001.png", saliency(0, 20)[::2, ::2])
    code, out, err = run("run", *both(data), "--format", "json")
    problems = json.loads(out)["results"][0]["problems"]
    assert code == 0
    assert [p["kind"] for p in problems] == ["resized"]
    assert "resized to the mask's 32 x 24" in err
    assert run("run", *both(data), "--set", "resize=refuse")[0] == 3


def test_hostile_names_come_out_as_text(run: Run, data: Path) -> None:
    name = "a<script>alert(1)'\"_&%ü"
    for folder in ("gt", "good"):
        shutil.copy(data / folder / "0001.png", data / folder / f"{name}.png")
    pred = f"{HOSTILE}={data / 'good'}"
    code, _, _ = run("run", "--gt", data / "gt", "--pred", pred, "--out", data / "report")
    html, tex = ((data / "report" / name).read_text() for name in ("gallery.html", "table.tex"))
    assert code == 0
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert r"\& \$x\_1\%" in tex


def test_nothing_is_written_into_an_input_folder(run: Run, data: Path) -> None:
    before = sorted(data.rglob("*"))
    code, _, err = run("run", *both(data), "--out", data / "gt" / "report")
    assert code == 2
    assert "input folder" in err
    assert sorted(data.rglob("*")) == before


# ---- the call itself -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("rnu",), "did you mean 'run'"),
        (("run",), "--gt DIR"),
        (("run", "--gt", "x", "--benchmarks", "y"), "either --gt"),
        (("run", "--gt", "{data}/gt", "--pred", "{data}/good", "--protocol", "psd"), "did you mean 'psod'"),
        (("run", "--gt", "{data}/gt", "--pred", "{data}/good", "--set", "scalin=none"), "'scaling'"),
        (("run", "--gt", "{data}/gt", "--pred", "{data}/good", "--set", "scaling"), "CHOICE=VALUE"),
        (("run", "--gt", "{data}/gt", "--pred", "{data}/good", "--measures", "iuo"), "'IoU'"),
        (("run", "--gt", "{data}/gt", "--pred", "{data}/good", "--pred", "{data}/good"), "two methods"),
        (("run", "--gt", "{data}/gt", "--pred", "{data}/good", "--workers", "0"), "--workers"),
    ],
)
def test_a_call_that_makes_no_sense_says_what_would(
    run: Run, data: Path, arguments: tuple[str, ...], words: str
) -> None:
    code, out, err = run(*(argument.format(data=data) for argument in arguments))
    assert (code, out) == (2, "")
    assert words in err


@pytest.mark.parametrize("folder", ["nowhere", "gt/0001.png"])
def test_a_folder_that_is_none_is_refused(run: Run, data: Path, folder: str) -> None:
    code, _, err = run("run", "--gt", data / folder, "--pred", data / "good")
    assert code == 3
    assert folder in err


def test_a_folder_of_links_to_themselves_is_refused_by_name(run: Run, data: Path) -> None:
    (data / "loop").mkdir()
    for key in KEYS:
        (data / "loop" / f"{key}.png").symlink_to(data / "loop" / f"{key}.png")
    code, _, err = run("run", "--gt", data / "gt", "--pred", data / "loop")
    assert code == 3
    assert "loop" in err


def test_no_traceback_reaches_a_user(run: Run, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("of a bug")

    monkeypatch.setattr("sodeval.commands.run.evaluate_pairings", fail)
    code, _, err = run("run", *both(data))
    assert code == shell.INTERNAL_ERROR
    assert "Traceback" not in err
    assert "of a bug" in err


def test_an_interruption_says_how_to_go_on(run: Run, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sodeval.commands.run.evaluate_pairings", stop)
    code, _, err = run("run", *both(data))
    assert code == 130
    assert "goes on" in err


# ---- the other commands ----------------------------------------------------------------------------


def test_check_reads_everything_and_scores_nothing(run: Run, data: Path) -> None:
    assert run("check", *both(data))[0] == 0
    (data / "good" / "0002.png").write_bytes(b"junk")
    (data / "good" / "Thumbs.db").write_bytes(b"")
    code, out, err = run("check", *both(data))
    assert code == 3
    assert "3 of 4 maps usable; 1 not-an-image" in out
    assert "Thumbs.db" in err
    listed = json.loads(run("check", *both(data), "--format", "json")[1])["checked"][0]
    assert {Path(p["file"]).name: p["severity"] for p in listed["problems"]} == {
        "0002.png": "error",
        "Thumbs.db": "note",
    }


@pytest.mark.parity
def test_verify_agrees_with_pysodmetrics(run: Run, data: Path) -> None:
    code, out, _ = run("verify", *both(data), "--sample", 5)
    assert code == 0
    assert "5 pairs" in out
    assert out.count("equal in every bit") >= 5


def test_verify_refuses_conventions_that_pysodmetrics_does_not_have(run: Run, data: Path) -> None:
    code, _, err = run("verify", *both(data), "--protocol", "psod")
    assert code == 2
    assert "thresholds" in err


@pytest.mark.parametrize("format_", ["table", "markdown", "csv", "json"])
def test_compare_tells_the_good_method_from_the_noisy_one(run: Run, data: Path, format_: str) -> None:
    for seed, key in enumerate(f"1{i:03}" for i in range(12)):
        for folder, pixels in (("gt", mask(seed % 5)), ("good", saliency(seed % 5, 20))):
            save(data / folder / f"{key}.png", pixels)
        save(data / "noisy" / f"{key}.png", saliency(seed % 5, 150))
    run("run", *both(data), "--out", data / "report")
    report = data / "report"
    code, out, err = run(
        *("compare", report, report, "--method-a", "good", "--method-b", "B", "--format", format_)
    )
    assert (code, err) == (0, "")
    if format_ == "json":
        measures = json.loads(out)["comparisons"][0]["measures"]
        assert {measures[name]["verdict"] for name in ("MAE", "wF")} == {"a better"}
    else:
        assert "MAE" in out


def test_compare_wants_to_know_which_methods(run: Run, data: Path) -> None:
    run("run", *both(data), "--out", data / "report")
    code, _, err = run("compare", data / "report", data / "report", "--method-a", "good", "--method-b", "C")
    assert code == 2
    assert "'C'" in err


def test_explain_finds_the_convention_of_a_number(run: Run, data: Path) -> None:
    for seed, key in enumerate(KEYS):  # one map is worse, so that averages of F and of P and R part
        save(data / "noisy" / f"{key}.png", 255 - saliency(0, 200) if seed == 2 else saliency(seed, 250))
    where = ("--gt", data / "gt", "--pred", data / "noisy")
    paper = json.loads(run("run", *where, "--set", "f_aggregation=pr", "--format", "json")[1])
    target = paper["results"][0]["scores"]["maxF"]
    code, out, _ = run("explain", *where, "--target", f"maxF={target}")
    after = out[out.index("nearest") :].splitlines()
    assert code == 0
    assert after[2].startswith("published")
    assert after[3].startswith(("f_aggregation pr", "preset matlab-sal-eval"))


@pytest.mark.parametrize("format_", ["markdown", "csv", "json"])
def test_explain_prints_one_document_for_all_methods(run: Run, data: Path, format_: str) -> None:
    code, out, _ = run("explain", *both(data), "--format", format_)
    assert code == 0
    if format_ == "json":
        assert [document["method"] for document in json.loads(out)["explanations"]] == ["good", "B"]
    elif format_ == "csv":
        rows = list(csv.DictReader(io.StringIO(out)))
        assert list(dict.fromkeys(row["method"] for row in rows)) == ["good", "B"]


@pytest.mark.parametrize("target", ["maxF", "maxF=high", "maxf=0.8", "maxIoU=0.5", "maxF=80.6"])
def test_explain_refuses_a_target_that_is_none(run: Run, data: Path, target: str) -> None:
    assert run("explain", "--gt", data / "gt", "--pred", data / "good", "--target", target)[0] == 2


@pytest.mark.parametrize("format_", ["svg", "png", "pdf"])
def test_plot_draws_reports_of_one_protocol(run: Run, data: Path, format_: str) -> None:
    run("run", *both(data), "--out", data / "report")
    code, out, _ = run("plot", data / "report", "--kind", "pr", "--out", data, "--format", format_)
    assert code == 0
    assert Path(out.strip()).stat().st_size > 1000


def test_plot_refuses_reports_of_two_protocols(run: Run, data: Path) -> None:
    run("run", *both(data), "--out", data / "a")
    run("run", *both(data), "--out", data / "b", "--protocol", "psod")
    code, _, err = run("plot", data / "a", data / "b", "--out", data)
    assert code == 2
    assert "pysodmetrics, psod" in err


def test_benchmarks_are_listed(run: Run) -> None:
    _, out, _ = run("benchmarks", "--format", "json")
    counts = {benchmark["name"]: benchmark["images"] for benchmark in json.loads(out)}
    assert counts == {
        **{"DUTS-TE": 5019, "DUT-OMRON": 5168, "ECSSD": 1000},
        **{"HKU-IS": 4447, "PASCAL-S": 850, "SOD": 300},
    }


def test_the_demo_writes_a_report_that_can_be_looked_at(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("demo", "--out", tmp_path / "demo")
    assert code == 0
    assert out.splitlines()[0].startswith("demo (7)")
    assert (tmp_path / "demo" / "report" / "gallery.html").exists()


# ---- real data, real process -----------------------------------------------------------------------


def test_real_maps_give_the_number_that_others_get(run: Run, shared_data: Path, tmp_path: Path) -> None:
    ecssd = shared_data / "ecssd"
    pred = f"CSNet={ecssd / 'predictions' / 'CSNet-L-x2'}"
    code, out, _ = run("run", "--gt", ecssd / "gt", "--pred", pred, "--format", "json")
    result = json.loads(out)["results"][0]
    assert code == 0
    assert round(result["scores"]["MAE"], 4) == 0.0657
    assert round(result["scores"]["maxF_pr"], 4) == 0.9137
    assert (result["benchmark"], result["gt_copy"], result["problems"]) == ("ECSSD", "known", [])


def test_the_installed_command_runs_and_exits(data: Path) -> None:
    call = [sys.executable, "-m", "sodeval", "run", *both(data), "--format", "csv", "--workers", "2"]
    done = subprocess.run(call, capture_output=True, text=True, timeout=120, env=os.environ | {"LC_ALL": "C"})
    assert done.returncode == 0, done.stderr
    assert len(list(csv.DictReader(io.StringIO(done.stdout)))) == 2


def test_help_and_version_import_nothing_heavy() -> None:
    code = (
        "import sys; from sodeval import cli, shell; sys.argv[1:] = ['--help'];"
        "shell.run(cli.cli); print(sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert not {"numpy", "cv2", "pandas", "matplotlib", "scipy", "PIL", "rich"} & set(done.stdout.split("'"))


# ---- what is not lost, and not overwritten ---------------------------------------------------------


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

    monkeypatch.setattr("sodeval.commands.run.write_report", full)
    code, out, err = run("run", *both(data), "--out", data / "out", "--format", "json")
    assert (code, err) == (3, "Error: no room\n")
    assert set(scores_of(out)) == {"good", "B"}


def test_a_map_over_the_limit_is_refused_whatever_an_earlier_run_allowed(run: Run, data: Path) -> None:
    for key in KEYS:
        save(data / "good" / f"{key}.png", np.full((60, 60), 7, np.uint8))  # masks have 24 x 32
    limited = ("run", *both(data), "--out", data / "out", "--max-pixels", "1000")
    assert [run(*limited)[0], run(*limited[:-2])[0], run(*limited)[0]] == [3, 0, 3]


def test_a_folder_that_cannot_be_used_costs_only_its_own_method(run: Run, data: Path) -> None:
    code, out, err = run("run", *both(data), "--pred", f"C={data / 'nowhere'}", "--format", "json")
    assert code == 3
    assert {method: bool(scores) for method, scores in scores_of(out).items()} == {
        "good": True,
        "B": True,
        "C": False,
    }
    assert "nowhere: No such file or directory" in err


@pytest.mark.parametrize("command", ["verify", "explain"])
def test_verify_and_explain_name_what_is_missing(run: Run, data: Path, command: str) -> None:
    (data / "good" / "0002.png").unlink()
    code, _, err = run(command, *both(data))
    assert (code, "no map for the mask 0002.png" in err) == (3, True)


@pytest.mark.parametrize("format_", ["table", "csv"])
def test_explain_names_a_map_that_cannot_be_read(run: Run, data: Path, format_: str) -> None:
    (data / "good" / "0002.png").write_bytes((data / "good" / "0003.png").read_bytes()[:60])
    code, _, err = run("explain", *both(data), "--format", format_)
    assert code == 3
    assert "good on gt\n  error  " in err
    assert f"{data / 'good' / '0002.png'}: a PNG that ends after 60 bytes" in err


@pytest.mark.parametrize("command", ["run", "check", "verify", "explain"])
def test_the_advice_to_raise_the_limit_can_be_followed(run: Run, data: Path, command: str) -> None:
    assert run(command, *both(data), "--max-pixels", "1000")[0] == 0
    assert "limit is 100" in "".join(run(command, *both(data), "--max-pixels", "100")[1:])


def test_explain_puts_the_distance_from_the_target_into_csv(run: Run, data: Path) -> None:
    _, out, _ = run("explain", *both(data), "--format", "csv", "--target", "MAE=0.5")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert all(float(row["distance"]) == abs(float(row["MAE"]) - 0.5) for row in rows)


def test_two_reports_of_one_method_are_told_apart_in_a_plot(
    run: Run, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(data)  # short names, which stay on one line
    for name, maps in (("a", "good"), ("b", "noisy")):
        run("run", "--gt", "gt", "--pred", f"M={maps}", "--out", name)
    assert run("plot", "a", "b", "--kind", "pr", "--out", ".")[0] == 0
    drawn = Path("pr.svg").read_text()
    assert "M (a)" in drawn
    assert "M (b)" in drawn


def test_curves_on_different_masks_are_not_drawn_together(run: Run, data: Path) -> None:
    run("run", *both(data), "--out", data / "a")
    save(data / "gt" / "0001.png", np.zeros((24, 32), np.uint8))
    run("run", *both(data), "--out", data / "b")
    code, _, err = run("plot", data / "a", data / "b", "--out", data)
    assert (code, "different masks of gt" in err) == (2, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--gt", "locked", "--pred", "good"),
        ("--gt", "gt", "--pred", "locked"),
        ("locked", "--benchmarks", "gt"),
        ("good", "--benchmarks", "locked"),
    ],
)
def test_a_folder_that_may_not_be_read_is_refused_wherever_it_is_named(
    run: Run, data: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    def refuse(path: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    (data / "locked").mkdir()
    monkeypatch.chdir(data)
    monkeypatch.setattr(os, "access", lambda path, *_, **__: str(path) != "locked")  # root may read anything
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: (refuse if str(path) == "locked" else scandir)(path))
    code, _, err = run("run", *arguments)
    assert (code, err) == (3, "Error: locked: Permission denied; expected a folder: check the path\n")


@pytest.fixture
def loop(data: Path) -> Path:
    (data / "loop").symlink_to(data / "back")
    (data / "back").symlink_to(data / "loop")
    return data / "loop"


@pytest.mark.parametrize("command", ["run", "check", "verify", "explain"])
def test_a_loop_of_links_is_refused_as_a_folder_of_masks(
    run: Run, data: Path, loop: Path, command: str
) -> None:
    code, _, err = run(command, "--gt", loop, "--pred", data / "good")
    assert (code, err.startswith(f"Error: {loop}: Too many levels of symbolic links")) == (3, True)


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


# ---- what is questioned ----------------------------------------------------------------------------


def test_swapped_folders_are_questioned(run: Run, data: Path) -> None:
    assert "swapped" in run("run", "--gt", data / "noisy", "--pred", data / "gt")[2]
    assert "swapped" not in run("run", *both(data))[2]


def test_masks_of_0_and_1_get_no_score(run: Run, data: Path) -> None:
    for path in (data / "gt").iterdir():
        save(path, np.asarray(Image.open(path)) // 255)
    code, out, err = run("run", *both(data), "--format", "json")
    assert (code, scores_of(out)) == (3, {"good": {}, "B": {}})
    assert "0001.png: a mask of the levels 0 and 1; expected 0 and 255" in err
    assert "4 mask-range" in run("check", *both(data))[1]


def test_another_copy_of_a_benchmark_that_we_know_is_said(run: Run, data: Path) -> None:
    for i in range(300):
        save(data / "SOD" / f"{i:03}.png", mask())
    shutil.copytree(data / "SOD", data / "maps")
    assert "not those that we know" in run("run", "--gt", data / "SOD", "--pred", data / "maps")[2]


def test_check_lists_each_note_by_file(run: Run, data: Path) -> None:
    for name in ("Thumbs.db", "notes.txt", ".DS_Store"):
        (data / "good" / name).write_text("x")
    code, out, err = run("check", *both(data))
    assert (code, out.count("noted: 3 ignored")) == (0, 1)
    assert all(name in err for name in ("Thumbs.db", "notes.txt", ".DS_Store"))


# ---- interrupted at once ---------------------------------------------------------------------------


def test_an_error_is_said_without_numpy() -> None:
    """Ctrl-C may come while numpy is being imported, and it cannot be imported twice."""
    code = "import sys; sys.modules['numpy'] = None; from sodeval import cli, shell; shell.run(cli.cli)"
    call = [sys.executable, "-c", code, "run", "--gt", "nowhere", "--pred", "nowhere"]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.stderr.startswith("Error: a fault of sodeval itself (ModuleNotFoundError: import of numpy")


@pytest.mark.skipif(sys.platform == "win32", reason="a process that a signal has ended tells so")
def test_an_interrupt_during_the_first_imports_prints_nothing() -> None:
    code = """
import os, signal, sys
class Cli:
    def __getattr__(self, name):
        os.kill(os.getpid(), signal.SIGINT)
sys.modules["sodeval.cli"] = Cli()
from sodeval.__main__ import main
main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")


# ---- terminals and pipes ---------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["benchmarks"], ["run", "--format", "json"]])
def test_a_reader_that_has_gone_is_no_fault(data: Path, arguments: list[str]) -> None:
    inputs = both(data) if arguments[0] == "run" else ()
    read_end, write_end = os.pipe()
    os.close(read_end)
    call = [sys.executable, "-m", "sodeval", *arguments, *inputs]
    done = subprocess.run(call, stdout=write_end, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write_end)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("format_", ["table", "markdown"])
def test_a_terminal_of_another_encoding_gets_what_it_can_show(data: Path, format_: str) -> None:
    call = [sys.executable, "-m", "sodeval", "run", *both(data), "--format", format_]
    environment = os.environ | {"PYTHONIOENCODING": "cp1252"}
    done = subprocess.run(call, capture_output=True, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"MAE" in done.stdout


@pytest.mark.parametrize("stream", [1, 2])
def test_a_closed_stream_is_no_fault(data: Path, stream: int) -> None:
    call = " ".join(map(shlex.quote, [sys.executable, "-m", "sodeval", "run", *both(data)]))
    assert subprocess.run(f"{call} {stream}>&-", shell=True, capture_output=True, check=False).returncode == 0


def test_a_narrow_terminal_gets_a_row_a_measure(
    run: Run, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sodeval.commands.run.terminal_columns", lambda: 60)
    lines = run("run", *both(data))[1].splitlines()
    assert lines[0].split() == ["gt", "(4)", "good", "B"]
    assert [line.split()[0] for line in lines[2:5]] == ["MAE↓", "maxF↑", "meanF↑"]
    assert max(map(len, lines)) <= 60


def test_a_name_that_a_terminal_would_act_on_is_printed_harmless(run: Run, data: Path) -> None:
    code, _, err = run("run", "--gt", data / "\x1b]0;gone\x07", "--pred", data / "good")
    assert code == 3
    assert "\x1b" not in err
    assert "\x07" not in err
