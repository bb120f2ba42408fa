"""Captions by BLIP: the prompt is not in them, lengths are kept, and others in the batch change nothing."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from drafts import SIZES, draft

pytest.importorskip("torch")

import torch

from bdstr import extras
from bdstr.errors import RecipeError
from bdstr_builders.backends.captioner import Captioner, load_captioner
from bdstr_builders.checkpoint import Checkpoint
from bdstr_builders.draft import Draft, Rejected
from bdstr_builders.phrases import joined, noun_phrases, split
from bdstr_builders.stages.blip import Blip, with_caption
from sodeval.errors import MissingExtraError

DRAFTS = [draft(seed, size) for seed, size in enumerate(SIZES)]


@pytest.fixture(scope="module")
def stage(tiny: SimpleNamespace) -> Blip:
    return Blip(model=str(tiny.blip))


@pytest.fixture(scope="module")
def captioner(tiny: SimpleNamespace) -> Captioner:
    return load_captioner(Checkpoint(str(tiny.blip)), "a picture of ", 3, 5, 20)


def test_each_photograph_without_a_caption_gets_one_and_a_phrase(stage: Blip):
    written = DRAFTS[1].but(caption="my dog", phrase="dog .")
    answers = stage.build()([DRAFTS[0], written, DRAFTS[2]])
    assert answers[1] is written
    for answer in (answers[0], answers[2]):
        assert isinstance(answer, Draft)
        assert answer.caption
        assert answer.phrase == joined(noun_phrases(answer.caption))


def test_a_batch_of_one_says_what_a_batch_of_many_says(tiny: SimpleNamespace):
    together = Blip(model=str(tiny.blip), batch=4).build()(DRAFTS)
    alone = Blip(model=str(tiny.blip), batch=1).build()(DRAFTS)
    assert [one.caption for one in together] == [one.caption for one in alone]


@pytest.mark.parametrize(("least", "most"), [(5, 20), (2, 3), (7, 7)])
def test_the_prompt_is_counted_neither_into_the_length_nor_into_the_caption(
    captioner: Captioner, least: int, most: int
):
    seen = []

    class Watched:
        def __getattr__(self, name: str) -> object:
            return getattr(captioner.tokens, name)

        def __call__(self, *arguments: object, **options: object) -> object:
            return captioner.tokens(*arguments, **options)

        def batch_decode(self, ids: torch.Tensor, **options: object) -> list[str]:
            seen.append(ids)
            return captioner.tokens.batch_decode(ids, **options)

    Captioner(captioner.model, captioner.images, Watched(), "a picture of ", 2, least, most).captions(
        [DRAFTS[0].photo.rgb]
    )
    assert least <= seen[0].shape[1] <= most
    assert captioner.tokens.convert_tokens_to_ids("[DEC]") not in seen[0][0][:1]


def test_a_caption_without_words_is_rejected():
    answer = with_caption(DRAFTS[0], "")
    assert isinstance(answer, Rejected)
    assert answer.reason == "no-caption"


@pytest.mark.parametrize(
    ("caption", "phrases"),
    [
        ("a dog", ("dog",)),
        ("The red car and the BLUE car", ("red car", "blue car")),
        ("two dogs, a cat and a ball on the grass", ("two dogs", "cat", "ball")),
        ("a woman holding an umbrella in the rain", ("woman", "umbrella")),
        ("a picture of a tall building", ("tall building",)),
        ("a cup of coffee", ("cup of coffee",)),
        ("a dog and a dog", ("dog",)),
        ("on the", ("on the",)),
        ("ein Hund", ("ein hund",)),
        ("собака", ("собака",)),
        (" . ", ()),
    ],
)
def test_a_caption_names_these_things(caption: str, phrases: tuple[str, ...]):
    assert noun_phrases(caption) == phrases
    assert split(joined(phrases)) == phrases


def test_weights_that_are_a_pickle_are_refused_by_name(tiny: SimpleNamespace, tmp_path: Path):
    for file in tiny.blip.iterdir():
        if file.suffix != ".safetensors":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    with pytest.raises(RecipeError, match=r"no weights; expected model\.safetensors"):
        Blip(model=str(tmp_path)).build()
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(RecipeError, match=r"pytorch_model\.bin is a pickle"):
        Blip(model=str(tmp_path)).build()


def test_a_model_of_another_kind_is_refused(tiny: SimpleNamespace, tmp_path: Path):
    with pytest.raises(RecipeError, match="no such folder"):
        Blip(model=str(tmp_path / "none")).build()
    (tmp_path / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(RecipeError, match="no AutoConfig can be loaded"):
        Blip(model=str(tmp_path)).build()
    (tmp_path / "config.json").write_bytes((tiny.blip / "config.json").read_bytes())
    with pytest.raises(RecipeError, match="no BlipForConditionalGeneration can be loaded"):
        Blip(model=str(tmp_path)).build()
    with pytest.raises(RecipeError, match="of the kind 'sam'; expected 'blip'"):
        Blip(model=str(tiny.sam)).build()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"dtype": "int8"}, "dtype 'int8'"), ({"device": "tpu"}, "device 'tpu'"), ({"batch": 0}, "batch 0")],
)
def test_a_parameter_that_makes_no_sense_is_refused(
    tiny: SimpleNamespace, wrong: dict[str, object], said: str
):
    with pytest.raises(RecipeError, match=said):
        Blip(model=str(tiny.blip), **wrong).build()


def test_no_model_is_ever_sent_to_be_converted(tiny: SimpleNamespace, monkeypatch: pytest.MonkeyPatch):
    from transformers.utils import is_env_variable_true

    monkeypatch.setenv("DISABLE_SAFETENSORS_CONVERSION", "0")
    Blip(model=str(tiny.blip)).build()
    assert is_env_variable_true("DISABLE_SAFETENSORS_CONVERSION")


def test_without_torch_the_extra_is_named(tiny: SimpleNamespace, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match="torch is not installed; it comes with the extra 'generate'"):
        Blip(model=str(tiny.blip)).build()


def test_half_precision_is_what_was_asked_for(tiny: SimpleNamespace):
    half = load_captioner(Checkpoint(str(tiny.blip), dtype="bfloat16"), "a picture of ", 2, 2, 4)
    assert half.model.dtype == torch.bfloat16
    assert len(half.captions([DRAFTS[0].photo.rgb])) == 1
