"""The benchmark of the large models: it runs, on small ones, and claims nothing without a GPU."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("torch")

import torch

from benchmarks import generation_gpu


def printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    monkeypatch.setattr("sys.argv", ["generation_gpu", *options])
    generation_gpu.main()
    return capsys.readouterr().out


def test_without_a_gpu_it_says_that_it_was_not_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert printed(monkeypatch, capsys) == "`bds-tr` on a GPU: not run: no GPU\n"


def test_with_tiny_models_it_runs_to_its_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = printed(monkeypatch, capsys, "--tiny", "--images", "4")
    assert re.search(r"GPU, 4 photographs: \d+\.\d images/s / one photograph at a time \| \*\*\d+\.\dx", out)
    assert re.search(r"the same / the 115 images/s that .* allows \| \*\*\d+%\*\*", out)
    assert out.endswith("tiny models: no figure of anything\n")
