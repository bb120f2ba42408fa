"""`sodeval run` as people and scripts call it: what it prints where, and with which exit code."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from cli_data import Run, both, scores_of


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


def test_a_heading_of_the_table_names_a_target(run: Run, data: Path) -> None:
    where = ("--gt", data / "gt", "--pred", data / "noisy")
    assert run("explain", *where, "--target", "maxF (PR)=0.9")[0] == 0


def test_measures_on_request_add_columns(run: Run, data: Path) -> None:
    _, out, _ = run("run", *both(data), "--measures", "iou,BER", "--format", "json")
    families = {"maxIoU", "meanIoU", "adpIoU", "maxBER", "meanBER", "adpBER"}
    assert len(scores_of(out)["good"]) == 17
    assert families < set(scores_of(out)["good"])


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


def test_real_maps_give_the_number_that_others_get(run: Run, shared_data: Path, tmp_path: Path) -> None:
    ecssd = shared_data / "ecssd"
    pred = f"CSNet={ecssd / 'predictions' / 'CSNet-L-x2'}"
    code, out, _ = run("run", "--gt", ecssd / "gt", "--pred", pred, "--format", "json")
    result = json.loads(out)["results"][0]
    assert code == 0
    assert round(result["scores"]["MAE"], 4) == 0.0657
    assert round(result["scores"]["maxF_pr"], 4) == 0.9137
    assert (result["benchmark"], result["gt_copy"], result["problems"]) == ("ECSSD", "known", [])
