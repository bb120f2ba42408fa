"""The other commands of sodeval: check, verify, compare, explain, plot, benchmarks, demo."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from cli_data import KEYS, Run, both, mask, saliency, save

from sodeval.commands.plot import KINDS
from sodeval.outputs.plots import FILES


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
    told = json.loads(run("verify", *both(data), "--sample", 5, "--json")[1])
    assert told["agreed"] is True
    assert [(one["benchmark"], one["pairs"]) for one in told["benchmarks"]] == [("gt", 5)]
    assert all(one["largest"] <= told["tolerance"] for one in told["benchmarks"][0]["measures"].values())


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


def test_json_is_short_for_its_format(run: Run) -> None:
    assert run("benchmarks", "--json") == run("benchmarks", "--format", "json")
    code, _, err = run("benchmarks", "--json", "--format", "text")
    assert (code, "exclude each other" in err) == (2, True)
    assert run("benchmarks")[1].startswith("DUT-OMRON")  # the default is still text


def test_each_kind_of_plot_has_a_file() -> None:
    assert [f"{kind}.svg" for kind in KINDS] == list(FILES)


def test_the_demo_writes_a_report_that_can_be_looked_at(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("demo", "--out", tmp_path / "demo")
    assert code == 0
    assert out.splitlines()[0].startswith("sodeval-demo (7)")
    assert (tmp_path / "demo" / "report" / "gallery.html").exists()


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


@pytest.mark.parametrize("command", ["run", "check", "explain"])
def test_what_concerns_the_masks_is_said_once_a_benchmark(command: str, run: Run, data: Path) -> None:
    (data / "gt" / "masks.txt").touch()
    (data / "good" / "maps.txt").touch()
    _, _, err = run(command, *both(data))
    said = [line for line in err.splitlines() if line.startswith(("gt,", "good", "B", "  note   ignored"))]
    reason = "(not an image of a known kind: passed over)"
    assert said == [
        "gt, every method",
        f"  note   ignored: {data / 'gt' / 'masks.txt'} {reason}",
        "good on gt",
        f"  note   ignored: {data / 'good' / 'maps.txt'} {reason}",
    ]


def test_check_lists_each_note_by_file(run: Run, data: Path) -> None:
    for name in ("Thumbs.db", "notes.txt", ".DS_Store"):
        (data / "good" / name).write_text("x")
    code, out, err = run("check", *both(data))
    assert (code, out.count("noted: 3 ignored")) == (0, 1)
    assert all(name in err for name in ("Thumbs.db", "notes.txt", ".DS_Store"))
