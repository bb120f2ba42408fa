"""``report.json``: a report as text, and back."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..errors import ProtocolError, ReportError, UsageError
from ..measures import get_measure
from ..problem import Problem
from ..protocol import Protocol, protocol_from_json
from ..report import SCHEMA, Report, Result
from .json_fields import Fields, count, flag, number, number_or_nan, one_of, parse_json, text

_READ_AS = {str: text, int: count, float: number}


def report_to_json(report: Report) -> dict[str, Any]:
    """What ``report.json`` holds: dictionaries, lists, strings and numbers.

    A score that is not defined (NaN, which JSON does not know) becomes None.
    """
    return {
        "schema": SCHEMA,
        "sodeval": report.sodeval,
        "protocol": report.protocol.to_json(),
        "results": [_result_to_json(result) for result in report.results],
    }


def _result_to_json(result: Result) -> dict[str, Any]:
    scores = {name: None if math.isnan(score) else float(score) for name, score in result.scores.items()}
    return {
        "method": result.method,
        "benchmark": result.benchmark,
        "images": result.images,
        "expected": result.expected,
        "partial": result.partial,
        "scores": scores,
        "problems": [problem.to_json() for problem in result.problems],
        "gt_fingerprint": result.gt_fingerprint,
        "gt_copy": result.gt_copy,
    }


def to_json_text(report: Report, files: Mapping[str, str] | None = None) -> str:
    """The text of ``report.json``; equal reports give equal texts.

    Args:
        report: what it tells.
        files: name -> digest of the files that were written with it.
    """
    values = report_to_json(report) | ({"files": dict(files)} if files else {})
    return json.dumps(values, indent=2, sort_keys=True, allow_nan=False) + "\n"


def digests_from_json(data: str | bytes, where: str | Path) -> dict[str, str]:
    """Name -> digest of the files that were written with a ``report.json``; those of old ones have none.

    Raises:
        ReportError: as `report_from_json`.
    """
    top = Fields(parse_json(data, where), str(where))
    if "files" not in top.values:
        return {}
    files = top.inner("files")
    return {name: files.get(name, text) for name in files.values}


def report_from_json(data: str | bytes, where: str | Path) -> Report:
    """Reads the text of a ``report.json``. Fields that this version does not know are passed over.

    Args:
        data: the text.
        where: what error messages call it.

    Raises:
        ReportError: no JSON, a newer schema, a field that is missing or holds something else; names the
            field, what was found and what was expected.
    """
    top = Fields(parse_json(data, where), str(where))
    schema = top.get("schema", count)
    if schema > SCHEMA:
        top.refuse(
            "schema", str(schema), f"at most {SCHEMA}: it was written by a newer sodeval: update this one"
        )
    results = tuple(_read_result(item) for item in top.items("results"))
    _refuse_repeats(results, where)
    return Report(_read_protocol(top.inner("protocol")), results, top.get("sodeval", text))


def _read_result(at: Fields) -> Result:
    result = Result(
        method=at.get("method", text),
        benchmark=at.get("benchmark", text),
        images=at.get("images", count),
        expected=at.get("expected", count),
        scores=_read_scores(at.inner("scores")),
        problems=tuple(_read_problem(item) for item in at.items("problems")),
        gt_fingerprint=at.get("gt_fingerprint", text),
        gt_copy=at.get("gt_copy", one_of("known", "unknown")),
    )
    if at.get("partial", flag) != result.partial:
        at.refuse("partial", str(not result.partial).lower(), "what images and expected say")
    return result


def _read_scores(at: Fields) -> dict[str, float]:
    try:
        return {get_measure(name).name: at.get(name, number_or_nan) for name in at.values}
    except UsageError as error:
        raise ReportError(f"{at.where}: {error}") from error


def _read_problem(at: Fields) -> Problem:
    severity = at.get("severity", one_of("error", "note"))
    return Problem(at.get("file", text), at.get("kind", text), at.get("detail", text), severity)


def _read_protocol(at: Fields) -> Protocol:
    default = Protocol().to_json()
    choices = {name: at.get(name, _READ_AS[type(value)]) for name, value in default.items()}
    try:
        return protocol_from_json(at.values | choices)
    except ProtocolError as error:
        raise ReportError(f"{at.where}: {error}") from error


def _refuse_repeats(results: Iterable[Result], where: str | Path) -> None:
    seen: set[tuple[str, str]] = set()
    for result in results:
        if (result.benchmark, result.method) in seen:
            raise ReportError(f"{where}: {result.method} on {result.benchmark} comes twice; expected once")
        seen.add((result.benchmark, result.method))
