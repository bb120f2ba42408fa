"""``report.json``: what is written reads back, and what is wrong is refused by name."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sodeval.errors import ReportError
from sodeval.measures import STANDARD
from sodeval.outputs.report_json import report_from_json, report_to_json, to_json_text
from sodeval.problem import Problem
from sodeval.protocol import PSOD, Protocol
from sodeval.report import Report, Result

MakeReport = Callable[..., Report]
MakeResult = Callable[..., Result]
Path = tuple[str | int, ...]

NAMES = st.text(st.characters(), max_size=20)  # lone surrogates too: parts of file names that are no text
SCORES = st.dictionaries(st.sampled_from(list(STANDARD)), st.floats(allow_infinity=False))
PROBLEMS = st.tuples(NAMES, NAMES, NAMES, st.sampled_from(["error", "note"]))
RESULTS = st.fixed_dictionaries(
    {
        "method": NAMES,
        "benchmark": NAMES,
        "images": st.integers(0, 10**9),
        "expected": st.integers(0, 10**9),
        "scores": SCORES,
        "problems": st.lists(PROBLEMS, max_size=3),
        "gt_fingerprint": NAMES,
        "gt_copy": st.sampled_from(["known", "unknown"]),
    }
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


def sample() -> dict[str, Any]:
    problem = Problem("maps/0001.png", "missing", "no map")
    result = Result("Ours", "ECSSD", 3, 4, {"MAE": 0.1, "S": 0.9}, (problem,), "0f" * 32, "known")
    return report_to_json(Report(Protocol(), (result,), "1.2.3"))


def paths(value: Any, at: Path = ()) -> Iterator[Path]:
    """Where every value of the sample stands."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*at, key)
        if isinstance(inner, dict | list):
            yield from paths(inner, (*at, key))


def parent_of(data: Any, path: Path) -> Any:
    for key in path[:-1]:
        data = data[key]
    return data


WRONG: dict[type, list[Any]] = {
    str: [5, None, ["a"]],
    bool: [1, "true", None],
    int: [-1, 1.5, True, "1", None],
    float: [True, "0.1", [0.1]],
    list: [{}, "a", None],
    dict: [[], "a", None],
}
FIELDS = [path for path in paths(sample()) if isinstance(path[-1], str)]
REQUIRED = [path for path in FIELDS if "scores" not in path[:-1]]


def read(data: Any) -> Report:
    return report_from_json(json.dumps(data), "folder/report.json")


@given(NAMES, st.lists(RESULTS, max_size=3, unique_by=lambda fields: (fields["benchmark"], fields["method"])))
def test_every_report_reads_back_exactly(version: str, results: list[dict[str, Any]]) -> None:
    built = [
        Result(**fields | {"problems": tuple(Problem(*p) for p in fields["problems"])}) for fields in results
    ]
    report = Report(PSOD, tuple(built), version)
    text = to_json_text(report)
    again = report_from_json(text, "report.json")
    assert to_json_text(again) == text
    assert (again.protocol, again.sodeval) == (report.protocol, report.sodeval)
    for before, after in zip(report.results, again.results, strict=True):
        assert repr(sorted(after.scores.items())) == repr(sorted(before.scores.items()))
        assert (after.method, after.problems) == (before.method, before.problems)


def test_the_fields_are_the_documented_ones(make_report: MakeReport) -> None:
    data = make_report().to_json()
    assert list(data) == ["schema", "sodeval", "protocol", "results"]
    assert data["protocol"] == Protocol().to_json()
    assert list(data["results"][0]) == [
        "method", "benchmark", "images", "expected", "partial", "scores", "problems", "gt_fingerprint",
        "gt_copy",
    ]  # fmt: skip


def test_a_score_that_is_not_defined_is_null(make_report: MakeReport, make_result: MakeResult) -> None:
    text = to_json_text(make_report(make_result(scores={"S": math.nan, "MAE": 0.1})))
    assert json.loads(text)["results"][0]["scores"] == {"S": None, "MAE": 0.1}
    assert "NaN" not in text
    assert math.isnan(report_from_json(text, "report.json").results[0].scores["S"])


def test_an_infinite_score_is_never_written(make_report: MakeReport, make_result: MakeResult) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json_text(make_report(make_result(scores={"MAE": math.inf})))


def test_the_order_in_which_scores_were_computed_leaves_no_trace(
    make_report: MakeReport, make_result: MakeResult
) -> None:
    forwards = make_result(scores={"MAE": 0.1, "S": 0.2})
    backwards = make_result(scores={"S": 0.2, "MAE": 0.1})
    assert to_json_text(make_report(forwards)) == to_json_text(make_report(backwards))


