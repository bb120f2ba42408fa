"""Benchmarks and measures as the Hub's tasks: it takes one number a task, so one a benchmark and measure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from bdstr.scored import task_id
from sodeval.benchmarks import all_benchmarks
from sodeval.measures import FAMILIES, STANDARD, in_order

EVAL_YAML = "eval.yaml"
NAME = "Salient object detection"
CONFIG, SPLIT = "default", "test"
"""Of the benchmark dataset, where its table of benchmarks is."""

DESCRIPTION = (
    "Scores of saved saliency maps on the benchmarks of salient object detection, one task a benchmark and "
    "measure. Computed by sodeval; the notes of a score name the protocol and the masks."
)


@cache
def tasks() -> Mapping[str, tuple[str, str]]:
    """Task -> benchmark and measure, of every measure that sodeval has.

    Example:
        >>> tasks()["duts-te_maxf-pr"]
        ('DUTS-TE', 'maxF_pr')
    """
    on_request = {f"{kind}{family}" for family in FAMILIES for kind in ("max", "mean", "adp")}
    return {
        task_id(benchmark.name, measure.name): (benchmark.name, measure.name)
        for benchmark in all_benchmarks()
        for measure in in_order({*STANDARD, *on_request})
    }


def eval_yaml() -> bytes:
    """The ``eval.yaml`` that makes a dataset a benchmark on the Hub: the measures that every report holds."""
    import yaml

    standard = [name for name, (_, measure) in tasks().items() if measure in STANDARD]
    content = {
        "name": NAME,
        "description": DESCRIPTION,
        "evaluation_framework": "sodeval",
        "tasks": [{"id": name, "config": CONFIG, "split": SPLIT} for name in standard],
    }
    text: str = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    return text.encode()
