"""What was noticed about a file: the one record that every output lists."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

Severity = Literal["error", "note"]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing noticed about one file.

    An ``error`` means that the pair could not be scored, so that the method gets no benchmark score
    unless missing maps are allowed. A ``note`` changed nothing that was not said here: a map was
    resized, an unrelated file was passed over.

    Args:
        file: the path as the user would type it.
        kind: a short, stable word for scripts, e.g. ``missing``, ``truncated``, ``resized``.
        detail: what was found, what was expected, what to do.
        severity: ``error`` or ``note``.
    """

    file: str
    kind: str
    detail: str
    severity: Severity = "error"

    @property
    def is_error(self) -> bool:
        return self.severity == "error"

    def to_json(self) -> dict[str, str]:
        return asdict(self)
