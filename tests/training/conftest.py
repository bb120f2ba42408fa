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
    from small_preset import ADD_SMALL

    from bdstr.model.presets import PRESETS

    exec(ADD_SMALL)
    yield
    del PRESETS["small"]


@pytest.fixture(scope="session")
def blocks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of 20 rows, of which two are held out."""
    from training_scenes import row, write_dataset

    return write_dataset(tmp_path_factory.mktemp("data") / "blocks", map(row, range(20)))


@pytest.fixture(scope="session")
def run(blocks: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on it that was never stopped."""
    from click.testing import CliRunner
    from small_preset import arguments

    from bdstr.commands.train import train

    out = tmp_path_factory.mktemp("runs") / "run"
    result = CliRunner().invoke(train, arguments(blocks, out))
    assert result.exit_code == 0, (result.output, result.exception)
    return out
