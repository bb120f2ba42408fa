"""ONNX: what ONNX Runtime answers is what torch answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from click.testing import CliRunner

from bdstr import extras
from bdstr.cli import cli
from bdstr.errors import ModelError
from bdstr.model import DEDecoderImageProcessor, load, onnx
from sodeval.errors import MissingExtraError

for _package in ("onnx", "onnxruntime", "onnxscript"):
    pytest.importorskip(_package)


@pytest.fixture
def folder(small: Any, tmp_path: Path) -> Path:
    small.half().save_pretrained(tmp_path / "run")  # as weights are that come along
    DEDecoderImageProcessor(size={"height": 32, "width": 48}).save_pretrained(tmp_path / "run")
    return tmp_path / "run"


@pytest.mark.slow
def test_the_command_writes_a_file_that_answers_alike_in_batches(folder: Path) -> None:
    import onnxruntime

    file = folder / "there" / "small.onnx"
    done = CliRunner().invoke(cli, ["export", "onnx", str(folder), str(file)], catch_exceptions=False)
    assert done.exit_code == 0
    assert "ONNX Runtime differs by at most" in done.output
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    pixels = torch.randn(5, 3, 32, 48)
    (found,) = session.run(["saliency"], {"pixel_values": pixels.numpy()})
    with torch.no_grad():
        expected = load(folder)[0].float()(pixels).saliency
    np.testing.assert_allclose(found, expected.numpy(), atol=1e-4)


def test_the_weights_that_come_along_are_exported_by_their_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(onnx, "export", lambda network, *more: asked.append((network.dtype, *more)) or 0.0)
    file = tmp_path / "tiny.onnx"
    file.touch()
    assert CliRunner().invoke(cli, ["export", "onnx", "tiny", str(file)]).exit_code == 0
    assert asked == [(torch.float32, file, (256, 256), False)]


def test_a_file_that_answers_otherwise_is_not_written(
    small: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx, "_exported", lambda *_: b"")
    monkeypatch.setattr(onnx, "_difference", lambda *_: 0.5)
    with pytest.raises(ModelError, match=r"differs by 5.0e-01; expected at most 1e-04"):
        onnx.export(small, tmp_path / "small.onnx", (32, 32))
    assert not (tmp_path / "small.onnx").exists()


def test_without_onnx_the_extra_is_named(small: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match="comes with the extra 'onnx'"):
        onnx.export(small, tmp_path / "small.onnx", (32, 32))
