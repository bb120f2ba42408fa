"""The packages of the extra ``original``, or a reason why not: ``make test-original`` runs these tests."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "builders"))  # for tiny_models and drafts

NEEDED = ("torch", "torchvision", "segment_anything", "groundingdino")


@pytest.fixture(autouse=True, scope="session")
def packages() -> None:
    """They have an environment of their own, so everywhere else these tests are skipped, one by one."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed: make test-original")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            for of_the_packages in ("ignore::FutureWarning", "ignore:torch.meshgrid:UserWarning"):
                item.add_marker(pytest.mark.filterwarnings(of_the_packages))
