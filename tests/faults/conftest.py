"""What the fault tests share: processes to disturb, and the test data of the other rooms."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "builders"))  # for the modules beside the tests
sys.path.insert(0, str(Path(__file__).parents[1] / "hub"))
sys.path.insert(0, str(Path(__file__).parents[1] / "training"))
sys.path.insert(0, str(Path(__file__).parents[1] / "leaderboard"))
sys.path.insert(0, str(Path(__file__).parents[1] / "faults"))

from forks import Forks


@pytest.fixture(scope="session")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    """Starts commands in processes that have imported what they need."""
    with Forks.running(tmp_path_factory.mktemp("forks")) as forks:
        yield forks
