"""From photographs to rows: the stages of a recipe, one batch after another, in one process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2

from bdstr.card import Origin
from bdstr.errors import RunError
from bdstr.masks import mask_png
from bdstr.schema import NO_CATEGORY, blank_row

from .decoding import RejectedError
from .draft import Around, Draft, Placed, Rejected, Run, to_row
from .memory import first_line, is_device_lost, is_out_of_memory
from .origin import origin_of_packed, origin_of_recipe
from .photo import Probe, probe_photo, read_mask, read_photo
from .pinning import commits_of
from .placement import gpus_for, of_process, placed_on
from .recipe import Recipe
from .source import Item, Masks
from .stages.duplicates import Duplicates
from .tables.cells import Cell

BATCH = 16
"""Photographs that go through a stage together: formed from a shard's keys alone, so that a resumed run sees
the same batches."""
READERS = 1
"""Threads that decode beside the stages; decoders release Python's lock. Two would ask for the rows of a
table out of order, which opens a group of them again and again."""

FAILURES = (
    *(RuntimeError, ValueError, ArithmeticError, LookupError, TypeError, AttributeError),
    *(MemoryError, cv2.error),
)
"""What a stage raises over a photograph that it cannot take; a full disk or a refusal of ours is none."""

Row = dict[str, Any]
Made = Row | Rejected
Make = Callable[[Sequence[Item]], Iterator[Made]]


@dataclass(frozen=True, slots=True)
class Generating:
    """Rows by a recipe.

    Args:
        recipe: what is done.
        categories: names of the classes, in the order of their numbers.
        source: where photographs are from that do not say so themselves.
        licence: of those that have none of their own.
    """

    recipe: Recipe
    categories: tuple[str, ...] = ()
    source: str | None = None
    licence: str | None = None

    @property
    def fingerprint(self) -> str:
        return self.recipe.fingerprint

    @property
    def in_words(self) -> str:
        """What a plan holds of it, and a refusal names: also devices, commits, and what each row says."""
        where, commits = " and ".join(placed_on(self.recipe)), " ".join(commits_of(self.recipe))
        said = f"{self.source} {self.licence}" if self.source or self.licence else ""
        words = (where and f"on {where}", commits and f"with {commits}", said)
        return " ".join([self.recipe.name, self.fingerprint, *filter(None, words)])

    @property
    def origin(self) -> Origin:
        return origin_of_recipe(self.recipe, source=self.source, licence=self.licence)

    @property
    def needs_hashes(self) -> bool:
        return any(isinstance(stage, Duplicates) for stage in self.recipe.stages)

    def of_process(self, process: int) -> Generating:
        """The same for one of several processes of this machine; see `placement.of_process`."""
        return replace(self, recipe=of_process(self.recipe, process, gpus_for(self.recipe)))

    def build(self, hashes: Sequence[Path] | None = None) -> Make:
        """Builds the stages; once in each process, since models are large."""
        runs: list[tuple[str, Run]] = []
        for stage in self.recipe.stages:
            around = Around(tuple(runs), hashes)
            built = stage.build_in(around) if isinstance(stage, Placed) else stage.build()
            runs.append((stage.name, built))
        fingerprint = self.fingerprint  # once: it reads files
        return lambda items: self._make(items, runs, fingerprint)

    def _make(
        self, items: Sequence[Item], runs: Sequence[tuple[str, Run]], fingerprint: str
    ) -> Iterator[Made]:
        with ThreadPoolExecutor(READERS) as readers:
            waiting = [readers.submit(_read, items[:BATCH])] if items else []
            for start in range(BATCH, len(items) + BATCH, BATCH):
                answers = waiting.pop().result()
                if start < len(items):  # read while the stages work
                    waiting.append(readers.submit(_read, items[start : start + BATCH]))
                yield from self._finish(_through(answers, runs), fingerprint)

    def _finish(self, answers: Sequence[Draft | Rejected], fingerprint: str) -> Iterator[Made]:
        for answer in answers:
            if isinstance(answer, Rejected):
                yield answer
                continue
            said = _said(answer.item, self.categories, self.source, self.licence)
            yield to_row(answer, fingerprint) | said


def _said(
    item: Item, categories: Sequence[str], source: str | None, licence: str | None
) -> dict[str, int | str | None]:
    """What is known of a photograph without looking at it."""
    return {
        "category": categories.index(item.category) if item.category in categories else NO_CATEGORY,
        "subcategory": item.subcategory,
        "source": item.source or source,
        "licence": item.licence or licence,
    }


def _rejected(item: Item, error: RejectedError) -> Rejected:
    """A photograph that could not be read; where its key does not tell, with its place."""
    where = f"{item.image.place}: " if isinstance(item.image, Cell) else ""
    return Rejected(item.key, "read", error.reason, f"{where}{error.detail}")


def _read(items: Sequence[Item]) -> list[Draft | Rejected]:
    return [_read_one(item) for item in items]


def _read_one(item: Item) -> Draft | Rejected:
    try:
        return Draft(item, read_photo(item.image))
    except RejectedError as error:
        return _rejected(item, error)
    except MemoryError as error:
        return Rejected(item.key, "read", "out-of-memory", first_line(error))


def _through(answers: list[Draft | Rejected], runs: Sequence[tuple[str, Run]]) -> list[Draft | Rejected]:
    """The batch after every stage, in its order; what one stage rejects, none after it sees."""
    for name, run in runs:
        drafts = [answer for answer in answers if isinstance(answer, Draft)]
        done = iter(_run_apart(name, run, drafts))
        answers = [next(done) if isinstance(answer, Draft) else answer for answer in answers]
    return answers


def _run_apart(name: str, run: Run, drafts: list[Draft]) -> list[Draft | Rejected]:
    """A stage on a batch; where it fails, on each half: one photograph never costs another its row.

    So too where a batch does not fit into memory, after the stage itself has tried it in smaller ones. In a
    smaller batch a photograph gets what it would have got in the whole one, but for the last bits of a sum,
    and for what a stage says of its batches: Grounding DINO's scores move where the padding does.
    """
    if not drafts:
        return []
    try:
        return run(drafts)
    except FAILURES as error:
        if is_device_lost(error):
            raise RunError(
                f"{name}: the device fails ({first_line(error)}); what is done is kept: run again"
            ) from error
        if len(drafts) == 1:
            return [_failed(drafts[0], name, error)]
    half = len(drafts) // 2  # outside of except: there the error still holds what did not fit
    return _run_apart(name, run, drafts[:half]) + _run_apart(name, run, drafts[half:])


def _failed(draft: Draft, name: str, error: Exception) -> Rejected:
    reason = "out-of-memory" if is_out_of_memory(error) else "failed"
    return Rejected(draft.item.key, name, reason, first_line(error), draft.quality)


@dataclass(frozen=True, slots=True)
class Packing:
    """Rows of photographs as they are, with their masks where there are some.

    Args:
        categories: names of the classes, in the order of their numbers.
        source: where photographs are from that do not say so themselves.
        licence: of those that have none of their own, best an SPDX identifier.
        masks: whose they are; where there are some, a photograph without one gets no row.
    """

    categories: tuple[str, ...] = ()
    source: str | None = None
    licence: str | None = None
    masks: Masks = "drawn"

    @property
    def fingerprint(self) -> str:
        return f"pack-2 {self.masks} {self.source} {self.licence}"

    @property
    def origin(self) -> Origin:
        return origin_of_packed(self.masks, self.source, self.licence)

    @property
    def needs_hashes(self) -> bool:
        return False

    def of_process(self, process: int) -> Packing:
        return self

    def build(self, hashes: Sequence[Path] | None = None) -> Make:
        return lambda items: map(self._row, items)

    def _row(self, item: Item) -> Made:
        try:
            photo = probe_photo(item.image)
            mask = self._mask(item, photo)
        except RejectedError as error:
            return _rejected(item, error)
        row = blank_row(item.key, photo.data, photo.name, mask)
        return row | _said(item, self.categories, self.source, self.licence)

    def _mask(self, item: Item, photo: Probe) -> bytes | None:
        if self.masks == "none":
            return None
        if item.mask is None:
            raise RejectedError("no-mask", "no mask; expected one of the photograph's name")
        try:
            mask = read_mask(item.mask)
        except RejectedError as error:
            raise RejectedError(error.reason, f"the mask: {error.detail}") from error
        if mask.shape != photo.shape:
            raise RejectedError(
                "other-size",
                f"a mask of {mask.shape[::-1]} px for a photograph of {photo.shape[::-1]}; expected one size",
            )
        return mask_png(mask)
