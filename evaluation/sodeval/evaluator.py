"""Scores while a network trains: arrays in, no files."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Shaped

from ._version import __version__
from .errors import InputError, UsageError
from .facts import Facts
from .fingerprints import fingerprint, mask_digest
from .ground_truth import prepare
from .inputs.decoded import from_array
from .measures import get_families
from .problem import Problem
from .protocol import PYSODMETRICS, Protocol, get_protocol
from .report import Report, Result
from .scoring import measure_map, read_mask
from .tally import Tally, summarise

if TYPE_CHECKING:
    from typing import Self

DIGITS = 9


class Evaluator:
    """Collects pairs of a saliency map and a mask, in any order and on any number of processes.

    Each pair leaves about 3 kB behind, whatever its size. The scores do not depend on the order of updates
    nor on how pairs are spread over evaluators that are merged: they are computed in the order of the keys.

    Args:
        protocol: the conventions, or the name of a preset.
        families: measures on request, e.g. ``["IoU", "Dice"]``; see `measures.FAMILIES`.

    Raises:
        UsageError: an unknown protocol or measure.

    Example:
        >>> evaluator = Evaluator()
        >>> evaluator.update(np.array([[0.9, 0.1]]), np.array([[True, False]]))
        >>> evaluator.compute()["MAE"]
        0.0
    """

    def __init__(self, protocol: Protocol | str = PYSODMETRICS, families: Iterable[str] = ()) -> None:
        self.protocol = get_protocol(protocol) if isinstance(protocol, str) else protocol
        self.families = get_families(families)
        self._facts: dict[str, Facts] = {}
        self._digests: dict[str, bytes] = {}
        self._notes: list[Problem] = []

    def __len__(self) -> int:
        return len(self._facts)

    def update(self, pred: Any, gt: Any, key: str | None = None) -> None:
        """Adds one pair.

        Args:
            pred: the saliency map, ``h w``, ``1 h w`` or ``h w 1``: 8-bit, 16-bit, or float in 0..1; a
                numpy array or a torch tensor on any device. A map of another size than the mask is resized
                as the protocol says.
            gt: the mask, likewise, or boolean.
            key: a name that no other pair has; the number of the update unless given. Give it where
                evaluators are merged.

        Raises:
            UsageError: a pair of this key was added before, or this is a batch.
            ImageError: an array that is no map or mask: its type, shape or values.
        """
        pred, gt = to_numpy(pred), to_numpy(gt)
        if pred.ndim > 3 or not (key is None or isinstance(key, str)):
            raise UsageError(
                f"an array of shape {pred.shape} with the key {key!r}; expected one image and its name: "
                "add a batch one by one, for p, g, k in zip(preds, gts, keys)"
            )
        name = self._free_key() if key is None else key
        if name in self._facts:
            raise UsageError(f"a pair of the key {name!r} was added before; give each image a key of its own")
        mask, notes = read_mask(from_array(gt, f"mask {name}"), f"mask {name}", self.protocol)
        map_ = from_array(pred, f"map {name}")
        facts, map_notes = measure_map(map_, f"map {name}", prepare(mask, self.protocol), self.protocol)
        self._facts[name], self._digests[name] = facts, mask_digest(mask)
        self._notes += [*notes, *map_notes]

    def _free_key(self) -> str:
        numbers = itertools.count(len(self))
        return next(key for number in numbers if (key := str(number).zfill(DIGITS)) not in self._facts)

    def merge(self, other: Evaluator) -> Self:
        """Takes over the pairs of another evaluator, e.g. of another process, and returns itself.

        Raises:
            UsageError: both hold a pair of one key, or they follow different protocols or compute different
                measures.
        """
        if set(other.families) != set(self.families):
            raise UsageError(
                f"evaluators of different measures ({list(self.families)}, {list(other.families)}); "
                "expected the same families in both"
            )
        if not isinstance(other, Evaluator):
            raise UsageError(f"merge({other!r}); expected another Evaluator")
        if other.protocol.fingerprint != self.protocol.fingerprint:
            names = f"{self.protocol.name}, {other.protocol.name}"
            raise UsageError(f"evaluators of different protocols ({names}); expected one")
        twice = sorted(self._facts.keys() & other._facts.keys())
        if twice:
            raise UsageError(
                f"both evaluators hold {twice[0]!r}, and {len(twice)} keys in all; give each image its key"
            )
        self._facts |= other._facts
        self._digests |= other._digests
        self._notes += other._notes
        return self

    def compute(self) -> dict[str, float]:
        """Measure -> score over all pairs so far.

        Raises:
            InputError: there are none.
        """
        return dict(self.result().scores)

    def result(
        self, method: str = "model", benchmark: str = "validation", expected: int | None = None
    ) -> Result:
        """The scores with curves and each image's own.

        Args:
            method: how to call what made the maps.
            benchmark: how to call the images.
            expected: how many images there should be, where some may be missing.

        Raises:
            InputError: there are no pairs.
        """
        if not self._facts:
            raise InputError("no pair was added; expected at least one update(pred, gt) before")
        keys = sorted(self._facts)
        tally = Tally(self.protocol, self.families)
        tally.add(keys, (self._facts[key] for key in keys))
        per_image, curves = tally.per_image(), tally.curves()
        return Result(
            method=method,
            benchmark=benchmark,
            images=len(keys),
            expected=expected or len(keys),
            scores=summarise(per_image, curves, self.protocol),
            problems=tuple(sorted(self._notes)),
            gt_fingerprint=fingerprint(self._digests),
            per_image=per_image,
            curves=curves,
        )

    def report(self, method: str = "model", benchmark: str = "validation") -> Report:
        """The result as a report of its own."""
        return Report(self.protocol, (self.result(method, benchmark),), __version__)

    def reset(self) -> None:
        """Forgets all pairs."""
        self._facts, self._digests, self._notes = {}, {}, []


def to_numpy(array: Any) -> Shaped[np.ndarray, "..."]:
    """A numpy array of anything array-like; a torch tensor is known by its methods, torch is not imported."""
    if hasattr(array, "detach"):
        array = array.detach().cpu()
        if str(array.dtype) == "torch.bfloat16":  # numpy has none; float32 holds all its values
            array = array.float()
        return np.asarray(array.numpy())
    return np.asarray(array)
