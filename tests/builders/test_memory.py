"""Out of memory: batches halve, one photograph that never fits is rejected, and no other row changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from drafts import draft
from photographs import SIZE, save, write_scenes

pytest.importorskip("torch")

import torch

from bdstr.errors import RunError
from bdstr_builders import pipeline
from bdstr_builders.backends import batching, captioner, detector, loading, segmenter
from bdstr_builders.draft import Rejected
from bdstr_builders.folder import find_items
from bdstr_builders.memory import is_device_lost, is_out_of_memory
from bdstr_builders.pipeline import Generating, _run_apart
from bdstr_builders.recipe import Recipe, read_recipe

COUNT = 3
ABSURD = 1 << 50
"""Bytes that no machine has."""
LENIENT = {"min_area": 0.0, "max_area": 1.0, "max_components": 999, "min_completeness": 0.0}

Fits = Callable[[torch.Tensor], bool]


@pytest.fixture
def recipe(tiny: SimpleNamespace) -> Recipe:
    return read_recipe(
        "bds-tr",
        {
            "caption.blip": {"model": str(tiny.blip)},
            "ground.dino": {"model": str(tiny.dino)},
            "segment.sam": {"model": str(tiny.sam)},
            "check.quality": LENIENT | {"max_inversion": 1.0},
        },
    )


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """Scenes, all in the dark, and one white wall."""
    write_scenes(tmp_path, COUNT)
    save(tmp_path / "images" / "001.jpg", np.full((*SIZE, 3), 255, np.uint8))
    return tmp_path / "images"


def limit_memory(monkeypatch: pytest.MonkeyPatch, fits: Fits) -> None:
    """What looks at pixels really asks for more memory than there is, unless they fit."""

    def allocate(module: torch.nn.Module, args: Any, kwargs: dict[str, Any]) -> None:
        pixels = args[0] if args else kwargs["pixel_values"]
        if not fits(pixels):
            torch.empty(ABSURD, dtype=torch.uint8)

    def load(*arguments: Any) -> Any:
        model = loading.load_model(*arguments)
        seen = {"BlipForConditionalGeneration": "vision_model", "SamModel": "vision_encoder"}
        part = getattr(model, seen[arguments[0]]) if arguments[0] in seen else model
        part.register_forward_pre_hook(allocate, with_kwargs=True)
        return model

    for module in (captioner, detector, segmenter):
        monkeypatch.setattr(module, "load_model", load)


def rows_of(recipe: Recipe, photographs: Path) -> dict[str, Any]:
    made = Generating(recipe).build(())(find_items(photographs).items)
    return {one.key if isinstance(one, Rejected) else one["key"]: one for one in made}


def assert_same(rows: dict[str, Any], expected: dict[str, Any]) -> None:
    """A smaller batch may move the last bits of a score, and nothing else where nothing is padded."""
    assert list(rows) == list(expected)
    for row, other in zip(rows.values(), expected.values(), strict=True):
        assert [row[name] for name in ("caption", "phrase", "mask")] == [
            other[name] for name in ("caption", "phrase", "mask")
        ]
        for one, its in zip(row["instances"], other["instances"], strict=True):
            assert one["rle"] == its["rle"]
            assert np.allclose(one["box"], its["box"], atol=0.01)
            assert np.isclose(one["predicted_iou"], its["predicted_iou"], atol=1e-4)


def test_a_chain_that_must_halve_its_batches_makes_the_same_rows(
    recipe: Recipe, photographs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = rows_of(recipe, photographs)
    assert len(whole) == COUNT
    limit_memory(monkeypatch, lambda pixels: len(pixels) <= 1)
    halved = rows_of(recipe, photographs)
    assert_same(halved, whole)


def test_one_photograph_that_does_not_fit_alone_is_rejected_and_no_other(
    recipe: Recipe, photographs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = rows_of(recipe, photographs)
    limit_memory(monkeypatch, lambda pixels: bool(pixels.flatten(1).amin(1).max() < 1))
    made = rows_of(recipe, photographs)
    rejected = made.pop("001")
    assert (rejected.stage, rejected.reason) == ("caption.blip", "out-of-memory")
    assert "you tried to allocate" in rejected.detail
    assert "\n" not in rejected.detail
    assert_same(made, {key: row for key, row in whole.items() if key != "001"})


def test_a_photograph_too_large_to_decode_is_rejected(
    photographs: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "read_photo", lambda path: np.empty(ABSURD << 10, np.uint8))
    made = pipeline._read(find_items(photographs).items)
    assert {(one.stage, one.reason) for one in made if isinstance(one, Rejected)} == {
        ("read", "out-of-memory")
    }


def test_a_model_that_does_not_fit_is_one_error(
    tiny: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.nn.Module, "to", lambda *_: torch.empty(ABSURD))
    with pytest.raises(
        RunError, match=r"sam does not fit into the memory of cpu \(RuntimeError: .*; expected"
    ):
        loading.load_model("SamModel", loading.Checkpoint(str(tiny.sam)), torch.float32, torch.device("cpu"))


def raised(work: Callable[[], object]) -> Exception:
    try:
        work()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize(
    "error",
    [
        raised(lambda: torch.empty(ABSURD)),
        raised(lambda: np.empty(ABSURD << 10, np.uint8)),
        raised(lambda: cv2.copyMakeBorder(np.zeros((9, 9), np.uint8), *[2**30 - 9] * 4, cv2.BORDER_CONSTANT)),
        torch.cuda.OutOfMemoryError("Allocation on device 0 would exceed allowed memory."),
        RuntimeError("MPS backend out of memory (MPS allocated: 17.9 GB, other allocations: 384 KB)"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:75] data. DefaultCPUAllocator: not enough memory"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("CUDA error: out of memory"),
    ],
    ids=lambda error: f"{type(error).__name__}: {error}"[:60],
)
def test_whoever_runs_out_of_memory_is_understood(error: Exception) -> None:
    assert is_out_of_memory(error)
    assert not is_device_lost(error)
    assert isinstance(error, pipeline.FAILURES)


def test_a_device_that_is_lost_ends_the_run_instead_of_rejecting_all_that_follows() -> None:
    def fails(drafts: Any) -> Any:
        raise RuntimeError("CUDA error: an illegal memory access was encountered\nCompile with ...")

    with pytest.raises(RunError, match=r"^s: the device fails \(RuntimeError: CUDA .* encountered\); what"):
        _run_apart("s", fails, [draft(0), draft(1)])


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_gpu_that_is_full_halves_the_batch() -> None:
    free = torch.cuda.mem_get_info()[0]
    torch.cuda.set_per_process_memory_fraction(0.1)
    share = int(torch.cuda.get_device_properties(0).total_memory * 0.1 / 3)  # two fit, four do not
    assert free > 3 * share, "expected a GPU of which a tenth is free"
    sizes = []

    def work(batch: list[int]) -> list[int]:
        sizes.append(len(batch))
        full = torch.ones(len(batch) * share, dtype=torch.uint8, device="cuda")
        return [int(full[0]) * one for one in batch]

    try:
        assert batching.in_batches(work, list(range(8)), 8) == list(range(8))
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert sizes == [8, 4, 2, 2, 4, 2, 2]
