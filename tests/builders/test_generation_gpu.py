"""The benchmark of the large models: it runs, on small ones, and claims nothing without a GPU."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("torch")

import torch

from benchmarks import generation_gpu
from benchmarks.group import Group, read, write


def printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    monkeypatch.setattr("sys.argv", ["generation_gpu", *options])
    generation_gpu.main()
    return capsys.readouterr().out


def test_without_a_gpu_it_says_that_it_was_not_run_and_keeps_what_was_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    measured = Group("H100", 8, "2026-11-25", False, {}, (generation_gpu.BATCHED.measured(40, 5),))
    file = tmp_path / "figures.json"
    write({"generation-gpu": measured}, file)
    out = printed(monkeypatch, capsys, "--out", str(file))
    assert out.count("| `bds-tr` in batches | not run: no GPU |") == 2
    assert read(file) == {"generation-gpu": measured}


def test_with_tiny_models_it_runs_to_its_table_and_renews_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = printed(monkeypatch, capsys, "--tiny", "--images", "4", "--out", str(tmp_path / "figures.json"))
    assert re.search(
        r"\(4 photographs\) \| [\d.]+ images/s \| one photograph at a time: [\d.]+ images/s", out
    )
    assert re.search(r"what an H100 can compute: 115 images/s \| \*\*[\d.]+x ↑\*\* \| ≥ 0.25x \(0.4x\)", out)
    assert out.endswith("tiny models: no figure of anything\n")
    assert list(tmp_path.iterdir()) == []
