"""The inputs that several commands share, from options to `Pairing`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from ..benchmarks import benchmark_names, benchmark_of_folder
from ..defaults import DEFAULT_MAX_PIXELS
from ..errors import ProtocolError, UsageError
from ..inputs.discovery import find_benchmarks
from ..inputs.pairing import Pairing, method_folders, pair
from ..paths import lies_in
from ..problem import Problem
from ..protocol import PRESETS, Protocol, get_protocol, protocol_from_json
from .completion import folders, known

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

FOLDER = click.Path(path_type=Path, readable=False)
"""An input: whether it can be read shows when it is, with the same error and exit code for each."""

SMALL_PAIRS = 1000
"""So few pairs are scored before a second process has repaid its start."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a command was pointed at.

    Args:
        pairings: one a benchmark.
        folders: every folder that is read; nothing is written into one.
        problems: folders that were left out.
    """

    pairings: tuple[Pairing, ...]
    folders: tuple[Path, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def pairs(self) -> int:
        return sum(len(maps) for pairing in self.pairings for maps in pairing.maps.values())


protocol_option = click.option(
    "--protocol",
    "protocol_name",
    default="pysodmetrics",
    metavar="P",
    show_default=True,
    shell_complete=known(lambda: PRESETS, files=True),
    help=f"The conventions: {', '.join(PRESETS)}, or a JSON file of choices.",
)

max_pixels_option = click.option(
    "--max-pixels",
    type=click.IntRange(1, 2**31 - 1),
    default=DEFAULT_MAX_PIXELS,
    show_default=True,
    metavar="N",
    help="Larger images are refused.",
)


def input_options(function: FunctionT) -> FunctionT:
    """The options that say what is scored."""
    options = (
        click.argument("root", required=False, type=FOLDER),
        click.option("--gt", type=FOLDER, metavar="DIR", help="Folder of the masks."),
        click.option(
            "--pred",
            multiple=True,
            metavar="[NAME=]DIR",
            shell_complete=folders,
            help="Folder of one method's maps; may be given again. Its name is the folder's unless given.",
        ),
        click.option(
            "--benchmark",
            metavar="NAME",
            shell_complete=known(benchmark_names),
            help="How to call the benchmark; else from the folder.",
        ),
        click.option(
            "--benchmarks",
            type=FOLDER,
            metavar="DIR",
            help="With ROOT: folder that holds BENCHMARK/gt; maps are in ROOT/METHOD/BENCHMARK.",
        ),
        click.option("--prefix", default="", help="What stands before a mask's name in the names of maps."),
        click.option("--suffix", default="", help="What stands after it, e.g. _HS."),
    )
    return _decorate(function, options)


def scoring_options(function: FunctionT) -> FunctionT:
    """The options that say how it is scored."""
    options = (
        protocol_option,
        click.option(
            "--set", "choices", multiple=True, metavar="CHOICE=VALUE", help="Change one choice of it."
        ),
        click.option("--workers", type=click.IntRange(1), metavar="N", help="Processes; else as needed."),
        max_pixels_option,
    )
    return _decorate(function, options)


def _decorate(function: FunctionT, options: Sequence[Callable[[FunctionT], FunctionT]]) -> FunctionT:
    for option in reversed(options):
        function = option(function)
    return function


def find_inputs(
    root: Path | None,
    gt: Path | None,
    pred: Sequence[str],
    benchmark: str | None,
    benchmarks: Path | None,
    prefix: str,
    suffix: str,
) -> Inputs:
    """The files that the options name, paired.

    Raises:
        UsageError: the options do not go together.
        PairingError: the folders do not.
    """
    if root is not None or benchmarks is not None:
        if root is None or benchmarks is None or gt is not None or pred or benchmark:
            raise UsageError("expected either --gt DIR --pred DIR, or ROOT --benchmarks DIR")
        return _of_tree(root, benchmarks, prefix, suffix)
    if gt is None or not pred:
        raise UsageError("expected --gt DIR and at least one --pred [NAME=]DIR, or ROOT --benchmarks DIR")
    folders = method_folders(pred)
    name = benchmark or benchmark_of_folder(gt)
    pairing = pair(gt, folders, name, prefix=prefix, suffix=suffix)
    return Inputs((pairing,), (gt, *folders.values()))


def _of_tree(root: Path, benchmarks: Path, prefix: str, suffix: str) -> Inputs:
    tree = find_benchmarks(root, benchmarks)
    pairings = tuple(
        pair(found.masks, found.maps, found.benchmark, prefix=prefix, suffix=suffix)
        for found in tree.benchmarks
    )
    return Inputs(pairings, (root, benchmarks), tree.problems)


def choose_protocol(name: str, choices: Sequence[str]) -> Protocol:
    """The preset or file of that name, with the choices changed.

    Raises:
        ProtocolError: an unknown preset, choice or value.
    """
    protocol = _from_file(Path(name)) if name.endswith(".json") else get_protocol(name)
    if not choices:
        return protocol
    changed = dict(_choice(choice) for choice in choices)
    return protocol.but(**{"name": f"{protocol.name} with {', '.join(choices)}"} | changed)


def _from_file(path: Path) -> Protocol:
    expected = 'expected a JSON object of choices, e.g. {"scaling": "none"}'
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProtocolError(f"{path} cannot be read: {error.strerror}; {expected}") from error
    except ValueError as error:
        raise ProtocolError(f"{path} is no JSON: {error}; {expected}") from error
    if not isinstance(values, dict):
        raise ProtocolError(f"{path} holds {type(values).__name__}; {expected}")
    return protocol_from_json(values)


def _choice(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ProtocolError(f"--set {text}: expected CHOICE=VALUE, e.g. --set scaling=none")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def choose_workers(workers: int | None, pairs: int) -> int:
    """As many as asked for, else as are worth starting."""
    from ..runner import usable_cpus

    return workers or (1 if pairs <= SMALL_PAIRS else usable_cpus())


def refuse_inside(out: Path | None, folders: Sequence[Path]) -> None:
    """Nothing is ever written into an input folder.

    Raises:
        UsageError: `out` lies in one of them.
    """
    for folder in folders:
        if out is not None and lies_in(out, folder):
            raise UsageError(f"--out {out} lies in the input folder {folder}: choose a folder beside it")
