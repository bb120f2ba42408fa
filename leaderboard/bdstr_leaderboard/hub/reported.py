"""``reported.csv``: what the owners of models on the Hub report of them, a line a figure."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bdstr.errors import BoardError
from sodeval.printable import printable

from ..figure import Method
from ..lines import read_lines, whole
from ..published import COLUMNS, LeftOut
from .claims import Claim, claims_of_card, claims_of_results
from .download import CARD, Downloaded

ORIGIN = "authors"
"""Not measured, whatever a repository says: nothing there proves it."""


@dataclass(frozen=True, slots=True)
class Reported:
    """What is taken of a model.

    Args:
        method: the model, called as its repository, so that none can take the name of another.
        address: of the model: its figures' source.
        commit: at which they were read.
        claims: what it reports.
        left_out: what of it is not taken, and why.
    """

    method: Method
    address: str
    commit: str
    claims: tuple[Claim, ...]
    left_out: tuple[LeftOut, ...]

    def rows(self) -> list[dict[str, str]]:
        """With the columns of ``published.csv``."""
        return [self._row(claim) for claim in self.claims]

    def _row(self, claim: Claim) -> dict[str, str]:
        method = self.method
        return {
            **dict.fromkeys(COLUMNS, ""),
            "method": method.name,
            "supervision": method.supervision,
            "backbone": method.backbone,
            "train_set": method.train_set,
            "benchmark": claim.benchmark,
            "printed": claim.printed,
            "measure": claim.measure,
            "value": repr(claim.value),
            "origin": ORIGIN,
            "convention": claim.convention,
            "source_url": self.address,
            "source_place": f"{printable(claim.place)} at {self.commit[:12]}",
            "note": claim.note,
        }


def reported_of(found: Downloaded, method: Method) -> Reported:
    """What a repository reports: its results; where they give no figure, the ``model-index`` of its card."""
    read = [claims_of_results(data, path) for path, data in found.results.items()]
    if not any(claims for claims, _ in read) and found.card is not None:
        read.append(claims_of_card(found.card, CARD))
    claims = [claim for some, _ in read for claim in some]
    left_out = [*found.left_out, *(one for _, some in read for one in some)]
    if not claims and not left_out:
        left_out.append(LeftOut(method.name, "reports nothing; expected .eval_results/*.yaml or model-index"))
    return Reported(method, found.address, found.commit, tuple(claims), tuple(left_out))


def merged(table: Path, models: Sequence[Reported]) -> str:
    """The text of a table with these models as they are now, and the others as they were.

    Args:
        table: may be missing.
        models: what was read of them.

    Raises:
        BoardError: the table cannot be read, or has other columns.
    """
    now = {model.address for model in models}
    before = [whole(line) for _, line in read_lines(table, COLUMNS)] if table.exists() else []
    if any(None in row or None in row.values() for row in before):
        raise BoardError(f"{table}: not as many cells as the header has; expected {len(COLUMNS)}: mend it")
    kept = [row for row in before if row["source_url"] not in now]
    rows = [*kept, *(row for model in models for row in model.rows())]
    memory = io.StringIO()
    writer = csv.DictWriter(memory, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(rows, key=lambda row: row["method"].lower()))
    return memory.getvalue()
