"""Scores on what was held out, by sodeval, as the saved maps would be scored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import torch
from torch import nn

from sodeval.evaluator import Evaluator

from ..errors import DatasetError
from ..model.image_processing_dedecoder import DEDecoderImageProcessor
from .example import Example, Row, read_example
from .saliency import pixel_values, saliency_maps

T = TypeVar("T")


def evaluate(
    network: nn.Module, processor: DEDecoderImageProcessor, rows: Sequence[Row], batch: int
) -> Evaluator:
    """Scores a network on rows; under torchrun each process takes a share, and all get the whole.

    Raises:
        DatasetError: no row can be used.
    """
    evaluator = Evaluator()
    network.eval()
    for some in batches(usable(rows[_rank() :: _processes()]), batch):
        inputs = [pixel_values(processor, example.rgb) for example in some]
        sizes = [example.mask.shape for example in some]
        for example, found in zip(some, saliency_maps(network, processor, inputs, sizes), strict=True):
            evaluator.update(found, example.mask, key=example.key)
    return _gathered(evaluator)


def usable(rows: Sequence[Row]) -> Iterator[Example]:
    """The rows as pixels. A damaged one was said when the run began."""
    for row in rows:
        try:
            yield read_example(row)
        except DatasetError:
            continue


def refuse_damaged(rows: Sequence[Row]) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """The rows that can be decoded, and what is wrong with the others.

    Raises:
        DatasetError: none can be.
    """
    whole, wrong = [], []
    for row in rows:
        try:
            read_example(row)
            whole.append(row)
        except DatasetError as error:
            wrong.append(str(error))
    if not whole:
        raise DatasetError(f"no row that is held out can be used, e.g. {wrong[0]}")
    return tuple(whole), tuple(wrong)


def batches(things: Iterator[T], size: int) -> Iterator[list[T]]:
    """Things, so many at a time.

    Example:
        >>> list(batches(iter("abc"), 2))
        [['a', 'b'], ['c']]
    """
    some: list[T] = []
    for thing in things:
        some.append(thing)
        if len(some) == size:
            yield some
            some = []
    if some:
        yield some


def _gathered(evaluator: Evaluator) -> Evaluator:
    if _processes() == 1:
        return evaluator
    everybody: list[Evaluator] = [evaluator] * _processes()
    torch.distributed.all_gather_object(everybody, evaluator)
    first, *others = everybody
    for other in others:
        first.merge(other)
    return first


def _together() -> bool:
    return torch.distributed.is_available() and torch.distributed.is_initialized()


def _rank() -> int:
    return torch.distributed.get_rank() if _together() else 0


def _processes() -> int:
    return torch.distributed.get_world_size() if _together() else 1
