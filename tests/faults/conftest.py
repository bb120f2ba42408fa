"""What the fault tests share: processes to disturb, and the test data of the other rooms."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS / "builders"))  # for the modules beside the tests
sys.path.insert(0, str(TESTS / "hub"))
sys.path.insert(0, str(TESTS / "training"))
sys.path.insert(0, str(TESTS / "faults"))

from forks import Forks


@pytest.fixture(scope="session")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    """Starts commands in processes that have imported what they need."""
    with Forks.running(tmp_path_factory.mktemp("forks")) as forks:
        yield forks
