"""A process that reads pages and does what they say, as a user's would: without the tests' checks of types.

A line on standard input names a page and an empty folder; one on standard output answers: what failed, or
nothing. It is started once, since torch is imported once.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from page_folders import FURNITURE, NAMES
from page_not_run import parse, reason
from page_session import Session
from page_steps import read, steps


def read_page(page: str, common: Path, folder: Path) -> None:
    """Runs what a page says, in a folder with what it names; what is not run must parse.

    Raises:
        Exception: whatever a step raises.
    """
    shutil.copytree(common, folder)
    for furnish in FURNITURE.get(page, []):
        furnish(folder)
    os.chdir(folder)
    session = Session(NAMES[page](folder) if page in NAMES else {})
    for step in steps(page, read(page)):
        if reason(step) is None:
            session.run(step)
        else:
            parse(step)


def main(common: Path) -> None:
    """Answers until the input ends."""
    answers = sys.stdout
    for line in sys.stdin:
        page, folder = json.loads(line)
        failure = ""
        with contextlib.redirect_stdout(sys.stderr):
            try:
                read_page(page, common, Path(folder))
            except BaseException:
                failure = traceback.format_exc()
        print(json.dumps(failure), file=answers, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
