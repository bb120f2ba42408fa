"""Texts and boxes that people gave: ``{"key", "text", "boxes"}``, one JSON object a line.

What `bdstr annotate` writes is such a file: its skipped photographs have no text here.
"""

from __future__ import annotations

import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, ClassVar, get_args

from bdstr.errors import SourceError

from ..annotate.answers import Status
from ..draft import Box, Draft, Instance, Rejected, Run

STATUSES = get_args(Status)


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
    version: ClassVar[int] = 1
    file: Path | None = None

    def build(self) -> Run:
        entries = read_annotations(self.file) if self.file else {}
        return lambda drafts: [_with_boxes(draft, entries.get(draft.item.key, {})) for draft in drafts]


def read_annotations(path: Path) -> dict[str, Mapping[str, Any]]:
    """Key -> what the file says of it; of two lines with one key the later.

    What was skipped or taken back has no text; what was asked a second time, for agreement, does not count.

    Raises:
        SourceError: it cannot be read, or a line is no such object; names the line.
    """
    try:
        lines = path.read_text("utf-8").split("\n")  # only there: a key may hold a line separator
    except (OSError, UnicodeError) as error:
        raise SourceError(f"{path} cannot be read: {error}; expected JSON lines of annotations") from error
    entries = {}
    for number, line in enumerate(lines, 1):
        if line.strip():
            entry = _parse(line, f"{path}: line {number}")
            if not entry.get("repeat"):
                entries[entry["key"]] = entry
    return entries


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
    except ValueError as error:
        raise SourceError(
            f"{where} is no JSON: {error}; where a crash tore the last line, `bdstr annotate` mends it"
        ) from error
    if not isinstance(entry, dict) or not isinstance(entry.get("key"), str):
        raise SourceError(f"{where}: {line[:80]}; expected an object with a key")
    boxes = entry.get("boxes", [])
    if not isinstance(boxes, list) or not all(_is_box(box) for box in boxes):
        raise SourceError(f"{where}: the boxes {boxes!r}; expected lists of x0, y0, x1, y1")
    if not isinstance(entry.get("text", ""), str):
        raise SourceError(f"{where}: the text {entry['text']!r}; expected a string")
    if entry.get("status", "done") not in STATUSES:
        raise SourceError(f"{where}: the status {entry['status']!r}; expected one of {', '.join(STATUSES)}")
    return entry if entry.get("status", "done") == "done" else entry | {"text": ""}


def _is_box(box: object) -> bool:
    return isinstance(box, list) and len(box) == 4 and all(map(_is_side, box))


def _is_side(side: object) -> bool:
    return isinstance(side, int | float) and not isinstance(side, bool) and isfinite(side)  # JSON has NaN


def _with_text(draft: Draft, entry: Mapping[str, Any]) -> Draft:
    text = " ".join(entry.get("text", "").split())
    return draft.but(caption=text, phrase=text) if text else draft


def _with_boxes(draft: Draft, entry: Mapping[str, Any]) -> Draft | Rejected:
    boxes = entry.get("boxes", [])
    instances = tuple(Instance(box=_clipped(box, draft.photo.shape), phrase=draft.phrase) for box in boxes)
    empty = [box for box, instance in zip(boxes, instances, strict=True) if _area_px(instance.box) <= 0]
    if empty:
        height, width = draft.photo.shape
        detail = f"the box {empty[0]} in {width} x {height} px; expected x0 y0 x1 y1 inside"
        return Rejected(draft.item.key, "ground.annotations", "empty-box", detail)
    return draft.but(instances=instances) if instances else draft


def _clipped(box: Sequence[int | float], shape: tuple[int, int]) -> Box:
    height, width = shape
    x0, y0, x1, y1 = map(float, box)  # JSON's whole numbers are int
    return max(0.0, x0), max(0.0, y0), min(float(width), x1), min(float(height), y1)


def _area_px(box: Box) -> float:
    return min(box[2] - box[0], box[3] - box[1])
