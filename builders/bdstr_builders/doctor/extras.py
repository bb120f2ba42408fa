"""The extras of bdstr: what each adds, and what is missing of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .packages import Package

ADDS: Mapping[str, str] = {
    "demo": "The seven photographs of the demo and of the sample dataset, inside two packages.",
    "verify": "PySODMetrics, by which `sodeval verify` scores a second time.",
    "train": "torch and transformers: `bdstr train`, `predict`, `cutout`; recipe offline-network.",
    "generate": "The same, for the recipes bds-tr and bds-tr-small: BLIP, Grounding DINO and SAM.",
    "original": "The packages of the models' authors, for bds-tr-original; in an environment of its own.",
    "onnx": "`bdstr export onnx`, checked against ONNX Runtime.",
    "ray": "`bdstr generate --engine ray`, on a cluster.",
    "docs": "What `make docs` makes pages with.",
    "dev": "What `make test`, `make check` and `make bench` need.",
}
"""Extra -> what one can do with it. Which packages it has, the metadata say."""


@dataclass(frozen=True, slots=True)
class Extra:
    """An extra.

    Args:
        name: of the extra.
        packages: those that it adds to the core.
    """

    name: str
    packages: tuple[Package, ...]

    @property
    def adds(self) -> str:
        return ADDS.get(self.name, "")

    @property
    def complete(self) -> bool:
        return all(package.sound for package in self.packages)

    @property
    def install(self) -> str:
        """What to type in a clone of bdstr."""
        return f"pip install '.[{self.name}]'"


def in_order(names: list[str]) -> list[str]:
    """Extras in the order of `ADDS`; those that it does not have at the end.

    Example:
        >>> in_order(["ray", "new", "demo"])
        ['demo', 'ray', 'new']
    """
    places = list(ADDS)
    return sorted(names, key=lambda name: (places.index(name) if name in ADDS else len(places), name))
