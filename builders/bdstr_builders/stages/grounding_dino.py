"""Boxes by Grounding DINO around what a phrase names, where nobody has drawn one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ..checkpoint import Checkpoint, need_models
from ..draft import Draft, Instance, Rejected, Run
from ..nms import keep_best
from ..phrases import split

if TYPE_CHECKING:
    from ..backends.detector import Answers, Detector
    from ..backends.question import Question

LEAST_SIDE_PX = 1.0


@dataclass(frozen=True, slots=True)
class GroundingDino:
    """Asks for each photograph's own phrases, and rejects those in which none of them is found.

    The thresholds are ours: the paper's are not known.

    Args:
        model: a Hub id or a local folder.
        revision: of the Hub repository, a commit.
        dtype: ``float32``, ``float16``, ``bfloat16`` or ``auto``; float32 where half precision fails.
            bfloat16 has 8 bits for where a box is, which is 4 px in 1,000.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:1``.
        batch: photographs at a time.
        box_threshold: a box stays whose best token is over it, 0..1.
        text_threshold: a token over it speaks for its phrase, 0..1.
        nms_iou: of two boxes that overlap by more, the better stays; the model itself lets both through.
        retry_threshold: for boxes, where none is over `box_threshold`.
    """

    name: ClassVar[str] = "ground.dino"
    version: ClassVar[int] = 1
    model: str = "IDEA-Research/grounding-dino-tiny"
    revision: str = "main"
    dtype: str = "float32"
    device: str = "auto"
    batch: int = 8
    box_threshold: float = 0.30
    text_threshold: float = 0.25
    nms_iou: float = 0.8
    retry_threshold: float = 0.20

    def build(self) -> Run:
        need_models("generate")
        from ..backends.detector import load_detector

        detector = load_detector(Checkpoint(self.model, self.revision, self.dtype, self.device, self.batch))
        return lambda drafts: self._ground(drafts, detector)

    def _ground(self, drafts: Sequence[Draft], detector: Detector) -> list[Draft | Rejected]:
        from ..backends.batching import in_batches

        asked = [detector.ask(split(draft.phrase or "")) for draft in drafts]
        refused = [
            None if draft.instances else _unaskable(draft, question, detector.most_tokens)
            for draft, question in zip(drafts, asked, strict=True)
        ]
        open_ = [
            (draft.photo.rgb, question)
            for draft, question, no in zip(drafts, asked, refused, strict=True)
            if not draft.instances and no is None
        ]
        answers: Iterator[Answers] = iter(in_batches(detector.answer, open_, self.batch))
        return [
            no or (draft if draft.instances else self._with_boxes(draft, question, next(answers)))
            for draft, question, no in zip(drafts, asked, refused, strict=True)
        ]

    def _with_boxes(self, draft: Draft, question: Question, answers: Answers) -> Draft | Rejected:
        instances = self.choose(question, answers)
        if instances:
            return draft.but(instances=instances)
        best = float(answers.likely.max(initial=0))
        detail = f"{draft.phrase!r}: the best score is {best:.2f}; expected over {self._least:.2f}"
        return Rejected(draft.item.key, self.name, "no-box", detail)

    @property
    def _least(self) -> float:
        return min(self.box_threshold, self.retry_threshold)

    def choose(self, question: Question, answers: Answers) -> tuple[Instance, ...]:
        """The boxes that stay, best first."""
        from ..backends.question import phrase_of

        scores = answers.likely.max(1)
        large = (answers.boxes[:, 2:] - answers.boxes[:, :2] >= LEAST_SIDE_PX).all(1)
        over = np.flatnonzero(large & (scores > self.box_threshold))
        if not over.size:
            over = np.flatnonzero(large & (scores > self._least))
        kept = over[keep_best(answers.boxes[over], scores[over], self.nms_iou)]
        return tuple(
            Instance(
                box=(*map(float, answers.boxes[i]),),  # type: ignore[arg-type]
                score=float(scores[i]),
                phrase=phrase_of(question, answers.likely[i], self.text_threshold),
            )
            for i in kept
        )


def _unaskable(draft: Draft, question: Question, most_tokens: int) -> Rejected | None:
    key, name = draft.item.key, GroundingDino.name
    if len(question.tokens) <= len(("[CLS]", "[SEP]")):
        return Rejected(key, name, "no-phrase", f"the phrase {draft.phrase!r}; expected what to look for")
    if len(question.tokens) > most_tokens:
        detail = f"a phrase of {len(question.tokens)} tokens; expected {most_tokens} or fewer"
        return Rejected(key, name, "long-phrase", detail)
    return None
