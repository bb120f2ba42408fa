"""Curves as SVG: the right points, told apart, the same bytes, nothing global touched."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes

from sodeval.outputs.legend import Legend, fit_legend, wrapped
from sodeval.outputs.plots import FILES, PR, E, F, Plot, draw, plot_svg, styled
from sodeval.protocol import PSOD
from sodeval.report import Report, Result

MakeReport = Callable[..., Report]
MakeResult = Callable[..., Result]


def panels_of(report: Report, plot: Plot) -> list[Axes]:
    return [panel for panel in draw(report, plot).axes if panel.axison]


def legend_of(report: Report) -> list[str]:
    return [text.get_text() for legend in draw(report, PR).legends for text in legend.get_texts()]


@pytest.mark.parametrize("name", FILES)
def test_equal_reports_give_equal_bytes_of_valid_svg_without_a_date(
    name: str, make_report: MakeReport
) -> None:
    first, second = (plot_svg(make_report(), FILES[name]) for _ in range(2))
    assert first == second
    assert ET.fromstring(first).tag == "{http://www.w3.org/2000/svg}svg"
    assert "<dc:date>" not in first
    assert f"<dc:title>{FILES[name].title}</dc:title>" in first


def test_precision_is_drawn_against_recall(make_report: MakeReport, make_result: MakeResult) -> None:
    result = make_result()
    (panel,) = panels_of(make_report(result), PR)
    (line,) = panel.lines
    np.testing.assert_array_equal(line.get_xdata(), result.curves["recall"])
    np.testing.assert_array_equal(line.get_ydata(), result.curves["precision"])
    assert (panel.get_xlabel(), panel.get_ylabel()) == ("Recall", "Precision")


@pytest.mark.parametrize("plot", [F, E])
def test_the_first_point_of_a_curve_stands_at_the_highest_threshold(
    plot: Plot, make_report: MakeReport, make_result: MakeResult
) -> None:
    result = make_result()
    (line,) = panels_of(make_report(result), plot)[0].lines
    np.testing.assert_array_equal(line.get_xdata(), np.arange(255, -1, -1))
    np.testing.assert_array_equal(line.get_ydata(), result.curves[plot.y])


def test_other_numbers_of_thresholds_are_spread_over_the_same_axis(
    make_report: MakeReport, make_result: MakeResult
) -> None:
    curves = {name: np.linspace(0, 1, 255) for name in ("precision", "recall", "F", "E")}
    (line,) = panels_of(make_report(make_result(curves=curves), protocol=PSOD), F)[0].lines
    assert len(line.get_xdata()) == 255
    assert line.get_xdata()[0] == pytest.approx(255)
    assert line.get_xdata()[-1] == 0


def test_a_method_looks_the_same_in_every_panel(make_report: MakeReport, make_result: MakeResult) -> None:
    report = make_report(make_result("A", "ECSSD"), make_result("B", "ECSSD"), make_result("B", "SOD"))
    ecssd, sod = panels_of(report, PR)
    assert (ecssd.get_title("left"), sod.get_title("left")) == ("ECSSD", "SOD")
    assert ecssd.lines[1].get_color() == sod.lines[0].get_color() != ecssd.lines[0].get_color()
    assert legend_of(report) == ["A", "B"]


def test_twelve_methods_can_be_told_apart(make_report: MakeReport, make_result: MakeResult) -> None:
    lines = panels_of(make_report(*(make_result(f"M{i}") for i in range(12))), PR)[0].lines
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == 12


def test_a_method_without_a_score_is_not_drawn_and_a_partial_one_is_said(incomplete_report: Report) -> None:
    (panel,) = panels_of(incomplete_report, PR)
    assert len(panel.lines) == 3
    assert panel.get_title("left") == "ECSSD\n* Partial: 3 of 4 images"
    assert legend_of(incomplete_report) == ["A", "B", "Partial"]


@pytest.mark.parametrize("name", ["_hidden", "$x$", "<script>", "显著性", "a\nb", "\\frac{"])
def test_a_name_is_drawn_literally(name: str, make_report: MakeReport, make_result: MakeResult) -> None:
    report = make_report(make_result(name, benchmark=name))
    assert legend_of(report) == [name.replace("\n", " ")]
    assert "<script" not in plot_svg(report, PR)


LONG = ("BASNet-CVPR2019-epoch120-resnet50", "PoolNet-edge-TPAMI2021-rn50", "EGNet-ICCV2019-resnet50-final")


def test_short_names_stand_side_by_side_and_long_ones_below_each_other() -> None:
    with styled():
        assert fit_legend(("BASNet", "DSS", "Amulet", "EGNet", "U2Net"), 244.0, most=3).columns == 3
        assert fit_legend(LONG, 244.0, most=3) == Legend(LONG, 1)
        assert fit_legend(LONG, 734.0, most=9).columns == 3


@pytest.mark.parametrize("names", [LONG, ("xm" * 60, "DSS"), tuple(f"Method number {i}" for i in range(7))])
def test_nothing_of_the_legend_or_of_a_title_is_cut(
    names: tuple[str, ...], make_report: MakeReport, make_result: MakeResult
) -> None:
    with styled():
        figure = draw(make_report(*(make_result(name, expected=9) for name in names)), PR)
        figure.draw_without_rendering()  # lays it out
        legend, title = figure.legends[0], figure.axes[0]._left_title
        boxes = [text.get_window_extent() for text in (*legend.get_texts(), title)]
    assert [text.get_text().replace("\n", "") for text in legend.get_texts()] == list(names)
    assert min(box.x0 for box in boxes) >= 0
    assert max(box.x1 for box in boxes) <= figure.bbox.x1
    assert min(box.y0 for box in boxes) >= 0


def test_lines_break_at_a_space_that_is_near() -> None:
    with styled():
        assert wrapped("* a-long-name: 4 of 5", 70.0, "axes.titlesize") == "* a-long-name:\n4 of 5"
        assert wrapped("* " + "x" * 30, 70.0).startswith("* xxx")


def test_a_report_without_curves_says_so(make_report: MakeReport, make_result: MakeResult) -> None:
    report = make_report(make_result(curves=None))
    assert panels_of(report, F)[0].get_title("left") == "ECSSD: no curves"
    assert plot_svg(replace(report, results=()), F).endswith("</svg>\n")


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_flat_curves_leave_room_on_the_axis(
    level: float, make_report: MakeReport, make_result: MakeResult
) -> None:
    curves = {name: np.full(256, level) for name in ("precision", "recall", "F", "E")}
    low, high = panels_of(make_report(make_result(curves=curves)), F)[0].get_ylim()
    assert low <= min(level, 0.9)
    assert high == 1


def test_the_settings_of_matplotlib_stay_as_they_are(make_report: MakeReport) -> None:
    before = dict(mpl.rcParams)
    plot_svg(make_report(), PR)
    assert dict(mpl.rcParams) == before
