"""The folders that pages name, made of small copies of the demo's photographs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from page_session import Session
from page_steps import ROOT, Step
from PIL import Image

from sodeval.demo.photographs import draw_mask, load_pixels, read_photographs
from sodeval.demo.saliency import METHODS

SIDE_PX = 96
WHOLE_ECSSD = 1000


def write_common(root: Path) -> None:
    """``photos``, ``gt``, ``maps/FT``, ``maps/RBD`` and ``photo.jpg``."""
    for photograph in read_photographs():
        photo = Image.fromarray(load_pixels(photograph))
        photo.thumbnail((SIDE_PX, SIDE_PX))
        save(photo, root / "photos" / f"{photograph.key}.png")
        mask = Image.fromarray(draw_mask(photograph)).resize(photo.size, Image.Resampling.NEAREST)
        save(mask, root / "gt" / f"{photograph.key}.png")
        for name, method in METHODS.items():
            save(Image.fromarray(method(np.asarray(photo))), root / "maps" / name / f"{photograph.key}.png")
    Image.open(root / "photos" / "cat.png").save(root / "photo.jpg")


def save(picture: Image.Image, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    picture.save(file)


def copies(*pairs: tuple[str, str]) -> Callable[[Path], None]:
    """Puts copies of folders where a page has them under other names."""

    def furnish(root: Path) -> None:
        for there, here in pairs:
            shutil.copytree(root / there, root / here, dirs_exist_ok=True)

    return furnish


def flat_maps(root: Path) -> None:
    """``maps`` as the folder of one method."""
    (root / "maps" / "RBD").rename(root / "rbd")
    shutil.rmtree(root / "maps")
    (root / "rbd").rename(root / "maps")


def no_maps(root: Path) -> None:
    """``maps`` is what a command of the page makes."""
    shutil.rmtree(root / "maps")


def packed(name: str) -> Callable[[Path], None]:
    """The photographs and their masks as a dataset."""

    def furnish(root: Path) -> None:
        Session().run(Step("", 0, "command", f"bdstr pack {root}/photos {root}/gt --out {root}/{name}"))

    return furnish


def report(name: str) -> Callable[[Path], None]:
    """What `sodeval run` writes of one method."""

    def furnish(root: Path) -> None:
        command = f"sodeval run --gt {root}/gt --pred {root}/maps/RBD --out {root}/{name}"
        Session().run(Step("", 0, "command", command))

    return furnish


def whole_ecssd(maps: str) -> Callable[[Path], None]:
    """As many masks and maps as ECSSD has, each of a few pixels."""

    def furnish(root: Path) -> None:
        shutil.rmtree(root / maps, ignore_errors=True)
        random = np.random.default_rng(7)
        for number in range(1, WHOLE_ECSSD + 1):
            mask = np.zeros((12, 16), np.uint8)
            mask[2 : 6 + number % 4, 3 : 8 + number % 6] = 255
            noise = random.integers(0, 60, mask.shape, np.uint8)
            save(Image.fromarray(mask), root / "ECSSD" / "gt" / f"{number:04}.png")
            save(Image.fromarray(np.roll(mask, 2, axis=1) // 2 + noise), root / maps / f"{number:04}.png")

    return furnish


def network(root: Path) -> None:
    """``run`` as training leaves it, in float32, with the weights that come along."""
    import torch

    from bdstr.model import load

    model, processor = load(str(files("bdstr.model") / "weights" / "tiny"))
    model.to(torch.float32).save_pretrained(root / "run")
    processor.save_pretrained(root / "run")
    for name in ("log.jsonl", "training.json"):
        shutil.copy(ROOT / "docs" / "tiny" / name, root / "run")


def settings_of_tiny(root: Path) -> None:
    for file in ("run.toml", "labels/run.toml"):
        (root / "docs" / "tiny" / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "docs" / "tiny" / file, root / "docs" / "tiny" / file)


def texts_of_two(root: Path) -> None:
    """What two people wrote with `bdstr annotate`."""
    for who, key, text in (("ada", "cat", "a cat"), ("ben", "rocket", "a rocket")):
        line = f'{{"key": "{key}", "text": "{text}", "status": "done", "who": "{who}"}}\n'
        (root / f"{who}.jsonl").write_text(line)


def recipe_of_page(root: Path) -> None:
    """``mine.toml`` as docs/generate.md shows it."""
    from page_steps import blocks, read

    [toml] = [block.text for block in blocks("", read("docs/generate.md")) if block.language == "toml"]
    (root / "mine.toml").write_text(toml)


def parquet_of_others(root: Path) -> None:
    """``photos.parquet`` with the columns that somebody else chose."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    keys = sorted(file.stem for file in (root / "photos").iterdir())
    columns = {
        "image": [
            {"bytes": (root / "photos" / f"{key}.png").read_bytes(), "path": f"{key}.png"} for key in keys
        ],
        "gt": [{"bytes": (root / "gt" / f"{key}.png").read_bytes(), "path": f"{key}.png"} for key in keys],
    }
    pq.write_table(pa.table(columns), root / "photos.parquet")


SOD = copies(
    ("gt", "SOD/gt"), ("maps/FT", "maps/Amulet"), ("maps/RBD", "maps/DSS"), ("maps/RBD", "maps/PiCANet")
)
FURNITURE: dict[str, list[Callable[[Path], None]]] = {
    "README.md": [
        SOD,
        copies(("gt", "photos-gt"), ("photos", "DUTS-TR/image"), ("gt", "DUTS-TR/mask")),
        whole_ecssd("out/ECSSD"),
        parquet_of_others,
    ],
    "docs/annotate.md": [texts_of_two],
    "docs/generate.md": [recipe_of_page],
    "docs/leaderboard.md": [flat_maps, whole_ecssd("maps")],
    "docs/leaderboard-hub.md": [network],
    "docs/matlab.md": [copies(("gt", "SOD/gt"), ("maps/RBD", "SOD/DSS"))],
    "docs/model.md": [network],
    "docs/push.md": [network, report("report"), packed("bds-tr")],
    "docs/submit.md": [whole_ecssd("maps/MyNet")],
    "docs/tiny.md": [
        copies(("photos", "ECSSD/images"), ("gt", "ECSSD/gt")),
        settings_of_tiny,
        packed("duts-tr-300"),
        packed("made"),
    ],
    "docs/training.md": [network, no_maps],
}
"""Page -> the folders that it names beside the common ones."""


def validation_and_model(root: Path) -> dict[str, Any]:
    """What a training loop has: pairs, and something that answers."""
    keys = [file.stem for file in (root / "gt").iterdir()]
    masks = {key: np.asarray(Image.open(root / "gt" / f"{key}.png")) for key in keys}
    return {"validation": [(key, masks[key], masks[key]) for key in keys], "model": lambda image: image}


def photographs_and_tensors(root: Path) -> dict[str, Any]:
    """Photographs as Pillow opens them, and a batch to learn from."""
    import torch

    photos = [Image.open(file).convert("RGB") for file in sorted((root / "photos").iterdir())]
    masks = torch.zeros(2, 64, 64)
    masks[:, 16:48, 16:48] = 1
    return {
        "photos": photos,
        "photo": photos[0],
        "pixel_values": torch.rand(2, 3, 64, 64),
        "masks": masks,
        "known": None,
    }


NAMES: dict[str, Callable[[Path], dict[str, Any]]] = {
    "README.md": validation_and_model,
    "docs/model.md": photographs_and_tensors,
}
"""Page -> the names that its Python takes for given."""
