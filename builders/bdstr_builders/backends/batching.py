"""Work in batches that fit into memory."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import torch

from ..memory import is_out_of_memory

Work = Callable[[Sequence[Any]], list[Any]]
"""One answer for each item, in their order."""

logger = logging.getLogger(__name__)


def in_batches(work: Work, items: Sequence[Any], size: int) -> list[Any]:
    """The answers to items that are worked on so many at a time.

    A batch that does not fit into memory is done in two halves, by itself: the next one is tried whole
    again. So what a batch is depends on its own items, not on what came before, and a run that goes on after
    a stop sees the same batches on the same machine. One item that does not fit alone raises what its work
    raised; the pipeline rejects its photograph and does the others again.

    Args:
        work: answers a batch.
        items: in order.
        size: at most so many at a time, 1 or more.

    Example:
        >>> in_batches(lambda batch: [len(batch)] * len(batch), "abcde", 2)
        [2, 2, 2, 2, 1]
    """
    answers: list[Any] = []
    for start in range(0, len(items), size):
        answers += _whole_or_halves(work, items[start : start + size])
    return answers


def _whole_or_halves(work: Work, items: Sequence[Any]) -> list[Any]:
    try:
        return work(items)
    except (RuntimeError, MemoryError) as error:
        if len(items) == 1 or not is_out_of_memory(error):
            raise
        _warn(len(items))
    _free()  # outside of except: there the error still holds what did not fit
    half = len(items) // 2
    return _whole_or_halves(work, items[:half]) + _whole_or_halves(work, items[half:])


@lru_cache
def _warn(items: int) -> None:
    """Once for each size: where every batch is too large, one line says it as well as a million."""
    logger.warning("%d items do not fit into memory: %d at a time; lower batch", items, items // 2)


def _free() -> None:
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()
