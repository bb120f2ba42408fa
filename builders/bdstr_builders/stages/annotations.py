"""Texts and boxes that people gave: ``{"key", "text", "boxes"}``, one JSON object a line.

What `bdstr annotate` writes is such a file: its skipped photographs have no text here. A line that says more
than what is known here is refused, since a slip in a name would be passed over in silence.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from bdstr.errors import SourceError, without_path
from sodeval.errors import did_you_mean

from ..annotate.answers import FIELDS, answer_of
from ..draft import Box, Draft, Instance, Rejected, Run

KNOWN = (*FIELDS, "boxes", "score")
"""What a line may say; a score is that of a model that proposes the text."""
MOST_PX = 1e9
MARGIN_PX = 1.0
"""So far over the border a side is cut there, since tools round; farther, the box is of something else."""


@dataclass(frozen=True, slots=True)
class AnnotatedText:
    """Takes caption and phrase from a file; photographs that it does not name go on without.

    Args:
        file: JSON lines; none leaves every photograph as it is.
    """

    name: ClassVar[str] = "text.annotations"
    version: ClassVar[int] = 1
    file: Path | None = None

    def build(self) -> Run:
        entries = read_annotations(self.file) if self.file else {}
        return lambda drafts: [_with_text(draft, entries.get(draft.item.key, {})) for draft in drafts]


@dataclass(frozen=True, slots=True)
class AnnotatedBoxes:
    """Takes boxes from a file; photographs that it does not name go on without.

    Args:
        file: JSON lines; none leaves every photograph as it is.
    """

    name: ClassVar[str] = "ground.annotations"
    version: ClassVar[int] = 2
    file: Path | None = None

    def build(self) -> Run:
        entries = read_annotations(self.file) if self.file else {}
        return lambda drafts: [_with_boxes(draft, entries.get(draft.item.key, {})) for draft in drafts]


def read_annotations(path: Path) -> dict[str, Mapping[str, Any]]:
    """Key -> what the file says of it; of two answers of `bdstr annotate` the later.

    What was skipped or taken back has no text; what was asked a second time, for agreement, does not count.

    Raises:
        SourceError: it cannot be read; a line is no such object, says what is not known, or is the second of
            its key; names the line.
    """
    entries: dict[str, Mapping[str, Any]] = {}
    numbers: dict[str, int] = {}
    for number, line in _lines_of(path):
        entry = _parse(line, f"{path}: line {number}")
        if entry.get("repeat"):
            continue
        key = entry["key"]
        if key in entries and not ("status" in entry and "status" in entries[key]):
            raise SourceError(
                f"{path}: lines {numbers[key]} and {number} are both of the key {key!r}; expected one, but "
                "for answers of `bdstr annotate`, of which the last holds: make one of the two"
            )
        entries[key], numbers[key] = entry, number
    return entries


def _lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that say something, and their numbers from 1."""
    try:
        lines = path.read_text("utf-8").split("\n")  # only there: a key may hold a line separator
    except (OSError, UnicodeError) as error:
        raise SourceError(
            f"{path} cannot be read: {without_path(error)}; expected JSON lines of annotations"
        ) from error
    return ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def strangers(path: Path, keys: Container[str]) -> str | None:
    """What to say of a file that annotates something else, too; None where it does not.

    Args:
        path: JSON lines.
        keys: of the photographs.

    Raises:
        SourceError: as `read_annotations`; or it annotates nothing but something else.
    """
    entries = read_annotations(path)
    others = [key for key in entries if key not in keys]
    if not others:
        return None
    found = f"{path}: {len(others):,} of {len(entries):,} keys are no photograph's, e.g. {others[0]}"
    if len(others) == len(entries):
        raise SourceError(
            f"{found}; expected paths below the folder without extension, or what the table says: make them "
            "the same"
        )
    return found


def _parse(line: str, where: str) -> Mapping[str, Any]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise SourceError(
            f"{where} is no JSON: {error}; where a crash tore the last line, `bdstr annotate` mends it"
        ) from error
    if not isinstance(entry, dict) or not isinstance(entry.get("key"), str):
        raise SourceError(f"{where}: {line[:80]}; expected an object with a key")
    _refuse_unknown(entry, where)
    _refuse_values(entry, where)
    answer = answer_of(entry, where)
    return entry if answer.status == "done" else entry | {"text": ""}


def _refuse_unknown(entry: Mapping[str, Any], where: str) -> None:
    for name in entry:
        if name not in KNOWN:
            raise SourceError(f"{where}: nothing is called {name!r}{did_you_mean(name, KNOWN)}")


def _refuse_values(entry: Mapping[str, Any], where: str) -> None:
    """Of what answers do not have, too."""
    boxes, score = entry.get("boxes", []), entry.get("score")
    if not isinstance(boxes, list) or not all(_is_box(box) for box in boxes):
        raise SourceError(f"{where}: the boxes {boxes!r}; expected lists of x0, y0, x1, y1 in px")
    if score is not None and not _is_number(score):
        raise SourceError(f"{where}: score is {score!r}; expected a number or null")


def _is_box(box: object) -> bool:
    return isinstance(box, list) and len(box) == 4 and all(_is_number(side) for side in box)


def _is_number(value: object) -> bool:
    """JSON has NaN, too, and whole numbers that no float holds."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MOST_PX


def _with_text(draft: Draft, entry: Mapping[str, Any]) -> Draft:
    text = " ".join(entry.get("text", "").split())
    return draft.but(caption=text, phrase=text) if text else draft


def _with_boxes(draft: Draft, entry: Mapping[str, Any]) -> Draft | Rejected:
    boxes = entry.get("boxes", [])
    for box in boxes:
        if reason := _wrong(box, draft.photo.shape):
            height, width = draft.photo.shape
            detail = f"the box {box} in {width} x {height} px; expected x0 y0 x1 y1 in px, inside"
            return Rejected(draft.item.key, "ground.annotations", reason, detail)
    instances = tuple(Instance(box=_clipped(box, draft.photo.shape), phrase=draft.phrase) for box in boxes)
    return draft.but(instances=instances) if instances else draft


def _wrong(box: Sequence[int | float], shape: tuple[int, int]) -> str | None:
    """Why a box cannot be one of a photograph; None where it can."""
    (height, width), (x0, y0, x1, y1) = shape, box
    if min(x0, y0) < -MARGIN_PX or x1 > width + MARGIN_PX or y1 > height + MARGIN_PX:
        return "outside-box"
    x0, y0, x1, y1 = _clipped(box, shape)
    return "empty-box" if x1 <= x0 or y1 <= y0 else None


def _clipped(box: Sequence[int | float], shape: tuple[int, int]) -> Box:
    height, width = shape
    x0, y0, x1, y1 = map(float, box)  # JSON's whole numbers are int
    return max(0.0, x0), max(0.0, y0), min(float(width), x1), min(float(height), y1)
