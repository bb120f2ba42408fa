"""``sodeval run``: the scores."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import EXIT_OK, EXIT_REFUSED, ReportError, UsageError
from ..measures import FAMILIES, get_families
from ..outputs.sole_writer import sole_writer
from ..printable import printable
from ..protocol import Protocol
from .completion import known_of_list
from .formats import format_option
from .inputs import (
    Inputs,
    choose_protocol,
    choose_workers,
    find_inputs,
    input_options,
    refuse_inside,
    scoring_options,
)
from .listing import MAX_LINES, lines, say_problems
from .progress import progress

if TYPE_CHECKING:
    from ..report import Report


def terminal_columns() -> int | None:
    """How wide the terminal is; None where standard output is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


@click.command()
@input_options
@scoring_options
@click.option(
    "--measures",
    default="",
    metavar="LIST",
    shell_complete=known_of_list(lambda: (*FAMILIES, "all")),
    help=f"Also these, separated by commas: {', '.join(FAMILIES)}; or all.",
)
@click.option("--allow-missing", is_flag=True, help="Score what is there, and mark it partial.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for report.json, per_image.csv, curves.npz, tables, plots and gallery; kept up by resuming.",
)
@click.option(
    "--images",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of the photographs, for the gallery.",
)
@format_option("table", "markdown", "latex", "csv", "json")
def run(
    protocol_name: str,
    choices: tuple[str, ...],
    workers: int | None,
    max_pixels: int,
    measures: str,
    allow_missing: bool,
    out: Path | None,
    images: Path | None,
    format_: str,
    **where: Any,
) -> int:
    """Score saliency maps.

    Each map is scored against the mask of the same name. A method with missing or unreadable maps gets no
    score, unless --allow-missing is given; the others are scored, and the exit code is 3.

    \b
    Examples:
      sodeval run --gt ECSSD/gt --pred Mine=out/ECSSD --pred DSS=dss/ECSSD --out report
      sodeval run maps --benchmarks data --format latex > table.tex
    """
    from ..cache import FILE_NAME
    from ..evaluation import Options, evaluate_pairings

    wanted = list(FAMILIES) if measures == "all" else [m for m in measures.replace(" ", "").split(",") if m]
    families = get_families(wanted)
    protocol = choose_protocol(protocol_name, choices)
    inputs = find_inputs(**where)
    refuse_inside(out, (*inputs.folders, *([images] if images else [])))
    options = Options(
        protocol=protocol,
        families=families,
        workers=choose_workers(workers, inputs.pairs),
        allow_missing=allow_missing,
        max_pixels=max_pixels,
        cache=out / FILE_NAME if out else None,
    )
    with sole_writer(out) if out else nullcontext():
        if out:
            say_replaced(out, inputs, protocol)
        with progress() as on_progress:
            report = evaluate_pairings(inputs.pairings, options, on_progress)
        say_problems(report, inputs.problems)
        try:
            if out:
                say_written(report, out, inputs, images)
        finally:  # a full disk does not cost the scores
            click.echo(_rendered(report, format_).rstrip("\n"))
    return exit_code(report, inputs, allow_missing)


def _rendered(report: Report, format_: str) -> str:
    from ..outputs import tables
    from ..outputs.report_json import to_json_text

    texts: dict[str, Callable[[], str]] = {
        "table": lambda: tables.to_text(report, terminal_columns()),
        "markdown": report.to_markdown,
        "latex": report.to_latex,
        "csv": lambda: tables.to_csv(report),
        "json": lambda: to_json_text(report),
    }
    return texts[format_]()


def say_replaced(out: Path, inputs: Inputs, protocol: Protocol) -> None:
    """Says what an earlier report holds that this one will not.

    Raises:
        UsageError: files of these names lie there that no run of sodeval has written.
    """
    from ..outputs.report_files import REPORT, VIEWS
    from ..outputs.report_json import report_from_json

    try:
        earlier = report_from_json((out / REPORT).read_bytes(), out / REPORT)
    except OSError:
        _refuse_foreign([out / name for name in VIEWS if (out / name).exists()])
        return
    except ReportError:
        _refuse_foreign([out / REPORT])
        return
    now = {(pairing.benchmark, method) for pairing in inputs.pairings for method in pairing.maps}
    lost = [f"{r.method} on {r.benchmark}" for r in earlier.results if (r.benchmark, r.method) not in now]
    if earlier.protocol.fingerprint != protocol.fingerprint:
        lost = [f"protocol {earlier.protocol.name}"]
    if lost:
        click.echo(f"{out}: replaces a report of {printable(', '.join(lost))}", err=True)


def _refuse_foreign(files: Sequence[Path]) -> None:
    if files:
        raise UsageError(
            f"{files[0]} is there already, and not of a report of sodeval; expected an empty folder or an "
            "earlier report: choose another --out, or move it away"
        )


def say_written(report: Report, out: Path, inputs: Inputs, images: Path | None) -> None:
    """Writes every output and names them."""
    from ..outputs.report_files import write_report

    if images:
        say_without_photos(images, inputs)
    written = write_report(report, out, {p.benchmark: p for p in inputs.pairings}, images)
    click.echo(f"written to {out}: {', '.join(path.name for path in written)}", err=True)


def say_without_photos(images: Path, inputs: Inputs) -> None:
    """Says for which benchmarks there are none."""
    from ..outputs.thumbnails import without_photos

    found = (without_photos(images, pairing) for pairing in inputs.pairings)
    for line in lines("", [problem for problem in found if problem], MAX_LINES):
        click.echo(line, err=True)


def exit_code(report: Report, inputs: Inputs, allow_missing: bool) -> int:
    """0 where every method was scored, as far as that was asked for."""
    if any(problem.is_error for problem in inputs.problems) or not report.results:
        return EXIT_REFUSED
    scored = all(result.scored for result in report.results)
    return EXIT_OK if scored and (allow_missing or report.complete) else EXIT_REFUSED
