"""Fine-tuning a captioner on what people wrote of photographs: which pairs, and what is kept of a run."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bdstr.errors import RunError, SourceError, UsageError
from sodeval.outputs.atomic import write_atomically

from .caption_settings import Settings
from .checkpoint import identity
from .decoding import RejectedError
from .folder import find_items
from .photo import read_photo
from .source import ImageFile
from .stages.annotations import read_annotations

CONFIG = "finetuning.json"
SAMPLES = "samples.jsonl"
CHECKPOINTS = "checkpoints"
WEIGHTS = "model.safetensors"


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """A photograph and what somebody wrote of it."""

    key: str
    image: ImageFile
    text: str


@dataclass(frozen=True, slots=True)
class Pairs:
    """What is learned from.

    Args:
        train: shown to the model.
        validation: only measured on.
        left_out: key -> why it is in neither.
    """

    train: tuple[Pair, ...]
    validation: tuple[Pair, ...]
    left_out: Mapping[str, str]


def find_pairs(texts: Path, images: Path, settings: Settings) -> Pairs:
    """The photographs that have a text, apart in training and validation.

    Every photograph is decoded once here: a damaged one shall not end a run of hours.

    Raises:
        SourceError: texts or images cannot be read, or fewer than two photographs have a text.
    """
    files = {item.key: item.image for item in find_items(images).items}
    pairs, left_out = [], {}
    for key, entry in sorted(read_annotations(texts).items()):
        text = " ".join(str(entry.get("text", "")).split())
        wrong = _wrong(files.get(key), text)
        if wrong:
            left_out[key] = wrong
        else:
            pairs.append(Pair(key, files[key], text))
    if len(pairs) < 2:
        reasons = "; ".join(f"{key}: {why}" for key, why in list(left_out.items())[:3])
        raise SourceError(
            f"{texts}: {len(pairs)} of its texts go with a photograph of {images} ({reasons or 'no texts'}); "
            "expected two or more, by the same keys"
        )
    return Pairs(*split_pairs(pairs, settings.validation, settings.seed), left_out)


def _wrong(image: ImageFile | None, text: str) -> str | None:
    if image is None:
        return "no photograph has this key"
    if not text:
        return "its text is empty"
    try:
        read_photo(image)
    except RejectedError as error:
        return str(error)
    return None


def split_pairs(pairs: Sequence[Pair], share: float, seed: int) -> tuple[tuple[Pair, ...], tuple[Pair, ...]]:
    """Training and validation: drawn by the seed, each with one pair at least, sorted by key.

    Raises:
        UsageError: the share is not between 0 and 1.
    """
    if not 0 < share < 1:
        raise UsageError(f"--validation {share}; expected a share between 0 and 1")
    drawn = sorted(pairs)
    random.Random(seed).shuffle(drawn)
    held_out = min(max(1, round(share * len(drawn))), len(drawn) - 1)
    return tuple(sorted(drawn[held_out:])), tuple(sorted(drawn[:held_out]))


def echo(settings: Settings, pairs: Pairs) -> dict[str, Any]:
    """What a run was: its settings, and its data by number and content."""
    learned = json.dumps([[pair.key, pair.text] for pair in sorted(pairs.train + pairs.validation)])
    return {
        "settings": asdict(settings),
        "weights": identity(settings.model),
        "texts": hashlib.sha256(learned.encode()).hexdigest(),
        "train": len(pairs.train),
        "validation": [pair.key for pair in pairs.validation],
        "left_out": dict(pairs.left_out),
    }


def open_run(out: Path, config: Mapping[str, Any]) -> bool:
    """Starts a run in a folder, or goes on with the one that is there.

    Returns:
        Whether it is finished already.

    Raises:
        RunError: the folder holds another run, or something else.
    """
    file = out / CONFIG
    if file.exists():
        try:
            known = json.loads(file.read_text("utf-8"))
        except ValueError as error:
            raise RunError(f"{file} is no JSON: {error}; expected what an earlier run wrote") from error
        different = [name for name in config if known.get(name) != config[name]]
        if different:
            raise RunError(
                f"{out} holds a run with other {', '.join(different)}; expected the same to go on: "
                "choose another --out"
            )
    elif out.is_dir() and any(not path.name.startswith(".") for path in out.iterdir()):
        raise RunError(f"{out} is not empty and holds no run; expected a new folder: choose another --out")
    else:
        write_atomically(file, json.dumps(config, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
    return (out / WEIGHTS).exists()
