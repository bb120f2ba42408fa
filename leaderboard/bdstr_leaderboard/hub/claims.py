"""What a model's repository claims of it, checked: ``.eval_results``, or ``model-index`` of its card."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bdstr.errors import BoardError
from bdstr.scored import task_id
from sodeval.benchmarks import find_benchmark
from sodeval.errors import ToldError, did_you_mean
from sodeval.outputs.json_fields import Fields, text
from sodeval.printable import printable
from sodeval.protocol import PRESETS

from ..conventions import UNSTATED, sodeval_convention
from ..published import LeftOut, value_of
from .plain_yaml import read_plain
from .tasks import tasks

NOTES = re.compile(r"sodeval \S+, protocol (?P<protocol>.+), masks (?P<masks>[0-9a-f]{8,64})")
"""As `bdstr.scored.entries` writes them, where it knows the masks."""
LONGEST = 300
"""Characters of notes and reasons: more than a reader of a table takes in."""
FIELDS = {
    "": {"dataset", "value", "verifyToken", "date", "source", "evaluation_framework", "notes"},
    "dataset": {"id", "task_id", "revision", "config", "split"},
    "source": {"url", "name", "user", "org"},
}
"""What the Hub's format has, at the top of an entry and in its two objects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A score that the owners of a model give it.

    Args:
        benchmark: as sodeval calls it.
        measure: as sodeval calls it.
        printed: what the repository calls both.
        value: 0 to 1.
        convention: sodeval's, where protocol and masks are told, else `UNSTATED`.
        note: of the owners.
        place: the file.
    """

    benchmark: str
    measure: str
    printed: str
    value: float
    convention: str
    note: str
    place: str


Read = tuple[list[Claim], list[LeftOut]]
Check = Callable[[Any, str], Claim]


def claims_of_results(data: bytes, place: str) -> Read:
    """What a file of ``.eval_results`` claims; an entry that is wrong is left out and told.

    Args:
        data: of the file.
        place: of the file, in the repository.
    """
    return _claims(lambda: _list(read_plain(_decoded(data))), _of_result, place)


def claims_of_card(data: bytes, place: str) -> Read:
    """What the ``model-index`` of a card claims; it names no protocol, so each claim is `UNSTATED`.

    Args:
        data: of the card.
        place: of the card, in the repository.
    """
    return _claims(lambda: list(_of_index(_decoded(data))), _of_metric, place)


def _claims(items: Callable[[], list[Any]], check: Check, place: str) -> Read:
    found: dict[tuple[str, str], Claim] = {}
    left_out = []
    try:
        numbered = list(enumerate(items(), 1))
    except ToldError as error:
        return [], [LeftOut(place, _short(error))]
    for number, item in numbered:
        try:
            claim = check(item, place)
            key = claim.benchmark, claim.measure
            if key in found:
                raise BoardError(f"{' '.join(key)} stands further up, too; expected it once")
            found[key] = claim
        except ToldError as error:
            left_out.append(LeftOut(f"{place}, entry {number}", _short(error)))
    return list(found.values()), left_out


def _of_result(item: Any, place: str) -> Claim:
    at = Fields(item, "it")
    _refuse_unknown(at, "")
    dataset = at.inner("dataset")
    _refuse_unknown(dataset, "dataset")
    if at.values.get("source") is not None:
        _refuse_unknown(at.inner("source"), "source")
    dataset.get("id", text)
    note = _note(at.values.get("notes"))
    return _claim(dataset.get("task_id", text), at.get("value", text), convention_of(note), note, place)


def _of_metric(item: Any, place: str) -> Claim:
    dataset, metric = Fields(item[0], "dataset"), Fields(item[1], "metric")
    benchmark = find_benchmark(dataset.get("name", text)) or find_benchmark(dataset.get("type", text))
    if benchmark is None:
        raise BoardError(f"dataset {dataset.values['name']!r}: no benchmark that sodeval knows")
    task = task_id(benchmark.name, metric.get("name" if "name" in metric.values else "type", text))
    return _claim(task, metric.get("value", text), UNSTATED, "", place)


def _claim(task: str, value: str, convention: str, note: str, place: str) -> Claim:
    if task not in tasks():
        raise BoardError(
            f"task {task!r}: no benchmark and measure of the board{did_you_mean(task, _near(task))}"
        )
    benchmark, measure = tasks()[task]
    return Claim(
        benchmark=benchmark,
        measure=measure,
        printed=task,
        value=value_of(value),
        convention=convention,
        note=note,
        place=place,
    )


def _near(task: str) -> Iterable[str]:
    """Of the benchmark that is meant; else a task a benchmark, as all would be too many to read."""
    own = [name for name in tasks() if name.split("_")[0] == task.split("_")[0]]
    return own or [name for name in tasks() if name.endswith("_mae")]


def convention_of(note: str) -> str:
    """That of figures whose notes name a protocol of sodeval, to the letter, and the masks.

    Example:
        >>> convention_of("sodeval 0.1.0, protocol pysodmetrics, masks 3620aec0fe9c8011")
        'sodeval pysodmetrics, masks 3620aec0'
        >>> convention_of("sodeval 0.1.0, protocol pysodmetrics with f_beta2, masks 3620aec0fe9c8011")
        'unstated'
    """
    match = NOTES.fullmatch(note)
    if match is None or match["protocol"] not in PRESETS:
        return UNSTATED
    return sodeval_convention(match["protocol"], match["masks"])


def _of_index(card: str) -> Iterable[tuple[Any, Any]]:
    """Each metric with its dataset."""
    match = re.match(r"---[ \t]*\r?\n(.*?\n)---[ \t]*(?:\r?\n|$)", card, re.DOTALL)
    data = read_plain(match[1]) if match else None
    models = data.get("model-index") if isinstance(data, dict) else None
    for model in _list([] if models is None else models):
        for result in _list(Fields(model, "model-index").values.get("results", [])):
            at = Fields(result, "model-index: results")
            for metric in _list(at.values.get("metrics", [])):
                yield at.values.get("dataset"), metric


def _refuse_unknown(at: Fields, where: str) -> None:
    for name in at.values.keys() - FIELDS[where]:
        raise BoardError(f"unknown field {name!r}; expected some of {', '.join(sorted(FIELDS[where]))}")


def _note(value: Any) -> str:
    note = "" if value is None else text(value)
    if len(note) > LONGEST:
        raise BoardError(f"notes: found {len(note):,} characters; expected at most {LONGEST}")
    return " ".join(printable(note).split())


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise BoardError(f"found {_short(value)}; expected a list")
    return value


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BoardError(f"no UTF-8 ({error}); expected text") from error


def _short(said: object) -> str:
    whole = printable(str(said))
    return whole if len(whole) <= LONGEST else f"{whole[:LONGEST]} …"
