"""The steps of the whole way, as the commands that a person would type."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BENCHMARK = "sodeval-demo"
LOAD = """\
from datasets import load_dataset
dataset = load_dataset({folder}, split="train")
print(dataset)
print(dataset[0]["key"], dataset[0]["image"], dataset[0]["mask"], sep="\\n")"""
TRAINING = {
    "epochs": "60",
    "size_px": "256",
    "scales": "[1.0]",
    "batch": "6",
    "backbone_learning_rate": "3e-5",
    "decoder_learning_rate": "2e-4",
    "evaluate_every": "20",
}
"""About two minutes on two processor cores, gentle enough for weights that are trained already."""


@dataclass(frozen=True, slots=True)
class Step:
    """One command of the way.

    Args:
        title: what it does, in a few words.
        why: what a newcomer should know of it, one sentence.
        command: as typed: ``bdstr``, ``sodeval`` or ``python``, and its arguments.
        made: what there is to look at afterwards, of the journey's folder.
    """

    title: str
    why: str
    command: tuple[str, ...]
    made: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Places:
    """Where things lie in the folder of a journey."""

    out: Path

    @property
    def classical(self) -> Path:
        return self.out / "classical"

    @property
    def photos(self) -> Path:
        return self.classical / "data" / "photos"

    @property
    def gt(self) -> Path:
        return self.classical / "data" / "gt"

    @property
    def dataset(self) -> Path:
        return self.out / "bds-tr"

    @property
    def run(self) -> Path:
        return self.out / "run"

    @property
    def report(self) -> Path:
        return self.out / "report"

    @property
    def board(self) -> Path:
        return self.out / "board"

    @property
    def site(self) -> Path:
        return self.out / "site"

    def maps(self, method: str) -> Path:
        """The saliency maps of a method: a classical one, or one of the two networks."""
        return (
            self.classical / "data" / "maps" / method if method in CLASSICAL else self.out / "maps" / method
        )


CLASSICAL, NETWORKS = ("FT", "RBD"), ("tiny", "tiny-demo")


def steps(out: Path, networks: bool = True) -> tuple[Step, ...]:
    """The whole way, in order.

    Args:
        out: the folder that everything is written to.
        networks: whether torch is there; without it, what needs a network is left out.

    Example:
        >>> [step.command[1] for step in steps(Path("demo"), networks=False)][:3]
        ['demo', 'boxes', 'generate']
    """
    places = Places(out)
    return (
        *_dataset(places),
        *(_training(places) if networks else ()),
        *_scores(places, (*CLASSICAL, *(NETWORKS if networks else ()))),
        *_uploads(places, networks),
    )


def _dataset(at: Places) -> Iterator[Step]:
    boxes, page = at.out / "boxes.jsonl", at.dataset / "inspect" / "index.html"
    yield Step(
        "Photographs",
        "Seven that were outlined by hand, and the maps of two classical methods.",
        ("sodeval", "demo", "--out", str(at.classical)),
        (at.photos, at.gt),
    )
    yield Step(
        "Boxes",
        "Around what is outlined; of your own photographs, bdstr annotate or Grounding DINO gives them.",
        ("bdstr", "boxes", str(at.gt), "--out", str(boxes)),
        (boxes,),
    )
    made = ("--recipe", "offline", "--annotations", str(boxes), "--out", str(at.dataset))
    yield Step(
        "A dataset without drawn masks",
        "The recipe offline cuts a mask from each box with GrabCut: no download, no GPU.",
        ("bdstr", "generate", str(at.photos), *made),
        (at.dataset / "README.md",),
    )
    yield Step(
        "Look at it", "Masks, boxes and figures on one page.", ("bdstr", "inspect", str(at.dataset)), (page,)
    )
    yield Step(
        "Are its masks good?",
        "Scored by sodeval against the outlines.",
        ("bdstr", "audit", str(at.dataset), "--gt", str(at.gt)),
    )
    yield Step(
        "Load it",
        "It loads like any other dataset.",
        ("python", "-c", LOAD.format(folder=json.dumps(str(at.dataset)))),
    )


def _training(at: Places) -> Iterator[Step]:
    settings = (part for name, value in TRAINING.items() for part in ("--set", f"{name}={value}"))
    start = ("--preset", "tiny", "--start", "tiny", "--out", str(at.run))
    yield Step(
        "Train",
        "Two minutes from the weights that come along. So few rows teach nothing about other photographs.",
        ("bdstr", "train", "--dataset", str(at.dataset), *start, *settings),
        (at.run / "log.jsonl",),
    )
    for name, model in zip(NETWORKS, ("tiny", str(at.run)), strict=True):
        yield Step(
            f"Saliency maps of {name}",
            "By the weights as they come." if model == "tiny" else "By those just trained.",
            ("bdstr", "predict", str(at.photos), "--model", model, "--out", str(at.maps(name))),
            (at.maps(name),),
        )


def _scores(at: Places, methods: tuple[str, ...]) -> Iterator[Step]:
    maps = (part for name in methods for part in ("--pred", f"{name}={at.maps(name)}"))
    where = ("--images", str(at.photos), "--out", str(at.report))
    yield Step(
        "Scores",
        "Every measure, every method, exact; with curves and a gallery of the best and the worst.",
        ("sodeval", "run", "--gt", str(at.gt), *maps, "--benchmark", BENCHMARK, *where),
        (at.report / "gallery.html", at.report / "report.json"),
    )
    last = methods[-1]
    kind = "full" if last in NETWORKS else "unsupervised"
    told = ("--supervision", kind, "--by", "bdstr demo", "--maps", str(at.maps(last)))
    entry = (*told, "--out", str(at.board / "entries"), "--replace")
    yield Step(
        "An entry of a leaderboard",
        "A score with its proof, a value an image; this board holds only yours.",
        ("bdstr", "leaderboard", "submit", str(at.report), "--method", last, *entry),
    )
    data = ("--data", str(at.board))
    yield Step(
        "Its row", "As a paper would print it.", ("bdstr", "leaderboard", "table", "--measured", *data)
    )
    yield Step(
        "Its pages",
        "A site that opens from the disk; without --data it is that of 3,820 published figures.",
        ("bdstr", "leaderboard", "build", *data, "--out", str(at.site)),
        (at.site / "index.html",),
    )


def _uploads(at: Places, networks: bool) -> Iterator[Step]:
    dry = "What would go to the Hub; without --dry-run it does."
    yield Step(
        "Share the dataset", dry, ("bdstr", "push", "dataset", str(at.dataset), "ORG/bds-tr", "--dry-run")
    )
    if networks:
        scored = ("--report", str(at.report), "--method", NETWORKS[-1], "--dry-run")
        yield Step(
            "Share the network", dry, ("bdstr", "push", "model", str(at.run), "ORG/tiny-demo", *scored)
        )
    board = ("ORG/board", "--data", str(at.board), "--dry-run")
    yield Step("Share the leaderboard", dry, ("bdstr", "push", "leaderboard", *board))
