"""Ctrl-C and SIGTERM that wait while a worker process is started or ended."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

HELD = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Ctrl-C and SIGTERM wait for the end of the block, and a worker started in it never sees Ctrl-C.

    A worker that is left half started prints where it was: it reads what it needs from a pipe that its parent
    has closed.
    """
    with _handlers_held(), _not_for_workers():
        yield


@contextmanager
def _handlers_held() -> Iterator[None]:
    """Blocking them would not do: another thread takes the signal, and Python calls the handler here."""
    if threading.current_thread() is not threading.main_thread():  # handlers are the main thread's alone
        yield
        return
    came: list[signal.Signals] = []
    before = {one: signal.getsignal(one) for one in HELD}
    ours = [one for one, handler in before.items() if callable(handler)]  # the rest is nobody's, or ignored
    for one in ours:
        signal.signal(one, lambda number, _: came.append(signal.Signals(number)))
    try:
        yield
    finally:
        for one in ours:
            signal.signal(one, before[one])
        for one in came[:1]:
            signal.raise_signal(one)


@contextmanager
def _not_for_workers() -> Iterator[None]:
    """A process inherits which signals wait. SIGTERM is not among them: a pool ends its workers by it."""
    if not hasattr(signal, "pthread_sigmask"):  # on Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
