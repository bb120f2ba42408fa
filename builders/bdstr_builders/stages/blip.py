"""Captions by BLIP, where nobody has written one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from bdstr.extras import need_models

from ..checkpoint import Checkpoint
from ..draft import Draft, Rejected, Run
from ..phrases import joined, noun_phrases

if TYPE_CHECKING:
    from ..backends.captioner import Captioner


@dataclass(frozen=True, slots=True)
class Blip:
    """Says what stands out in each photograph that has no caption, as a sentence and as phrases.

    The prompt and the lengths are ours: the paper's are not known.

    Args:
        model: a Hub id or a local folder, e.g. one that `bdstr finetune-captioner` wrote.
        revision: of the Hub repository, a commit.
        dtype: ``auto``, ``float32``, ``bfloat16`` or ``float16``.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:1``.
        batch: photographs at a time.
        prompt: how every caption starts; it is no part of the caption.
        beams: of the search.
        min_tokens: that a caption has at least, the prompt not counted.
        max_tokens: at most, the prompt not counted.
    """

    name: ClassVar[str] = "caption.blip"
    version: ClassVar[int] = 1
    model: str = "Salesforce/blip-image-captioning-base"
    revision: str = "main"
    dtype: str = "auto"
    device: str = "auto"
    batch: int = 16
    prompt: str = "a picture of "
    beams: int = 3
    min_tokens: int = 5
    max_tokens: int = 20

    def build(self) -> Run:
        need_models("generate")
        from ..backends.captioner import load_captioner

        where = Checkpoint(self.model, self.revision, self.dtype, self.device, self.batch)
        captioner = load_captioner(where, self.prompt, self.beams, self.min_tokens, self.max_tokens)
        return lambda drafts: self._caption(drafts, captioner)

    def _caption(self, drafts: Sequence[Draft], captioner: Captioner) -> list[Draft | Rejected]:
        from ..backends.batching import in_batches

        photos = [draft.photo.rgb for draft in drafts if not draft.caption]
        captions: Iterator[str] = iter(in_batches(captioner.captions, photos, self.batch))
        return [draft if draft.caption else with_caption(draft, next(captions)) for draft in drafts]


def with_caption(draft: Draft, caption: str) -> Draft | Rejected:
    """The draft with a caption, and with its things as the detector is asked for them."""
    phrase = joined(noun_phrases(caption))
    if not phrase:
        detail = f"the captioner said {caption!r}; expected words"
        return Rejected(draft.item.key, Blip.name, "no-caption", detail)
    return draft.but(caption=caption, phrase=phrase)
