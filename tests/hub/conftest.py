"""A Hub, somebody to talk to it, and a dataset to push."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))  # for the modules beside the tests

from clients import USERS, Client, settle_here
from server import Hub
from store import Store

from bdstr_builders.folder import find_items
from bdstr_builders.pipeline import Packing
from bdstr_builders.run.local import run
from bdstr_builders.run.plan import make_plan


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A Hub where one may write to ``lab``, and another may not."""
    with Hub(Store(USERS)).running() as hub:
        yield hub


@pytest.fixture
def ann(hub: Hub, tmp_path: Path) -> Client:
    return Client(hub.url, tmp_path / "home")


@pytest.fixture
def hub_here(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """The Hub of this process."""
    settle_here(hub.url, monkeypatch)
    return hub


def write_dataset(root: Path, photographs: int = 7, rows_a_shard: int = 3) -> Path:
    """A finished dataset of noise, which no compression makes small, and of one reject."""
    random = np.random.default_rng(photographs)
    for folder in ("images", "masks"):
        (root / folder).mkdir(parents=True)
    for i in range(photographs):
        Image.fromarray(random.integers(0, 256, (64, 64, 3), np.uint8)).save(root / f"images/{i}.png")
        Image.fromarray(random.integers(0, 2, (64, 64), np.uint8) * 255).save(root / f"masks/{i}.png")
    (root / "images" / "bad.png").write_bytes(b"no image")
    (root / "masks" / "bad.png").write_bytes(b"no image")
    found, work = find_items(root / "images", root / "masks"), Packing(source="noise", licence="CC0-1.0")
    run(make_plan(root / "ds", found, work.fingerprint, rows_a_shard), found, work)
    (root / "ds" / "inspect").mkdir()
    (root / "ds" / "inspect" / "index.html").write_text("a page")
    return root / "ds"


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its folder; tests do not write into it."""
    return write_dataset(tmp_path_factory.mktemp("dataset"))
