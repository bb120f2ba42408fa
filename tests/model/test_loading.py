"""A network from a folder: what cannot be one is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import torch
from safetensors.torch import load_file, save_file
from transformers import ResNetConfig

from bdstr.errors import ModelError
from bdstr.model import DEDecoderImageProcessor, load


@pytest.fixture
def saved(small: Any, tmp_path: Path) -> Path:
    small.save_pretrained(tmp_path)
    DEDecoderImageProcessor().save_pretrained(tmp_path)
    return tmp_path


def test_a_saved_network_is_loaded_ready_to_answer(small: Any, saved: Path) -> None:
    network, processor = load(saved)
    assert not network.training
    assert type(processor) is DEDecoderImageProcessor
    pixels = torch.randn(1, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(network(pixels).logits, small(pixels).logits)


def no_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def a_pickle(folder: Path) -> None:
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    no_weights(folder)


def half_a_file(folder: Path) -> None:
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])


def another_network(folder: Path) -> None:
    ResNetConfig().save_pretrained(folder)


def another_preset(folder: Path) -> None:
    fields = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(fields | {"channels": 16}))


def no_fields(folder: Path) -> None:
    (folder / "config.json").write_text("null")


def no_field_of_a_processor(folder: Path) -> None:
    (folder / "preprocessor_config.json").write_text("[]")


def other_parts(folder: Path) -> None:
    fields = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(fields | {"edge_branch": False}))


def a_weight_less(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    del weights["decoder.head.logits.bias"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (no_weights, "no network can be loaded .*expected a Hub id, or a folder"),
        (a_pickle, "no network can be loaded .*model.safetensors"),
        (half_a_file, "no network can be loaded"),
        (another_network, "of the kind 'resnet'; expected 'dedecoder'"),
        (
            another_preset,
            r"has in other sizes \d+ weights of its config.json, decoder.* expected both of one",
        ),
        (other_parts, "has in other sizes|has besides"),
        (no_fields, "no network can be loaded"),
        (no_field_of_a_processor, "no network can be loaded"),
        (a_weight_less, "misses 1 weights of its config.json, decoder.head.logits.bias among them"),
    ],
)
def test_what_is_no_network_of_ours_is_refused(saved: Path, spoil: Any, told: str) -> None:
    spoil(saved)
    with pytest.raises(ModelError, match=told):
        load(saved)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no network can be loaded"):
        load(tmp_path / "nowhere")


@pytest.mark.parametrize("ours", [True, False])
def test_no_code_that_comes_with_a_network_runs(saved: Path, tmp_path: Path, ours: bool) -> None:
    canary = tmp_path / "canary"
    (saved / "theirs.py").write_text(f"open({str(canary)!r}, 'w')\nclass C: pass\n")
    for name, auto in (("config.json", "AutoConfig"), ("preprocessor_config.json", "AutoImageProcessor")):
        fields = json.loads((saved / name).read_text()) | {"auto_map": {auto: "theirs.C"}}
        (saved / name).write_text(json.dumps(fields | ({} if ours else {"model_type": "theirs"})))
    if ours:
        load(saved)  # by the code that is installed
    else:
        with pytest.raises(ModelError):
            load(saved)
    assert not canary.exists()
