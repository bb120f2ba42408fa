"""A dataset of blocks, and a network that learned from it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for the modules beside the tests


@pytest.fixture(scope="session", autouse=True)
def datasets_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Datasets are stored where they go with the test; torch computes on one thread, to the same bits."""
    import datasets
    import torch

    folder, threads = datasets.config.HF_DATASETS_CACHE, torch.get_num_threads()
    datasets.config.HF_DATASETS_CACHE = tmp_path_factory.mktemp("cache")
    torch.set_num_threads(1)
    yield datasets.config.HF_DATASETS_CACHE
    datasets.config.HF_DATASETS_CACHE = folder
    torch.set_num_threads(threads)


@pytest.fixture(scope="session", autouse=True)
def small_preset() -> Iterator[None]:
    """The preset ``small``."""
    from bdstr.model.presets import PRESETS

    exec(ADD_SMALL)
    yield
    del PRESETS["small"]


@pytest.fixture(scope="session")
def blocks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of 20 rows, of which two are held out."""
    from training_scenes import row, write_dataset

    return write_dataset(tmp_path_factory.mktemp("data") / "blocks", map(row, range(20)))


SMALL = """{
    "model_type": "efficientnet-lite",
    "embedding_size": 8,
    "hidden_sizes": [8, 12, 16, 24],
    "depths": [1, 1, 2, 1],
    "kernel_sizes": [3, 3, 5, 3],
    "strides": [1, 2, 2, 2],
    "expand_ratios": [1, 2, 2, 2],
    "batch_norm_momentum": 0.2,
    "out_features": ["stage2", "stage3", "stage4"],
}, {"channels": 8, "head_channels": 8, "size_divisor": 16}"""
"""A network of a few thousand parameters; as text, since a test gives it to another process."""
ADD_SMALL = f"from bdstr.model.presets import PRESETS, Preset; PRESETS['small'] = Preset({SMALL})"
SETTINGS = (
    "pretrained=false size_px=32 scales=[1.0,2.0] batch=6 epochs=12 evaluate_every=4 log_every=8 "
    "decoder_learning_rate=0.01 backbone_learning_rate=0.01"
)


def arguments(dataset: Path, out: Path, *more: str) -> list[str]:
    """Of `bdstr train`."""
    given = ["--dataset", str(dataset), "--out", str(out), "--preset", "small", "--cpu", "--workers", "0"]
    for setting in (*SETTINGS.split(), *more):
        given += ["--set", setting]
    return given


@pytest.fixture(scope="session")
def run(blocks: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on it that was never stopped."""
    from click.testing import CliRunner

    from bdstr.commands.train import train

    out = tmp_path_factory.mktemp("runs") / "run"
    result = CliRunner().invoke(train, arguments(blocks, out))
    assert result.exit_code == 0, (result.output, result.exception)
    return out
