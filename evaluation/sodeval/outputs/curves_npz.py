"""``curves.npz``: the curves, and the pixel counts that they follow from."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float64, Shaped

from ..errors import ReportError
from ..levels import spaced_thresholds
from ..measures import FAMILIES
from ..protocol import Protocol
from ..report import Report, Result
from ..room import let_go

_ALWAYS = ("precision", "recall", "F", "E")
_CURVES = (*_ALWAYS, *FAMILIES)
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip holds: its bytes must not depend on the clock
_UNREADABLE = (
    *(OSError, EOFError, ValueError, TypeError, AttributeError, zipfile.BadZipFile, zlib.error),
    *(NotImplementedError, RuntimeError, MemoryError),  # an unknown compression, encryption, an absurd size
)

Array = Shaped[np.ndarray, "..."]


def curve_thresholds(protocol: Protocol) -> Float64[np.ndarray, "thresholds"]:
    """The thresholds of a curve on 0..255, highest first, as its points are.

    Example:
        >>> curve_thresholds(Protocol())[:3].tolist()
        [255.0, 254.0, 253.0]
    """
    if protocol.quantisation == "truncate":
        return np.arange(255.0, -1.0, -1.0)
    return spaced_thresholds(protocol.thresholds)[::-1] * 255


def curves_npz(report: Report) -> bytes:
    """A compressed NumPy archive; equal reports give equal bytes.

    ``methods``, ``benchmarks``, ``images`` and ``expected`` have one entry a result, in the order of
    ``report.json``; ``thresholds`` are on 0..255, highest first. Result number *i* has ``i/precision``,
    ``i/recall``, ``i/F``, ``i/E`` and those of the measures on request, averaged over its images, and
    ``i/keys`` and ``i/counts``, which `PerImage` explains.
    """
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for name, array in _arrays(report).items():
            _add(archive, name, array)
    return memory.getvalue()


def _arrays(report: Report) -> dict[str, Array]:
    arrays = _index(report) | {"thresholds": curve_thresholds(report.protocol)}
    for i, result in enumerate(report.results):
        if result.curves is not None:
            arrays |= {f"{i}/{name}": result.curves[name] for name in _CURVES if name in result.curves}
        if result.per_image is not None and result.per_image.counts is not None:
            arrays[f"{i}/keys"] = np.array(result.per_image.keys, dtype=np.str_)
            arrays[f"{i}/counts"] = result.per_image.counts
    return arrays


def _index(report: Report) -> dict[str, Array]:
    return {
        "methods": np.array([result.method for result in report.results], dtype=np.str_),
        "benchmarks": np.array([result.benchmark for result in report.results], dtype=np.str_),
        "images": np.array([result.images for result in report.results], dtype=np.int64),
        "expected": np.array([result.expected for result in report.results], dtype=np.int64),
    }


def _add(archive: zipfile.ZipFile, name: str, array: Array) -> None:
    entry = zipfile.ZipInfo(f"{name}.npy", _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # the same bytes on every system
    with archive.open(entry, "w", force_zip64=True) as file:
        np.save(file, np.ascontiguousarray(array), allow_pickle=False)
    let_go(array)


def with_curves(report: Report, data: bytes, path: Path) -> Report:
    """The report with the curves and counts that a ``curves.npz`` holds. Nothing is ever unpickled.

    Args:
        report: what lies beside it.
        data: its content.
        path: what error messages call it.

    Raises:
        ReportError: it cannot be read, or belongs to another report.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except _UNREADABLE as error:
        raise ReportError(f"{path}: cannot be read ({error}); write the report again") from error
    for name, expected in _index(report).items():
        if name not in arrays or not np.array_equal(arrays[name], expected):
            raise ReportError(f"{path}: its {name} are not those of report.json; write the report again")
    points = len(curve_thresholds(report.protocol))
    results = (
        _with_arrays(result, _Numbered(i, arrays, path), points) for i, result in enumerate(report.results)
    )
    return replace(report, results=tuple(results))


@dataclass(frozen=True, slots=True)
class _Numbered:
    """The arrays of one result."""

    number: int
    arrays: Mapping[str, Array]
    path: Path

    def get(self, name: str, dtype: type[np.generic], shape: tuple[int, ...]) -> Array | None:
        array = self.arrays.get(f"{self.number}/{name}")
        if array is not None and (array.dtype != dtype or array.shape != shape):
            raise ReportError(
                f"{self.path}: {self.number}/{name} is {array.dtype} {array.shape}; expected "
                f"{np.dtype(dtype)} {shape}; write the report again"
            )
        return array


def _with_arrays(result: Result, numbered: _Numbered, points: int) -> Result:
    read = {name: numbered.get(name, np.float64, (points,)) for name in _CURVES}
    curves = {name: curve for name, curve in read.items() if curve is not None}
    counts = numbered.get("counts", np.uint32, (result.images, 2, points + 1))
    per_image = result.per_image
    if per_image is not None and counts is not None:
        if numbered.arrays.get(f"{numbered.number}/keys", np.array([])).tolist() != list(per_image.keys):
            raise ReportError(
                f"{numbered.path}: its images are not those of per_image.csv; write the report again"
            )
        per_image = replace(per_image, counts=counts)
    return replace(result, per_image=per_image, curves=curves if curves.keys() >= set(_ALWAYS) else None)
