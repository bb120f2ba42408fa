"""The README.md of the three repositories: what the Hub and `load_dataset` read of it, and prose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bdstr.card import SIZES
from bdstr.hub_repo import check_name

from ..board import Board
from ..conventions import ORIGINS, UNSTATED
from . import card_text
from .tables import BENCHMARKS, FIGURES, Kinds, features
from .tasks import CONFIG, EVAL_YAML, NAME, SPLIT

LICENCE = "mit"
TAGS = ("salient-object-detection", "saliency", "leaderboard")
FIGURES_SPLIT = "train"
"""What `load_dataset` calls a dataset that was not split."""


@dataclass(frozen=True, slots=True)
class Names:
    """The three repositories, each ``ORG/NAME``.

    Args:
        space: of the pages.
        results: of the figures.
        benchmarks: whose board on the Hub shows the scores of models.

    Raises:
        UsageError: one is no name of a repository.
    """

    space: str
    results: str
    benchmarks: str

    def __post_init__(self) -> None:
        for repo in (self.space, self.results, self.benchmarks):
            check_name(repo)


def space_card(names: Names, board: Board) -> str:
    """Of the static Space."""
    data = {
        "title": f"{NAME} leaderboard",
        "colorFrom": "blue",
        "colorTo": "green",
        "sdk": "static",
        "app_file": "index.html",
        "license": LICENCE,
        "datasets": [names.results, names.benchmarks],
        "tags": list(TAGS),
    }
    counts = {"figures": len(board.figures), "methods": len(board.methods)}
    return _card(data, card_text.SPACE, names, **counts)


def results_card(names: Names, path: str, rows: int) -> str:
    """Of the dataset of figures.

    Args:
        names: of the repositories.
        path: of the Parquet file.
        rows: how many it has.
    """
    data = _dataset("figures", rows, FIGURES_SPLIT, path, FIGURES)
    origins = "\n".join(f"  - `{origin}`: {words}" for origin, words in ORIGINS.items())
    return _card(data, card_text.RESULTS, names, split=FIGURES_SPLIT, unstated=UNSTATED, origins=origins)


def benchmarks_card(names: Names, path: str, rows: int) -> str:
    """Of the benchmark dataset.

    Args:
        names: of the repositories.
        path: of the Parquet file.
        rows: how many it has.
    """
    data = _dataset("benchmarks", rows, SPLIT, path, BENCHMARKS)
    return _card(data, card_text.BENCHMARKS, names, eval_yaml=EVAL_YAML)


def _dataset(title: str, rows: int, split: str, path: str, kinds: Kinds) -> dict[str, Any]:
    from datasets import DatasetInfo

    return {
        "pretty_name": f"{NAME}: {title}",
        "license": LICENCE,
        "tags": list(TAGS),
        "size_categories": [next(name for name, limit in SIZES if rows < limit)],
        "configs": [{"config_name": CONFIG, "data_files": [{"split": split, "path": path}]}],
        # without counts of rows: by them, `load_dataset` refuses `filters=`, which leave some out
        "dataset_info": DatasetInfo(features=features(kinds))._to_yaml_dict(),
    }


def _card(data: Mapping[str, Any], prose: str, names: Names, **values: Any) -> str:
    import yaml

    metadata = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
    text = prose.strip().format(name=NAME, **asdict(names), **values)
    return f"---\n{metadata}---\n\n{text}\n"
