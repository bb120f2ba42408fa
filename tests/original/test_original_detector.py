"""groundingdino-py with random weights of real size and a tiny BERT, through a .pth file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest


@pytest.fixture(scope="module")
def saved(packages: None, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """``dino``, a Swin-T checkpoint as it is published, and ``bert``, the folder of its text encoder."""
    import tiny_models
    import torch
    from transformers import BertConfig, BertModel

    from bdstr_builders.backends.original_dino import build_dino, settings_of
    from bdstr_builders.checkpoint import Checkpoint

    root = tmp_path_factory.mktemp("dino")
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    BertModel(BertConfig(vocab_size=tiny_models.VOCABULARY_SIZE, **sizes)).save_pretrained(root / "bert")
    tiny_models.tokenizer().save_pretrained(root / "bert")
    settings = settings_of({"backbone.0.patch_embed.proj.weight": torch.zeros(96, 3, 4, 4)}, root)
    torch.manual_seed(0)
    model = build_dino(settings, Checkpoint(str(root / "bert")), tiny_models.tokenizer())
    for layer in model.bbox_embed:  # as it is initialised, every box has the size of its anchor
        torch.nn.init.normal_(layer.layers[-1].weight, std=0.2)
    weights = {f"module.{name}": value for name, value in model.state_dict().items()}
    weights |= {"module.label_enc.weight": torch.zeros(3, 4)}
    torch.save({"model": weights}, root / "groundingdino.pth")
    return SimpleNamespace(dino=root / "groundingdino.pth", bert=root / "bert", weights=weights)


@pytest.fixture(scope="module")
def detector(saved: SimpleNamespace) -> Any:
    """It scales photographs to 256 px, for the sake of time."""
    from bdstr_builders.backends.original_detector import load_original_detector
    from bdstr_builders.checkpoint import Checkpoint

    loaded = load_original_detector(Checkpoint(str(saved.dino), device="cpu"), Checkpoint(str(saved.bert)))
    return replace(loaded, shortest_px=256, longest_px=512)


@pytest.fixture(scope="module")
def photos() -> list[np.ndarray]:
    from drafts import draft

    return [draft(i, size).photo.rgb for i, size in enumerate(((50, 70), (50, 70)))]


def test_answers_are_in_px_of_the_photograph_and_a_token_each(detector: Any, photos: list[np.ndarray]):
    questions = [detector.ask(("black dog", "gorilla")), detector.ask(("van",))]
    together = detector.answer(list(zip(photos, questions, strict=True)))
    for one, question in zip(together, questions, strict=True):
        assert one.boxes.shape == (900, 4)
        assert one.likely.shape == (900, len(question.tokens))
        assert (one.boxes >= 0).all()
        assert (one.boxes <= [70, 50, 70, 50]).all()
        assert np.ptp(one.likely) > 0


def test_answers_are_those_of_the_package_asked_by_a_sentence(detector: Any, photos: list[np.ndarray]):
    import torch
    from groundingdino.datasets import transforms
    from PIL import Image

    question = detector.ask(("black dog", "gorilla"))
    (ours,) = detector.answer([(photos[0], question)])
    steps = [transforms.RandomResize([256], max_size=512), transforms.ToTensor()]
    steps += [transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]
    pixels, _ = transforms.Compose(steps)(Image.fromarray(photos[0]), None)
    padded, detector.model.tokenizer = detector.model.tokenizer, detector.tokens
    try:
        with torch.inference_mode():
            out = detector.model(pixels[None], captions=["black dog . gorilla ."])
    finally:
        detector.model.tokenizer = padded
    likely = out["pred_logits"][0].sigmoid().numpy()
    assert ours.likely == pytest.approx(likely[:, : len(question.tokens)], abs=1e-5)
    assert likely[:, len(question.tokens) :].max() == 0


def test_the_packages_own_names_are_left_as_they_were(detector: Any):
    from groundingdino.models.GroundingDINO import groundingdino as package

    assert package.get_tokenlizer.__name__ == "groundingdino.util.get_tokenlizer"
    assert package.BertModelWarper.__module__.endswith("bertwarper")


def test_boxes_answer_the_callers_own_phrases_through_the_stage(detector: Any):
    from drafts import draft

    from bdstr_builders.draft import Draft, Rejected
    from bdstr_builders.stages.grounding import Grounding, Least

    least = Least(box=0.99, text=0.25, nms_iou=0.5, retry=0.0)
    stage = Grounding("ground.dino-original", detector, 2, least)
    made, refused = stage([draft(0, phrase="black dog . gorilla ."), draft(1, phrase=" . ")])
    assert isinstance(made, Draft)
    assert made.instances
    assert {one.phrase for one in made.instances} <= {"black dog", "gorilla"}
    assert isinstance(refused, Rejected)
    assert (refused.stage, refused.reason) == ("ground.dino-original", "no-phrase")


def test_a_checkpoint_of_another_architecture_is_refused(saved: SimpleNamespace, tmp_path: Path):
    import torch

    from bdstr.errors import RecipeError
    from bdstr_builders.stages.originals import GroundingDinoOriginal

    weights = dict(saved.weights)
    del weights["module.feat_map.weight"]
    torch.save({"model": weights}, tmp_path / "dino.pth")
    with pytest.raises(
        RecipeError, match=r"dino\.pth is of another architecture: it lacks 'feat_map\.weight'"
    ):
        GroundingDinoOriginal(str(tmp_path / "dino.pth"), str(saved.bert), device="cpu").build()


def test_a_text_encoder_of_another_kind_is_refused(saved: SimpleNamespace, tmp_path: Path):
    import tiny_models

    from bdstr.errors import RecipeError
    from bdstr_builders.stages.originals import GroundingDinoOriginal

    tiny_models.save_blip(tmp_path)
    with pytest.raises(RecipeError, match="of the kind 'blip'; expected 'bert'"):
        GroundingDinoOriginal(str(saved.dino), str(tmp_path), device="cpu").build()
