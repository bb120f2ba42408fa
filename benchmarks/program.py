"""What every benchmark is as a program: it measures, prints its table, and renews its groups in the file."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.group import FILE, Group, read, renewed, write
from benchmarks.machine import processor, versions
from benchmarks.table import markdown
from sodeval.runner import usable_cpus

Measure = Callable[[bool], Mapping[str, Iterable[Figure]]]
"""Whether to measure less of everything -> name of a group -> its figures."""


def parser(about: str | None) -> argparse.ArgumentParser:
    """The options of every benchmark."""
    made = argparse.ArgumentParser(description=about)
    made.add_argument("--short", action="store_true", help="less of everything; renews no file by itself")
    made.add_argument("--out", type=Path, help=f"the file whose groups are renewed (default: {FILE.name})")
    return made


def main(about: str | None, measure: Measure, packages: Iterable[str]) -> None:
    """Measures and tells; the packages are those whose versions matter."""
    options = parser(about).parse_args()
    publish(measure(options.short), options, versions(packages))


def publish(
    measured: Mapping[str, Iterable[Figure]], options: argparse.Namespace, with_versions: Mapping[str, str]
) -> None:
    """Prints the table of each group; renews the file where the options name one, or all was measured."""
    groups = taken(measured, options.short, with_versions)
    for group in groups.values():
        print(markdown(group.figures))
    out = options.out or (None if options.short else FILE)
    if out is not None:
        write(renewed(read(out), groups), out)


def taken(
    measured: Mapping[str, Iterable[Figure]], short: bool, with_versions: Mapping[str, str]
) -> dict[str, Group]:
    """Figures with the machine and the date of now."""
    date = f"{datetime.now(UTC):%Y-%m-%d}"
    return {
        name: Group(_machine(name), usable_cpus(), date, short, with_versions, tuple(figures))
        for name, figures in measured.items()
    }


def _machine(group: str) -> str:
    """Of groups that end so, the accelerator besides."""
    if not group.endswith("-gpu"):
        return processor()
    import torch

    return f"{torch.cuda.get_device_name()}, {processor()}" if torch.cuda.is_available() else processor()
