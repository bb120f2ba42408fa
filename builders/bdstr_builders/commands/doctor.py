"""``bdstr doctor``: what is installed, and what would be of use."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from bdstr.errors import InstallationError
from sodeval.commands.progress import progress
from sodeval.errors import EXIT_OK, EXIT_REFUSED

if TYPE_CHECKING:
    from ..doctor.checkup import Checkup


@click.command()
@click.option("--import", "imports", is_flag=True, help="Import each package of the core, too: takes longer.")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def doctor(imports: bool, as_json: bool) -> int:
    """Tell what is installed, what each extra would add, and what networks would compute on.

    Packages are looked at by their metadata and files, models in the cache of the Hub; no network is touched,
    and no token is shown. Exit code 3 where something of the core is missing, broken or too old.

    \b
    Examples:
      bdstr doctor
      bdstr doctor --json > doctor.json
    """
    try:
        from ..doctor.checkup import check_up
        from ..doctor.text import to_text
    except ImportError as error:
        raise InstallationError(
            f"{error}: too little is there to look at the rest; expected the packages that bdstr needs: in a "
            "clone, pip install ."
        ) from error
    found = check_up()
    if imports:
        found = _imported(found)
    click.echo(json.dumps(found.to_json(), indent=2) if as_json else to_text(found))
    return EXIT_OK if found.sound else EXIT_REFUSED


def _imported(found: Checkup) -> Checkup:
    from ..doctor.imports import import_problem

    core = []
    with progress("packages") as on_progress:
        for done, package in enumerate(found.core, 1):
            core.append(replace(package, problem=import_problem(package)) if package.sound else package)
            on_progress("importing", done, len(found.core))
    return replace(found, core=tuple(core))
