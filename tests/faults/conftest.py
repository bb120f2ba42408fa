"""What the fault tests share: processes to disturb, and the test data of the other rooms."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
sys.path[:0] = [
    str(TESTS / room) for room in ("builders", "hub", "training", "faults")
]  # modules beside tests

from forks import Forks


@pytest.fixture(scope="session")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    """Starts commands in processes that have imported what they need."""
    with Forks.running(tmp_path_factory.mktemp("forks")) as forks:
        yield forks
