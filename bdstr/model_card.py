"""The card of a trained network, its README.md: what the Hub reads of it, and prose for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sodeval import Report

from .card import licence_metadata
from .card_paragraphs import PAPER
from .scored import TASK, index

CURVE = "curve.png"
SCORES_SHOWN = ("MAE", "maxF", "meanF", "wF", "S", "meanE")
"""Of the rows held out."""


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What the card of a network tells.

    Args:
        repo: ``ORG/NAME``.
        parameters: how many it has.
        size_px: side of the square that photographs are scaled to.
        training: what the run was started with: ``training.json``.
        held_out: the scores that chose the network, on the rows held out, and their ``epoch``.
        report: what sodeval found on benchmarks; None where nobody said.
        licence: an SPDX identifier; None where nobody said.
        benchmarks: the benchmark dataset on the Hub, ``ORG/NAME``.
        backbone: Hub id of the weights that the backbone began with.
        package: whose ImageNet weights the backbone began with, and its licence; None for those of the Hub.
        version: of bdstr.
    """

    repo: str
    parameters: int
    size_px: int
    training: Mapping[str, Any]
    held_out: Mapping[str, float]
    version: str
    report: Report | None = None
    licence: str | None = None
    benchmarks: str | None = None
    backbone: str | None = None
    package: str | None = None


def model_card(facts: ModelFacts) -> str:
    """The text of a README.md; equal facts give equal text."""
    from huggingface_hub import ModelCardData

    start = facts.training.get("start", "")
    base = start if _is_repo(start) else facts.backbone
    results = {"eval_results": index(facts.report, facts.benchmarks)} if facts.report else {}
    metadata: dict[str, Any] = {
        "library_name": "transformers",
        "pipeline_tag": TASK,
        "tags": ["salient-object-detection", "saliency", "dedecoder"],
        "model_name": facts.repo.rpartition("/")[2],
        **(licence_metadata(facts.licence) if facts.licence else {}),
        **({"datasets": [facts.training["dataset"]]} if _is_repo(facts.training["dataset"]) else {}),
        **({"base_model": base} if base else {}),
        **results,
    }
    data = ModelCardData(**metadata)
    return f"---\n{data.to_yaml()}\n---\n\n{_prose(facts)}"


def _is_repo(dataset: str) -> bool:
    """Whether a dataset is one of the Hub; a folder is called by its last name alone."""
    return dataset.count("/") == 1


def _prose(facts: ModelFacts) -> str:
    parts = [
        f"# {facts.repo.rpartition('/')[2]}",
        f"DEDecoder, preset `{facts.training['preset']}`, {facts.parameters / 1e6:.2f} M parameters: a "
        "network for salient object detection. It gives each pixel of a photograph a saliency of 0 to 1: how "
        "much it belongs to what draws the eye.",
        USAGE.format(repo=facts.repo, side=facts.size_px),
        _training(facts),
        _scores(facts.report) if facts.report else NO_SCORES,
        LIMITS,
        _sources(facts),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


USAGE = """
## Usage

With transformers alone; the code of the network lies beside its weights:

```python
import torch
from PIL import Image
from transformers import AutoImageProcessor, AutoModelForImageSegmentation

model = AutoModelForImageSegmentation.from_pretrained("{repo}", trust_remote_code=True).eval()
processor = AutoImageProcessor.from_pretrained("{repo}", trust_remote_code=True)

image = Image.open("photo.jpg").convert("RGB")
with torch.inference_mode():
    outputs = model(**processor(image, return_tensors="pt"))
(saliency,) = processor.post_process_saliency(outputs, [(image.height, image.width)])  # h w, 0 to 1
```

With `bdstr` installed, `import bdstr.model` makes `trust_remote_code` needless, and there are commands:

    bdstr predict photos --model {repo} --out maps
    bdstr cutout photo.jpg --model {repo}

Photographs are scaled to {side} x {side} px, and maps back to the photograph's size.
"""


def _training(facts: ModelFacts) -> str:
    training, settings = facts.training, facts.training["settings"]
    dataset = training["dataset"]
    named = f"[{dataset}](https://huggingface.co/datasets/{dataset})" if _is_repo(dataset) else f"`{dataset}`"
    scores = ", ".join(
        f"{name} {facts.held_out[name]:.4f}" for name in SCORES_SHOWN if name in facts.held_out
    )
    held_out = len(training["held_out"])
    return f"""## Training

{_beginning(facts)}On {training["learned"]:,} rows of {named}.
{held_out:,} more were held out, and the network with the lowest MAE on them was kept:
epoch {facts.held_out["epoch"]:g} of {settings["epochs"]:g}, {scores}.
`training.json` has every setting, the seed and the keys held out, `log.jsonl` the curve.

![Loss on the rows learned from and MAE on the rows held out, against epochs]({CURVE})

| setting | |
|:--|:--|
{_settings(settings)}"""


def _beginning(facts: ModelFacts) -> str:
    """What the weights were before: it may have learned from other data, and from the rows held out here."""
    start = facts.training.get("start")
    said = f"It began with the trained network `{start}`, whose data are its own. " if start else ""
    return said + _imagenet(facts)


def _imagenet(facts: ModelFacts) -> str:
    if facts.package:
        return f"Its backbone began with ImageNet weights of {facts.package}. "
    if facts.backbone is None or facts.training.get("start"):  # whose backbone may have begun otherwise
        return ""
    address = f"https://huggingface.co/{facts.backbone}"
    return f"Its backbone began with ImageNet weights of [{facts.backbone}]({address}). "


def _settings(settings: Mapping[str, Any]) -> str:
    return "\n".join(f"| `{name}` | {_in_words(value)} |" for name, value in settings.items())


def _in_words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"`{name}` {inner}" for name, inner in value.items()) or "the preset's"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _scores(report: Report) -> str:
    masks = "\n".join(
        f"- {result.benchmark}: {result.images:,} images, masks `{result.gt_fingerprint[:16]}`"
        + (", the copy that sodeval knows" if result.gt_copy == "known" else "")
        for result in report.results
    )
    return f"""## Scores

By sodeval {report.sodeval}, protocol `{report.protocol.name}`, at full size:

{report.to_markdown().strip()}

{masks}"""


NO_SCORES = """
## Scores

On benchmarks: not measured.
"""

LIMITS = """
## Intended use and limits

To find the main object of a photograph: to cut it out, to crop around it, as a baseline in research. What is
salient is what those who drew or made the training masks took for it; where people would disagree, it shows
one answer. The network always answers, of a photograph without an object, too. How it does over kinds of
people, places and cameras has not been measured. Do not use it to identify or to watch people, or where a
wrong mask does harm.
"""


def _sources(facts: ModelFacts) -> str:
    return f"""## Sources

The decoder follows what {PAPER}
tells of DEDecoder: it is a reconstruction, and no figure here is the paper's. Upsampling: DySample (Liu et
al., ICCV 2023). Written by bdstr {facts.version}."""
