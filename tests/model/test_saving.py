"""Saved and loaded: by the Auto classes, by other people without bdstr, from safetensors alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import torch
from PIL import Image
from transformers import (
    AutoImageProcessor,
    AutoModelForImageSegmentation,
    AutoModelForSemanticSegmentation,
    pipeline,
)

from bdstr.errors import ModelError
from bdstr.model import DEDecoderForSalientObjectDetection, DEDecoderImageProcessor
from bdstr.model.half import save_half
from bdstr.model.loading import load

WITHOUT_BDSTR = """
import sys, torch
from transformers import AutoImageProcessor, AutoModelForImageSegmentation, AutoModelForSemanticSegmentation
folder, pixels = sys.argv[1], torch.load(sys.argv[2])
for auto in (AutoModelForImageSegmentation, AutoModelForSemanticSegmentation):
    model = auto.from_pretrained(folder, trust_remote_code=True).eval()
compiled = torch.compile(model, backend="aot_eager", fullgraph=True)
with torch.no_grad():
    torch.save((model(pixels).logits, compiled(pixels).logits), sys.argv[3])
processor = AutoImageProcessor.from_pretrained(folder, trust_remote_code=True)
print(type(processor).__name__, "bdstr" in sys.modules)
"""


@pytest.fixture
def saved(small: Any, tmp_path: Path) -> Path:
    small.save_pretrained(tmp_path / "saved")
    DEDecoderImageProcessor(size={"height": 48, "width": 48}).save_pretrained(tmp_path / "saved")
    return tmp_path / "saved"


@pytest.mark.parametrize(
    "auto",
    [DEDecoderForSalientObjectDetection, AutoModelForImageSegmentation, AutoModelForSemanticSegmentation],
)
def test_what_is_loaded_answers_with_the_same_bits(small: Any, saved: Path, auto: Any) -> None:
    pixels = torch.randn(1, 3, 40, 33)
    loaded = auto.from_pretrained(saved).eval()
    assert type(loaded) is DEDecoderForSalientObjectDetection
    with torch.no_grad():
        assert torch.equal(loaded(pixels).logits, small(pixels).logits)


def test_saved_again_the_weights_are_the_same_file(saved: Path, tmp_path: Path) -> None:
    DEDecoderForSalientObjectDetection.from_pretrained(saved).save_pretrained(tmp_path / "again")
    again = (tmp_path / "again" / "model.safetensors").read_bytes()
    assert again == (saved / "model.safetensors").read_bytes()


def test_a_missing_weight_begins_as_in_a_new_network(saved: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(saved / "model.safetensors")
    del weights["decoder.steps.0.up.offset.weight"], weights["decoder.steps.0.up.offset.bias"]
    save_file(weights, saved / "model.safetensors", {"format": "pt"})
    up = DEDecoderForSalientObjectDetection.from_pretrained(saved).decoder.steps[0].up
    assert not up.offset.bias.any()
    assert 0 < up.offset.weight.std() < 0.003


def test_the_image_processor_is_found_by_the_model(saved: Path) -> None:
    processor = AutoImageProcessor.from_pretrained(saved)
    assert type(processor) is DEDecoderImageProcessor
    assert dict(processor.size) == {"height": 48, "width": 48}


def test_the_pipeline_gives_masks_of_the_photograph_and_asks_nothing(
    saved: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("asked whether to trust the code"))
    segment = pipeline("image-segmentation", model=str(saved))
    found = segment(Image.radial_gradient("L").resize((50, 31)))
    assert {each["label"] for each in found} <= {"background", "salient object"}
    assert all(each["mask"].size == (50, 31) for each in found)
    assert not [record for record in caplog.records if "not supported" in record.getMessage()]


@pytest.mark.slow
def test_those_without_bdstr_load_it_with_its_own_code_and_get_the_same_bits(
    small: Any, saved: Path, tmp_path: Path
) -> None:
    pixels = torch.randn(1, 3, 40, 33)
    torch.save(pixels, tmp_path / "pixels.pt")
    files = [str(tmp_path / "pixels.pt"), str(tmp_path / "logits.pt")]
    # An installation would still be found, so what was imported is looked at. Compiled here as well: under
    # pytest, what checks each call's shapes stands in the compiler's way.
    environment = {**os.environ, "HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1", "PYTHONPATH": ""}
    done = subprocess.run(
        [sys.executable, "-P", "-c", WITHOUT_BDSTR, str(saved), *files],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
    )
    assert done.stdout.split() == ["DEDecoderImageProcessor", "False"], done.stderr
    with torch.no_grad():
        expected = small(pixels).logits
    logits, compiled = torch.load(files[1])
    assert torch.equal(logits, expected)
    torch.testing.assert_close(compiled, expected, atol=1e-4, rtol=1e-4)


def test_what_is_saved_for_others_imports_nothing_of_bdstr(saved: Path) -> None:
    code = {path.name: path.read_text() for path in saved.glob("*.py")}
    assert {"modeling_dedecoder.py", "image_processing_dedecoder.py"} <= set(code)
    absent = ("from bdstr", "import bdstr", "from ..", "jaxtyping")
    assert not [(name, part) for name, text in code.items() for part in absent if part in text]


def test_a_pickle_is_not_loaded(small: Any, saved: Path) -> None:
    (saved / "model.safetensors").unlink()
    torch.save(small.state_dict(), saved / "pytorch_model.bin")
    for auto in (
        DEDecoderForSalientObjectDetection,
        AutoModelForImageSegmentation,
        AutoModelForSemanticSegmentation,
    ):
        with pytest.raises(OSError, match="safetensors"):
            auto.from_pretrained(saved)
    with pytest.raises((OSError, ValueError), match="safetensors"):
        pipeline("image-segmentation", model=str(saved))


def test_the_configuration_saved_is_the_one_loaded(small: Any, saved: Path) -> None:
    fields = json.loads((saved / "config.json").read_text())
    assert fields["id2label"] == {"0": "background", "1": "salient object"}
    assert fields["backbone_config"]["model_type"] == "efficientnet-lite"
    again = small.config_class.from_pretrained(saved)
    again.save_pretrained(saved / "again")
    assert json.loads((saved / "again" / "config.json").read_text()) == fields


def test_in_half_the_bytes_it_answers_nearly_alike(small: Any, saved: Path, tmp_path: Path) -> None:
    difference = save_half(str(saved), tmp_path / "half")
    sizes = [(folder / "model.safetensors").stat().st_size for folder in (tmp_path / "half", saved)]
    assert sizes[0] < 0.75 * sizes[1]  # what safetensors says of its tensors is not halved
    network, processor = load(tmp_path / "half")
    pixels = torch.randn(1, 3, 48, 48)
    with torch.no_grad():
        found, expected = network.float()(pixels).saliency, small(pixels).saliency
    assert 0 < difference < 0.01
    torch.testing.assert_close(found, expected, atol=0.01, rtol=0)
    assert dict(processor.size) == {"height": 48, "width": 48}
    with pytest.raises(ModelError, match="is there already; expected a new folder"):
        save_half(str(saved), tmp_path / "half")
