"""Boxes around what a phrase names, by whichever detector a stage has loaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..draft import Draft, Instance, Rejected
from ..nms import keep_best
from ..phrases import split

if TYPE_CHECKING:
    from ..backends.detector import Answers, Detector
    from ..backends.original_detector import OriginalDetector
    from ..backends.question import Question

LEAST_SIDE_PX = 1.0


@dataclass(frozen=True, slots=True)
class Least:
    """What a box must have to stay.

    Args:
        box: a box stays whose best token is over it, 0..1.
        text: a token over it speaks for its phrase, 0..1.
        nms_iou: of two boxes that overlap by more, the better stays.
        retry: for boxes, where none is over `box`.
    """

    box: float
    text: float
    nms_iou: float
    retry: float

    @property
    def any_box(self) -> float:
        return min(self.box, self.retry)


@dataclass(frozen=True, slots=True, eq=False)
class Grounding:
    """A detector at work: asks for each photograph's own phrases, rejects where none of them is found.

    Args:
        name: of the stage.
        detector: answers.
        batch: photographs at a time.
        least: which boxes stay.
    """

    name: str
    detector: Detector | OriginalDetector
    batch: int
    least: Least

    def __call__(self, drafts: Sequence[Draft]) -> list[Draft | Rejected]:
        from ..backends.batching import in_batches

        asked = [self.detector.ask(split(draft.phrase or "")) for draft in drafts]
        refused = [
            None if draft.instances else self._unaskable(draft, question)
            for draft, question in zip(drafts, asked, strict=True)
        ]
        open_ = [
            (draft.photo.rgb, question)
            for draft, question, no in zip(drafts, asked, refused, strict=True)
            if not draft.instances and no is None
        ]
        answers: Iterator[Answers] = iter(in_batches(self.detector.answer, open_, self.batch))
        return [
            no or (draft if draft.instances else self._with_boxes(draft, question, next(answers)))
            for draft, question, no in zip(drafts, asked, refused, strict=True)
        ]

    def _with_boxes(self, draft: Draft, question: Question, answers: Answers) -> Draft | Rejected:
        instances = choose(question, answers, self.least)
        if instances:
            return draft.but(instances=instances)
        best = float(answers.likely.max(initial=0))
        detail = f"{draft.phrase!r}: the best score is {best:.2f}; expected over {self.least.any_box:.2f}"
        return Rejected(draft.item.key, self.name, "no-box", detail)

    def _unaskable(self, draft: Draft, question: Question) -> Rejected | None:
        key, most = draft.item.key, self.detector.most_tokens
        if len(question.tokens) <= len(("[CLS]", "[SEP]")):
            return Rejected(
                key, self.name, "no-phrase", f"the phrase {draft.phrase!r}; expected what to look for"
            )
        if len(question.tokens) > most:
            detail = f"a phrase of {len(question.tokens)} tokens; expected {most} or fewer"
            return Rejected(key, self.name, "long-phrase", detail)
        return None


def choose(question: Question, answers: Answers, least: Least) -> tuple[Instance, ...]:
    """The boxes that stay, best first."""
    from ..backends.question import phrase_of

    scores = answers.likely.max(1)
    large = (answers.boxes[:, 2:] - answers.boxes[:, :2] >= LEAST_SIDE_PX).all(1)
    over = np.flatnonzero(large & (scores > least.box))
    if not over.size:
        over = np.flatnonzero(large & (scores > least.any_box))
    kept = over[keep_best(answers.boxes[over], scores[over], least.nms_iou)]
    return tuple(
        Instance(
            box=(*map(float, answers.boxes[i]),),  # type: ignore[arg-type]
            score=float(scores[i]),
            phrase=phrase_of(question, answers.likely[i], least.text),
        )
        for i in kept
    )
