"""The command ``sodeval``: a group whose commands are imported when they are called."""

from __future__ import annotations

import click

from . import shell
from ._version import __version__

SECTIONS = {
    "Look at what there is": {
        "check": (
            "sodeval.commands.check:check",
            "List everything that is wrong with the files, without scores.",
        ),
        "benchmarks": ("sodeval.commands.benchmarks:benchmarks", "List the benchmarks that sodeval knows."),
    },
    "Score": {
        "run": ("sodeval.commands.run:run", "Score saliency maps."),
        "verify": ("sodeval.commands.verify:verify", "Score a random sample again with PySODMetrics."),
    },
    "Compare and explain": {
        "compare": (
            "sodeval.commands.compare:compare",
            "Tell whether two methods differ by more than chance.",
        ),
        "explain": ("sodeval.commands.explain:explain", "Show how the scores change with each convention."),
        "plot": ("sodeval.commands.plot:plot", "Draw the curves of one or more reports."),
    },
    "Help": {
        "demo": ("sodeval.commands.demo:demo", "Score two classical methods on a few photographs."),
    },
}
"""Heading -> command -> where it is, and what help says of it."""


@click.group(
    "sodeval",
    cls=shell.LazyGroup,
    sections=SECTIONS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="sodeval")
def cli() -> None:
    """Exact, fast evaluation of saved saliency maps.

    Exit codes: 0 scored, 2 the call makes no sense, 3 input refused.

    \b
    Example:
      sodeval run --gt ECSSD/gt --pred Mine=out/ECSSD --out report
    """


def main() -> None:
    """The entry point."""
    shell.main(cli, resumable=frozenset({"run"}))


if __name__ == "__main__":
    main()
