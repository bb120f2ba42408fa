"""``bdstr leaderboard submit``: from a report of sodeval to an entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bdstr.errors import BoardError, UsageError
from sodeval.benchmarks import benchmark_names
from sodeval.commands.completion import known
from sodeval.errors import ToldError
from sodeval.measures import STANDARD
from sodeval.outputs.atomic import write_atomically
from sodeval.printable import printable

from ..conventions import SUPERVISIONS
from ..rounding import three

if TYPE_CHECKING:
    from sodeval import Result

    from ..entry import Entry, Run


@click.command()
@click.argument("report", type=click.Path(path_type=Path))
@click.option("--method", "reported", metavar="NAME", help="How the report calls it, where it has several.")
@click.option("--name", help="What the board shall call it, if not so.")
@click.option("--variant", default="", help="Which of several networks of that name.")
@click.option(
    "--supervision",
    required=True,
    type=click.Choice(tuple(SUPERVISIONS)),
    help="What it learned from.",
)
@click.option("--backbone", default="", help="What computes its features, e.g. ResNet-50.")
@click.option("--train-set", default="", help="What it was trained on, e.g. DUTS-TR.")
@click.option("--venue", default="", help="Where it was published, e.g. CVPR.")
@click.option("--year", type=click.IntRange(1980, 2100), help="When it was published.")
@click.option("--parameters", type=click.IntRange(min=0), help="Of the network.")
@click.option("--paper", default="", metavar="URL", help="Where its paper is.")
@click.option("--code", default="", metavar="URL", help="Where its code is.")
@click.option("--unchecked", is_flag=True, help="What is said of the method is general knowledge.")
@click.option("--by", required=True, metavar="NAME", help="Who ran sodeval.")
@click.option(
    "--benchmark",
    "benchmarks",
    multiple=True,
    metavar="NAME",
    shell_complete=known(benchmark_names),
    help="Of the report's only these; may be repeated.",
)
@click.option("--maps-url", default="", metavar="URL", help="Where the saliency maps can be had.")
@click.option(
    "--maps",
    multiple=True,
    metavar="[BENCHMARK=]FOLDER",
    help="The folder that was scored: its hash is kept. One a benchmark, where there are several.",
)
@click.option("--note", default="", help="What else a reader should know.")
@click.option(
    "--out",
    default=Path("leaderboard/bdstr_leaderboard/data/entries"),
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the entries.",
)
@click.option("--replace", is_flag=True, help="Write over an entry of the same method and benchmark.")
def submit(
    report: Path,
    reported: str | None,
    name: str | None,
    unchecked: bool,
    by: str,
    benchmarks: tuple[str, ...],
    maps_url: str,
    maps: tuple[str, ...],
    note: str,
    out: Path,
    replace: bool,
    **about: str | int | None,
) -> None:
    """Make an entry of REPORT, what `sodeval run --out` wrote: its report.json, or the folder.

    Taken is what follows sodeval's default protocol on all images of a benchmark that sodeval knows; the
    rest is refused with what to do. An entry holds the scores, one value an image, and the curves: whoever
    reads it can check the figures and tell differences from chance.

    \b
    Example:
      sodeval run --gt ECSSD/gt --pred maps --out ecssd-report
      bdstr leaderboard submit ecssd-report --name MyNet --supervision full --backbone ResNet-50 \\
        --train-set DUTS-TR --parameters 25000000 --by "A. Uthor" --maps maps
    """
    from sodeval import read_report

    from ..entry import entry_to_json
    from ..figure import Method
    from ..submission import entries_of

    read = read_report(report)
    called = name or reported or next((result.method for result in read.results), "")
    method = Method(name=called, checked=not unchecked, **about)  # type: ignore[arg-type]  # click has checked them
    folders = folders_of(maps, benchmarks or read.benchmarks)
    entries = entries_of(read, reported, method, _run_of(by, maps_url, folders, note), benchmarks)
    files = [out / f"{entry.slug}.json" for entry in entries]
    for entry, file in zip(entries, files, strict=True):
        _refuse_others(entry, file, replace)
    for entry, file in zip(entries, files, strict=True):
        write_atomically(file, entry_to_json(entry))
        click.echo(f"{file}: {_said(entry)}")
    beyond = {name: None for result in read.results for name in result.scores if name not in STANDARD}
    if beyond:
        click.echo(f"left away: {', '.join(beyond)}: entries hold the standard measures", err=True)


def folders_of(maps: Sequence[str], benchmarks: Sequence[str]) -> dict[str, Path]:
    """By benchmark, the folder that was scored.

    Raises:
        UsageError: one is of no benchmark of the report, or it is not said of which it is.

    Example:
        >>> folders_of(["SOD=maps/sod"], ["ECSSD", "SOD"])["SOD"].name
        'sod'
    """
    found = {}
    for given in maps:
        name, named, folder = given.partition("=")
        if named and name in benchmarks:
            found[name] = Path(folder)
        elif len(benchmarks) == 1:
            found[benchmarks[0]] = Path(given)
        else:
            raise UsageError(
                f"--maps {given}: of which benchmark? expected BENCHMARK=FOLDER, of {', '.join(benchmarks)}"
            )
    return found


def _run_of(by: str, maps_url: str, folders: Mapping[str, Path], note: str) -> Callable[[Result], Run]:
    from ..entry import Run
    from ..maps import digest_of_maps

    today = date.today().isoformat()

    def run(result: Result) -> Run:
        folder, keys = folders.get(result.benchmark), result.per_image.keys if result.per_image else ()
        digest = digest_of_maps(folder, keys) if folder else ""
        return Run(by=by, date=today, maps=maps_url, maps_sha256=digest, note=note)

    return run


def _refuse_others(entry: Entry, file: Path, replace: bool) -> None:
    from ..entry import read_entry

    if not file.exists():
        return
    try:
        there = read_entry(file).method.title
    except ToldError as error:
        raise BoardError(f"{file} is there, and no entry that can be read: {error}: move it away") from error
    if there != entry.method.title:
        raise BoardError(
            f"{file} is there already, and of {printable(there)}; expected a file of {entry.method.title}: "
            "give it another --name or --variant, or another --out"
        )
    if not replace:
        raise BoardError(f"{file} is there already; expected one entry: --replace writes over it")


def _said(entry: Entry) -> str:
    scores = ", ".join(f"{name} {three(entry.scores[name])}" for name in ("MAE", "maxF", "S"))
    masks = "masks known" if entry.gt_known else "the masks are no copy that we know: marked so"
    return f"{entry.method.title} on {entry.benchmark}, {len(entry.keys):,} images: {scores}; {masks}"