def test_the_whole_protocol_is_read_back() -> None:
    changed = PSOD.but(s_alpha=0.25, wf_kernel_px=9, name="mine")
    assert read(report_to_json(Report(changed, (), "1"))).protocol == changed


def test_whole_numbers_will_do_for_scores_and_choices() -> None:
    data = sample()
    data["protocol"]["gt_threshold"], data["results"][0]["scores"]["MAE"] = 128, 0
    assert read(data).protocol == Protocol()
    assert read(data).results[0].scores["MAE"] == 0.0


@pytest.mark.parametrize("path", REQUIRED, ids=lambda path: ".".join(map(str, path)))
def test_a_missing_field_is_refused_by_file_and_name(path: Path) -> None:
    data = sample()
    del parent_of(data, path)[path[-1]]
    with pytest.raises(ReportError, match=rf"^folder/report\.json: .*{path[-1]}: found nothing; expected"):
        read(data)


@pytest.mark.parametrize("path", FIELDS, ids=lambda path: ".".join(map(str, path)))
def test_a_field_of_another_type_is_refused_by_file_and_name(path: Path) -> None:
    data = sample()
    at, name = parent_of(data, path), path[-1]
    for wrong in WRONG[type(at[name])]:
        at[name] = wrong
        with pytest.raises(ReportError, match=rf"^folder/report\.json: .*{name}: found .*; expected"):
            read(data)


def test_the_refusal_says_what_was_found_and_expected() -> None:
    data = sample()
    data["results"][0]["scores"]["MAE"] = "0.1"
    with pytest.raises(ReportError) as caught:
        read(data)
    assert str(caught.value) == (
        'folder/report.json: results[0]: scores: MAE: found "0.1"; '
        "expected a number, or null where it is not defined"
    )


def test_a_newer_schema_is_refused_with_the_way_out() -> None:
    with pytest.raises(
        ReportError, match=r"schema: found 2; expected at most 1: it was written by a newer sodeval"
    ):
        read(sample() | {"schema": 2})


def test_fields_of_a_later_version_are_passed_over() -> None:
    data = sample() | {"machine": "mine"}
    data["results"][0]["seconds"] = 3
    assert report_to_json(read(data)) == sample()


def test_an_unknown_choice_of_a_protocol_is_refused_since_it_changes_numbers() -> None:
    data = sample()
    data["protocol"]["blur_px"] = 3
    with pytest.raises(ReportError, match=r"report\.json: protocol: a protocol has no choice 'blur_px'"):
        read(data)


def test_an_unknown_measure_is_refused_with_the_nearest_name() -> None:
    data = sample()
    data["results"][0]["scores"]["maxf"] = 0.5
    with pytest.raises(
        ReportError, match=r"results\[0\]: scores: unknown measure 'maxf'; did you mean 'maxF'"
    ):
        read(data)


def test_a_partial_result_that_calls_itself_whole_is_refused() -> None:
    data = sample()
    data["results"][0]["partial"] = False
    with pytest.raises(ReportError, match=r"partial: found false; expected what images and expected say"):
        read(data)


def test_the_same_method_twice_on_a_benchmark_is_refused() -> None:
    data = sample()
    data["results"] *= 2
    with pytest.raises(ReportError, match="Ours on ECSSD comes twice"):
        read(data)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1, 2]", '{"schema": NaN}', "[" * 100_000, "1" * 5000, b"\xff\xfe\xff", "null", '"report"'],
    ids=["empty", "brace", "list", "nan", "deep", "long number", "no text", "null", "string"],
)
def test_what_is_no_report_is_refused_by_name(text: str | bytes) -> None:
    with pytest.raises(ReportError, match=r"^folder/report\.json: "):
        report_from_json(text, "folder/report.json")


def test_a_report_cut_anywhere_is_refused(make_report: MakeReport) -> None:
    text = to_json_text(make_report()).rstrip()
    for end in range(len(text)):
        with pytest.raises(ReportError):
            report_from_json(text[:end], "report.json")


@given(st.sampled_from(FIELDS), JSON_VALUES)
def test_any_value_in_any_field_gives_a_report_or_a_report_error(path: Path, value: Any) -> None:
    data = sample()
    parent_of(data, path)[path[-1]] = value
    try:
        again = read(data)
    except ReportError:
        return
    assert read(report_to_json(again)) is not None
