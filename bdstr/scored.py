"""What sodeval found of a network, as the Hub reads it: ``model-index`` and ``.eval_results``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sodeval import Report, Result, read_report

from .errors import UsageError

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

TASK, TASK_NAME = "image-segmentation", "Salient object detection"


def read_scored(files: Sequence[Path], method: str | None = None) -> Report | None:
    """The scores in reports of ``sodeval run``.

    Args:
        files: reports, or the folders they lie in; of none there are no scores.
        method: whose scores, where a report has those of several.

    Raises:
        UsageError: a report does not say whose scores to take, leaves images out, or follows another
            protocol than the first.
        SodevalError: a report cannot be read.
    """
    reports = [_of_one(read_report(file), method, file) for file in files]
    if not reports:
        return None
    first = reports[0]
    results = [result for report in reports for result in report.results]
    _refuse_mixed(files, reports, results)
    return Report(first.protocol, tuple(results), first.sodeval)


def _of_one(report: Report, method: str | None, file: Path) -> Report:
    names = list(dict.fromkeys(result.method for result in report.results))
    wanted = method if method is not None or len(names) != 1 else names[0]
    if wanted not in names:
        asked = "whose of them are meant" if wanted is None else f"not of {wanted}"
        raise UsageError(
            f"{file}: has scores of {', '.join(names)}, {asked}; name one of them: --method NAME"
        )
    results = tuple(result for result in report.results if result.method == wanted)
    for result in results:
        if result.partial or not result.scored:
            raise UsageError(
                f"{file}: {result.images:,} of {result.expected:,} images of {result.benchmark} are scored; "
                "expected all of them: make the missing maps and run sodeval again"
            )
    return Report(report.protocol, results, report.sodeval)


def _refuse_mixed(files: Sequence[Path], reports: Sequence[Report], results: Sequence[Result]) -> None:
    for file, report in zip(files, reports, strict=True):
        if report.protocol != reports[0].protocol:
            raise UsageError(
                f"{file}: its protocol is not that of {files[0]}; expected one, or their figures would stand "
                "side by side: run sodeval again"
            )
    names = [result.benchmark for result in results]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise UsageError(f"{twice} is scored by two of the reports; expected one: leave the other away")


def index(report: Report, benchmarks: str | None) -> list[EvalResult]:
    """For the ``model-index`` of a card: a figure a benchmark and measure."""
    from huggingface_hub import EvalResult

    return [
        EvalResult(
            task_type=TASK,
            task_name=TASK_NAME,
            dataset_type=benchmarks or slug(result.benchmark),
            dataset_name=result.benchmark,
            metric_type=slug(measure),
            metric_name=measure,
            metric_value=value,
        )
        for result, measure, value in _figures(report)
    ]


def entries(report: Report, benchmarks: str, source_url: str) -> list[dict[str, Any]]:
    """For a file of ``.eval_results``, from which the Hub fills the board of a benchmark dataset.

    Args:
        report: the scores.
        benchmarks: ``ORG/NAME`` of that dataset; its ``eval.yaml`` has a task a benchmark and measure, called
            as `task_id` says.
        source_url: where whoever reads a figure finds what it is of.
    """
    from huggingface_hub import EvalResultEntry, eval_result_entries_to_yaml

    protocol = report.protocol.name
    return eval_result_entries_to_yaml(
        [
            EvalResultEntry(
                dataset_id=benchmarks,
                task_id=task_id(result.benchmark, measure),
                value=value,
                source_url=source_url,
                source_name="Model card",
                notes=f"sodeval {report.sodeval}, protocol {protocol}, {_masks(result)}",
            )
            for result, measure, value in _figures(report)
        ]
    )


def task_id(benchmark: str, measure: str) -> str:
    """What a task of a benchmark dataset is called on the Hub.

    Example:
        >>> task_id("DUTS-TE", "maxF_pr")
        'duts-te_maxf-pr'
    """
    return f"{slug(benchmark)}_{slug(measure)}"


def slug(name: str) -> str:
    """A name in small letters, digits and hyphens.

    Example:
        >>> slug("My benchmark (2)")
        'my-benchmark-2'
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _figures(report: Report) -> Iterable[tuple[Result, str, float]]:
    for result in report.results:
        for measure, value in result.scores.items():
            yield result, measure, value


def _masks(result: Result) -> str:
    return f"masks {result.gt_fingerprint[:16]}" if result.gt_fingerprint else "masks unknown"
