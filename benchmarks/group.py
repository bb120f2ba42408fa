"""The figures of one benchmark with what they were taken on, and the file that holds all groups.

A benchmark renews its own group and leaves the others with their own machine and date.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.figures import Figure

FILE = Path(__file__).with_name("figures.json")


@dataclass(frozen=True, slots=True)
class Group:
    """What one benchmark measured at once.

    Args:
        machine: processor or accelerator, and system.
        cores: that could be used.
        date: of the measurement, YYYY-MM-DD.
        short: whether less of everything was measured.
        versions: package -> version.
        figures: in the order of the table.
    """

    machine: str
    cores: int
    date: str
    short: bool
    versions: Mapping[str, str]
    figures: tuple[Figure, ...]

    @property
    def run(self) -> bool:
        """Whether anything was measured."""
        return any(figure.value is not None for figure in self.figures)


def renewed(old: Mapping[str, Group], new: Mapping[str, Group]) -> dict[str, Group]:
    """The groups with those that were measured anew; one that could not be run keeps what it had."""
    kept = {name for name, group in new.items() if not group.run and name in old and old[name].run}
    return {**old, **{name: group for name, group in new.items() if name not in kept}}


def to_json(groups: Mapping[str, Group]) -> str:
    """All groups as text; equal groups give equal text."""
    return json.dumps({name: asdict(groups[name]) for name in sorted(groups)}, indent=1) + "\n"


def from_json(text: str) -> dict[str, Group]:
    """What `to_json` wrote."""
    return {
        name: Group(**{**group, "figures": tuple(Figure(**figure) for figure in group["figures"])})
        for name, group in json.loads(text).items()
    }


def read(file: Path = FILE) -> dict[str, Group]:
    """What was measured so far; nothing where there is no file."""
    return from_json(file.read_text("utf-8")) if file.exists() else {}


def write(groups: Mapping[str, Group], file: Path = FILE) -> None:
    """Written aside and moved in place."""
    aside = file.with_suffix(".part")
    aside.write_text(to_json(groups), "utf-8")
    aside.replace(file)
