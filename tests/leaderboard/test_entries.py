"""Entries: a file gives back what was written, and one that does not hold is refused with its reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bdstr_leaderboard.entry import Entry, entry_to_json, read_entry
from bdstr_leaderboard.figure import Method
from bdstr_leaderboard.proof import faults
from sodeval.errors import ToldError
from sodeval.measures import STANDARD

EntryOf = Callable[..., Entry]


def test_an_entry_reads_back_to_seven_decimals_and_still_holds(entry_of: EntryOf, tmp_path: Path) -> None:
    entry = entry_of(variant="of two", year=2026, parameters=3, paper="https://example.org")
    file = tmp_path / "entry.json"
    file.write_text(entry_to_json(entry), "utf-8")
    again = read_entry(file)
    assert replace(again, values={}, curves={}) == replace(entry, values={}, curves={})
    for name, values in (entry.values | entry.curves).items():
        np.testing.assert_allclose((again.values | again.curves)[name], values, atol=5e-8)
    assert not list(faults(again))
    assert entry_to_json(again) == entry_to_json(entry)


def test_every_figure_of_an_entry_says_where_it_comes_from(entry_of: EntryOf) -> None:
    figures = {figure.measure: figure for figure in entry_of().figures()}
    assert list(figures) == list(STANDARD)
    assert {figure.origin for figure in figures.values()} == {"measured"}
    assert figures["MAE"].column.convention.startswith("sodeval pysodmetrics, masks ")
    assert figures["MAE"].note == "the masks are no copy that we know"
    assert {name for name, figure in figures.items() if figure.interval is None} == {"maxF_pr", "meanF_pr"}
    for figure in figures.values():
        assert not figure.interval or figure.interval.low < figure.value < figure.interval.high


@pytest.mark.parametrize("measure", list(STANDARD))
@pytest.mark.parametrize("shift", [-0.001, 0.001])
def test_no_score_can_be_other_than_its_proof(measure: str, shift: float, entry_of: EntryOf) -> None:
    entry = entry_of()
    scores = dict(entry.scores) | {measure: entry.scores[measure] + shift}
    found = list(faults(replace(entry, scores=scores)))
    assert found
    assert all(fault.startswith(f"{measure}: ") for fault in found)
    assert "submit the report again" in found[0]


def without(values: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != name}


SPOILT: dict[str, tuple[Callable[[dict[str, Any]], dict[str, Any]], str]] = {
    "newer": (lambda e: e | {"schema": 2}, "schema: found 2; expected 1: it was written by a newer bdstr"),
    "no scores": (lambda e: without(e, "scores"), "scores: found nothing"),
    "a text for a score": (lambda e: e | {"scores": {"MAE": "0.1"}}, 'MAE: found "0.1"; expected a number'),
    "an unknown measure": (lambda e: e | {"scores": {"maxG": 0.1}}, "unknown measure 'maxG'"),
    "a text among values": (
        lambda e: e | {"values": e["values"] | {"MAE": ["x"]}},
        'MAE: found ["x"]; expected a number',
    ),
    "no list of values": (lambda e: e | {"values": {"MAE": 0.1}}, "MAE: found 0.1; expected a list"),
    "an unknown supervision": (
        lambda e: e | {"method": e["method"] | {"supervision": "fully"}},
        "supervision: found 'fully'; expected one of full, scribble",
    ),
    "no name": (lambda e: e | {"method": without(e["method"], "name")}, "name: found nothing"),
    "an unknown field": (
        lambda e: e | {"licence": "MIT"},
        "licence: found this field; expected none of that name: it was written by a newer bdstr",
    ),
    "an unknown field of the method": (
        lambda e: e | {"method": e["method"] | {"depth": 50}},
        "method: depth: found this field; expected none",
    ),
    "an unknown field of the run": (
        lambda e: e | {"run": e["run"] | {"gpu": "H100"}},
        "run: gpu: found this field; expected none",
    ),
    "an unknown curve": (
        lambda e: e | {"curves": e["curves"] | {"IoU": [0.5]}},
        "curves: IoU: found this field; expected none",
    ),
    "a list": (lambda e: [e], "expected an object"),  # type: ignore[dict-item, return-value]
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_file_that_is_none_is_refused_with_its_reason(name: str, entry_of: EntryOf, tmp_path: Path) -> None:
    spoil, reason = SPOILT[name]
    file = tmp_path / "entry.json"
    file.write_text(json.dumps(spoil(json.loads(entry_to_json(entry_of())))), "utf-8")
    with pytest.raises(ToldError) as refused:
        read_entry(file)
    assert reason in str(refused.value)
    assert str(refused.value).startswith("entry.json: ") or name == "an unknown measure"


@pytest.mark.parametrize("content", [b"", b'{"schema": 1', b"\xff", b"[NaN]", b"null"])
def test_a_broken_file_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "entry.json").write_bytes(content)
    with pytest.raises(ToldError, match=r"entry\.json"):
        read_entry(tmp_path / "entry.json")


def half(entry: Entry) -> Entry:
    keys = entry.keys[: len(entry.keys) // 2]
    values = {name: each[: len(keys)] for name, each in entry.values.items()}
    return replace(entry, keys=keys, values=values)


def said_of(**changes: str) -> Callable[[Entry], Entry]:
    return lambda entry: replace(entry, method=replace(entry.method, **changes))


def run_as(**changes: str) -> Callable[[Entry], Entry]:
    return lambda entry: replace(entry, run=replace(entry.run, **changes))


UNSOUND: dict[str, tuple[Callable[[Entry], Entry], str]] = {
    "half the images": (half, "keys: found 150 images; SOD has 300: score all of it"),
    "another protocol": (
        lambda e: replace(e, protocol="psod"),
        "protocol: found 'psod'; expected pysodmetrics",
    ),
    "an unknown benchmark": (lambda e: replace(e, benchmark="Mine"), "benchmark: found 'Mine'"),
    "another name of a benchmark": (lambda e: replace(e, benchmark="sod"), "benchmark: found 'sod'"),
    "masks said to be known": (
        lambda e: replace(e, gt_known=True),
        "gt_known: found true; the fingerprint says",
    ),
    "a name twice": (lambda e: replace(e, keys=("a", *e.keys[:-1])), "keys: expected names in order"),
    "a score out of range": (lambda e: replace(e, scores={"MAE": 1.5}), "MAE: found 1.5; expected 0 to 1"),
    "a value out of range": (
        lambda e: replace(e, values={"MAE": e.values["MAE"] + 1}),
        "expected 0 to 1",
    ),
    "a value too few": (
        lambda e: replace(e, values={"S": e.values["S"][1:]}),
        "S: found 299 values; expected 300",
    ),
    "no curves": (lambda e: replace(e, curves={}), "curves: precision: found 0 values; expected 256"),
    "a score without proof": (
        lambda e: replace(e, values=without(dict(e.values), "wF")),
        "without what it follows from",
    ),
    "values without a score": (
        lambda e: replace(e, scores=without(dict(e.scores), "wF")),
        "wF: the mean of its values is",
    ),
    "a name of spaces": (said_of(name="  "), "name: found nothing; expected the method's name"),
    "a name that turns": (said_of(name="ten\u202eNIM"), "name: found U+202E, which is no letter"),
    "a name over two lines": (said_of(variant="a\nb"), "variant: found U+000A, which is no letter"),
    "half a letter": (said_of(venue="\ud800"), "venue: found U+D800, which is no letter"),
    "a name that is too long": (
        said_of(name="x" * 100, variant="y" * 40),
        "name: found 143 letters, with the variant; expected 120 at most: shorten 'xxx",
    ),
    "nobody": (run_as(by=" "), "by: found nothing; expected who ran sodeval"),
    "somebody who hides": (run_as(by="A\u200bB"), "by: found U+200B, which is no letter"),
    "yesterday": (run_as(date="yesterday"), "date: found 'yesterday'; expected the day of the run, such as"),
    "a day of no calendar": (run_as(date="20261125"), "date: found '20261125'; expected the day"),
    "no fingerprint": (lambda e: replace(e, gt_fingerprint="?"), "gt_fingerprint: found '?'; expected hex"),
    "an address that acts": (
        lambda e: replace(e, method=Method(name="a", supervision="full", code="javascript:alert(1)")),
        "code: found 'javascript:alert(1)'; expected an address that begins with https://",
    ),
}


@pytest.mark.parametrize("name", UNSOUND)
def test_an_entry_that_does_not_hold_says_why(name: str, entry_of: EntryOf) -> None:
    spoil, reason = UNSOUND[name]
    assert reason in next(faults(spoil(entry_of())))
