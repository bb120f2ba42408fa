"""Work in batches that fit into memory."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Sequence
from typing import Any

import torch

Work = Callable[[Sequence[Any]], list[Any]]
"""One answer for each item, in their order."""

logger = logging.getLogger(__name__)


def in_batches(work: Work, items: Sequence[Any], size: int) -> list[Any]:
    """The answers to items that are worked on so many at a time.

    A batch that does not fit into memory is done in two halves, by itself: the next one is tried whole
    again. So what a batch is depends on its own items, not on what came before, and a run that goes on after
    a stop sees the same batches on the same machine.

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
        logger.warning(
            "%d items do not fit into memory: %d at a time; lower batch", len(items), len(items) // 2
        )
    _free()  # outside of except: there the error still holds what did not fit
    half = len(items) // 2
    return _whole_or_halves(work, items[:half]) + _whole_or_halves(work, items[half:])


def is_out_of_memory(error: Exception) -> bool:
    """Whether a smaller batch could have gone well."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return "can't allocate memory" in str(error) or "not enough memory" in str(error)


def _free() -> None:
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
