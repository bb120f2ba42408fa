"""Tables: the right marks, every incomplete method said, every name harmless."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.cells import cell_len

from sodeval.measures import STANDARD
from sodeval.outputs.layout import lay_out, marks
from sodeval.outputs.tables import to_csv, to_latex, to_markdown, to_pandas, to_text
from sodeval.printable import printable
from sodeval.problem import Problem
from sodeval.protocol import PSOD, Protocol
from sodeval.report import Report, Result

MakeReport = Callable[..., Report]
MakeResult = Callable[..., Result]

FORMATS = {"text": to_text, "markdown": to_markdown, "latex": to_latex}
HOSTILE = [
    "a|b",
    "<script>alert(1)</script>",
    "`x`",
    "$x$",
    "50%_a&b",
    "[x](y)",
    "*",
    "a\nb",
    "{\\x}",
    "#~^",
    "显著性",
]
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12) | st.sampled_from(HOSTILE)


def with_method(name: str) -> Report:
    scores = dict.fromkeys(STANDARD, 0.5)
    return Report(Protocol(), tuple(Result(method, "SOD", 1, 1, scores) for method in (name, "rival")), "1")


def test_ranks_of_a_hand_worked_column() -> None:
    scores = [0.910, 0.9304, 0.9296, 0.92, math.nan, 0.90]
    assert marks(scores, STANDARD["S"], 3) == [0, 1, 1, 3, 0, 0]
    assert marks(scores, STANDARD["S"], 4) == [0, 1, 2, 3, 0, 0]
    assert marks(scores, STANDARD["MAE"], 3) == [2, 0, 0, 3, 0, 1]


def test_all_that_print_alike_share_the_first_place() -> None:
    assert marks([0.1234, 0.1231, 0.1229], STANDARD["MAE"], 3) == [1, 1, 1]


@pytest.mark.parametrize("scores", [[0.5], [0.5, math.nan], []])
def test_a_score_without_rivals_is_not_marked(scores: list[float]) -> None:
    assert marks(scores, STANDARD["S"], 3) == [0] * len(scores)


@given(st.lists(st.floats(0, 1) | st.just(math.nan), max_size=8))
def test_the_first_is_never_worse_than_any_other(scores: list[float]) -> None:
    ranks = marks(scores, STANDARD["MAE"], 3)
    compared = [score for score in scores if not math.isnan(score)]
    assert (1 in ranks) == (len(compared) > 1)
    for score, rank in zip(scores, ranks, strict=True):
        if rank == 1:
            assert round(score, 3) == round(min(compared), 3)


def test_partial_and_unscored_methods_take_no_part_in_the_ranking(incomplete_report: Report) -> None:
    (table,) = lay_out(incomplete_report, decimals=3)
    marked = {row.name for row in table.rows if any(cell.mark for cell in row.cells)}
    assert marked == {"A", "B"}
    for column in zip(*(row.cells for row in table.rows), strict=True):
        assert sorted(cell.mark for cell in column) in ([0, 0, 1, 2], [0, 0, 1, 1])


@pytest.mark.parametrize("name", FORMATS)
def test_incomplete_methods_are_explained_in_every_format(name: str, incomplete_report: Report) -> None:
    text = FORMATS[name](incomplete_report).replace("{*}", "*").replace(r"\*", "*")
    assert "No score for LeftOut: 2 maps missing." in text
    assert "* Partial: Partial, 3 of 4 images; 1 map missing." in text
    row = next(line for line in text.splitlines() if "LeftOut" in line)
    assert len(re.findall("\u2013|--", row)) == len(STANDARD)
    assert re.search(
        r"Partial (\*|\\textsuperscript)", text.replace(r"\textsuperscript", r" \textsuperscript")
    )


def test_a_footnote_counts_what_was_wrong_by_kind(make_report: MakeReport, make_result: MakeResult) -> None:
    problems = [Problem("a", "missing", ""), Problem("b", "missing", ""), Problem("c", "truncated", "")]
    noted = Problem("d", "resized", "", "note")
    report = make_report(make_result(images=1, expected=4, scores={}, problems=(*problems, noted)))
    assert "No score for Ours: 3 files could not be used (2 missing, 1 truncated)." in to_text(report)


def test_a_footnote_tells_a_folder_from_its_files(make_report: MakeReport, make_result: MakeResult) -> None:
    problem = Problem("maps", "no-maps", "Permission denied; expected a folder: check the path")
    report = make_report(make_result(images=0, expected=4, scores={}, problems=(problem,)))
    assert "No score for Ours: its folder could not be used (Permission denied)." in to_text(report)


def test_a_score_that_is_not_defined_is_said(make_report: MakeReport, make_result: MakeResult) -> None:
    report = make_report(make_result(scores={"MAE": 0.1, "S": math.nan}), make_result("B"))
    assert re.search(r"^Ours +0\.1000 .* nan ", to_text(report), re.MULTILINE)
    assert "Not defined on at least one image of Ours: S." in to_text(report)


def test_the_text_table_has_the_field_s_four_decimals_in_aligned_columns(
    make_report: MakeReport, make_result: MakeResult
) -> None:
    scores = dict.fromkeys(STANDARD, 0.06567)
    text = to_text(make_report(make_result("显著性", scores=scores), make_result("A", scores=scores)))
    head, rule, *rows = text.split("\n\n")[0].splitlines()
    assert head.split()[:4] == ["ECSSD", "(4)", "MAE↓", "maxF↑"]
    assert [row.split()[1] for row in rows] == ["0.0657", "0.0657"]
    assert len({cell_len(line) for line in (head, rule, *rows)}) == 1


def test_columns_come_in_the_standard_order_then_those_on_request(
    make_report: MakeReport, make_result: MakeResult
) -> None:
    scores = {"maxIoU": 0.5, "adpBER": 0.1, **dict.fromkeys(reversed(STANDARD), 0.5)}
    report = make_report(make_result(scores=scores))
    assert list(to_pandas(report).columns[5:]) == [*STANDARD, "maxIoU", "adpBER"]
    assert "| maxIoU ↑ | adpBER ↓ |" in to_markdown(report)


def test_a_report_without_any_score_still_shows_the_standard_columns(
    make_report: MakeReport, make_result: MakeResult
) -> None:
    report = make_report(make_result(images=0, expected=4, scores={}, problems=(), per_image=None))
    assert list(to_pandas(report).columns[5:]) == list(STANDARD)
    assert "No score for Ours: 0 of 4 maps were scored." in to_text(report)


@pytest.mark.parametrize("name", [*FORMATS, "csv"])
def test_an_empty_report_is_a_table_without_rows(name: str) -> None:
    empty = Report(Protocol(), (), "1")
    assert (FORMATS | {"csv": to_csv})[name](empty).endswith("\n")
    assert to_pandas(empty).shape == (0, 5 + len(STANDARD))


def test_each_benchmark_is_a_block_of_its_own(make_report: MakeReport, make_result: MakeResult) -> None:
    report = make_report(make_result(benchmark="ECSSD"), make_result(benchmark="SOD"))
    assert re.findall("^### (.+)$", to_markdown(report), re.MULTILINE) == [
        "ECSSD (4 images)",
        "SOD (4 images)",
    ]
    assert [block.split()[0] for block in to_text(report).split("\n\n")[:2]] == ["ECSSD", "SOD"]
    assert to_latex(report).count(r"\multicolumn{12}{l}") == 2


@pytest.mark.parametrize("name", FORMATS)
def test_the_conventions_are_said(name: str, make_report: MakeReport) -> None:
    assert "sodeval 1.2.3, protocol pysodmetrics" in FORMATS[name](make_report())


def test_a_protocol_that_borrows_the_name_of_a_preset_is_told_apart(make_report: MakeReport) -> None:
    changed = make_report(protocol=PSOD.but(scaling="none", f_beta2=1.0))
    assert to_text(changed).endswith("protocol psod but scaling none, f_beta2 1.0\n")


def test_the_best_three_are_marked_the_field_s_way(make_report: MakeReport, make_result: MakeResult) -> None:
    report = make_report(
        *(
            make_result(name, scores={"MAE": mae})
            for name, mae in [("a", 0.4), ("b", 0.1), ("c", 0.3), ("d", 0.2)]
        )
    )
    assert re.findall(r"^\| (\w) \| (.+) \|$", to_markdown(report), re.MULTILINE) == [
        ("a", "0.400"),
        ("b", "**0.100**"),
        ("c", "*0.300*"),
        ("d", "<u>0.200</u>"),
    ]
    for row in (
        r"b & \sodfirst{0.100} \\",
        r"d & \sodsecond{0.200} \\",
        r"c & \sodthird{0.300} \\",
        r"a & 0.400 \\",
    ):
        assert f"    {row}\n" in to_latex(report)


@given(NAMES)
@example("_")
@example("- a")
@example("\\")
def test_markdown_shows_every_name_as_it_is(name: str) -> None:
    tokens = MarkdownIt().enable("table").parse(to_markdown(with_method(name)))
    inline = [token for token in tokens if token.type == "inline"]
    rows = [at for at, token in enumerate(tokens) if token.type == "tr_open"]
    cells = [token for token in tokens[rows[1] : rows[2]] if token.type == "inline"]
    assert "".join(child.content for child in cells[0].children or []).strip() == printable(name).strip()
    assert len(cells) == 1 + len(STANDARD)
    html = {
        child.content for token in inline for child in token.children or [] if child.type == "html_inline"
    }
    assert html <= {"<u>", "</u>"}
    assert not any(token.type == "html_block" for token in tokens)


@given(NAMES)
@example("[x]")
@example("é̂")
def test_latex_keeps_its_shape_whatever_the_names(name: str) -> None:
    text = to_latex(with_method(name))
    body = text[text.index(r"\midrule") : text.index(r"\bottomrule")]
    row = next(line for line in body.splitlines() if "0.500" in line)
    bare = re.sub(r"\\[\\{}&%$#_]", "", row)
    assert row.endswith(r"\\")
    assert not row.lstrip().startswith(("[", "*"))
    assert bare.count("&") == len(STANDARD)
    assert bare.count("{") == bare.count("}")
    assert not set("%$#~^") & set(bare)
    assert set(re.findall(r"\\([a-zA-Z]+)", bare)) <= {
        "sodfirst", "sodletter", "textasciicircum", "textasciitilde", "textbackslash", "textbar",
        "textgreater", "textless",
    }  # fmt: skip


def test_latex_sets_letters_that_pdflatex_lacks_by_their_number() -> None:
    assert r"\sodletter{663E}{显}" in to_latex(with_method("显"))
    assert "\n    Ämulet & " in to_latex(with_method("A\u0308mulet"))  # written as two characters


@given(NAMES, st.floats(0, 1))
def test_csv_reads_back_exactly(name: str, score: float) -> None:
    report = Report(Protocol(), (Result(name, name, 3, 4, {"MAE": score}),), "1")
    ((benchmark, method, *rest),) = list(csv.reader(io.StringIO(to_csv(report), newline="")))[1:]
    assert (benchmark, method, rest[:3]) == (name, name, ["3", "4", "True"])
    assert float(rest[3]) == score


def test_csv_and_pandas_hold_full_precision_and_say_what_is_partial(incomplete_report: Report) -> None:
    frame = incomplete_report.to_pandas()
    assert frame["partial"].tolist() == [False, False, True, True]
    assert frame.loc[0, "S"] == incomplete_report.results[0].scores["S"]
    assert frame.loc[2, list(STANDARD)].isna().all()
    again = pd.read_csv(io.StringIO(to_csv(incomplete_report)))
    pd.testing.assert_frame_equal(again, frame, rtol=1e-15, check_dtype=False)


def test_the_methods_of_a_report_are_these_functions(incomplete_report: Report) -> None:
    assert incomplete_report.to_markdown() == to_markdown(incomplete_report)
    assert incomplete_report.to_latex() == to_latex(incomplete_report)


def test_nothing_that_a_terminal_would_act_on_is_printed() -> None:
    text = to_text(with_method("\x1b[2J\u202eevil\r\n"))
    assert not any(char in text for char in "\x1b\u202e\r")
