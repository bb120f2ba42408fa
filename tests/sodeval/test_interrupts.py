"""Ctrl-C and SIGTERM while worker processes are started and ended."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from sodeval.interrupts import HELD, interrupts_held


@pytest.fixture(params=HELD, ids=lambda one: one.name)
def handled(request: pytest.FixtureRequest) -> Iterator[tuple[signal.Signals, list[int]]]:
    """A signal, and how often it was handled; another thread is there to take it."""
    times: list[int] = []
    before = signal.signal(request.param, lambda number, _: times.append(number))
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    yield request.param, times
    done.set()
    other.join()
    signal.signal(request.param, before)


def test_a_signal_waits_for_the_end_of_the_block(handled: tuple[signal.Signals, list[int]]) -> None:
    number, times = handled
    with interrupts_held():
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
        threading.Event().wait(0.05)  # time in which it would be handled
        assert times == []
    assert times == [number]


def test_a_signal_that_nobody_sent_is_not_handled(handled: tuple[signal.Signals, list[int]]) -> None:
    with interrupts_held():
        pass
    assert handled[1] == []


def test_the_handlers_are_put_back(handled: tuple[signal.Signals, list[int]]) -> None:
    before = {one: signal.getsignal(one) for one in HELD}
    with pytest.raises(ZeroDivisionError), interrupts_held():
        _ = 1 / 0
    assert {one: signal.getsignal(one) for one in HELD} == before


def test_another_thread_may_start_a_worker_too() -> None:
    went_through = threading.Event()

    def start() -> None:
        with interrupts_held():
            went_through.set()

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert went_through.is_set()
