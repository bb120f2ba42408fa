"""What the tests of the builders share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for the modules beside the tests


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """Folders of tiny checkpoints: ``blip``, ``dino`` and ``sam``."""
    import tiny_models
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    root = tmp_path_factory.mktemp("checkpoints")
    yield SimpleNamespace(
        blip=tiny_models.save_blip(root / "blip"),
        dino=tiny_models.save_dino(root / "dino"),
        sam=tiny_models.save_sam(root / "sam"),
    )
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def demo_photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the seven photographs of the demo."""
    from sodeval.demo.files import write_demo

    return write_demo(tmp_path_factory.mktemp("demo")).photos
