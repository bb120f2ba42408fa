"""docs/performance.md, and the few lines of README's "Speed", as text made from the groups of figures."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill

from benchmarks.figures import Figure
from benchmarks.group import Group
from benchmarks.table import HEAD, line, markdown

TITLES: Mapping[str, str] = {
    "sodeval": "sodeval",
    "dataset": "Making and reading a dataset",
    "generation-gpu": "The large models on a GPU",
    "model": "DEDecoder",
    "model-gpu": "DEDecoder on a GPU",
}
"""Group -> its heading, in the order of the page."""
IN_README = (
    "ECSSD: one method beside PySODMetrics + OpenCV",
    "ECSSD: eight methods on one mask beside PySODMetrics + OpenCV",
    "ECSSD: one method beside only reading with OpenCV",
    "1024²: one method beside PySODMetrics + OpenCV",
    "ECSSD: peak memory of a process beside PySODMetrics + OpenCV",
)
"""Names of figures."""
BEGIN, END = "<!-- by benchmarks.performance -->", "<!-- end -->"
COLUMNS = HEAD.splitlines()[0].count("|") - 1


def page(groups: Mapping[str, Group]) -> str:
    """What docs/performance.md holds."""
    parts = [
        "# Performance",
        _filled(
            "Each figure stands beside what people use now for the same, measured in one run on one",
            "machine. A ratio with ↑ tells how many times as fast, or as small, it is; one with ↓ how many",
            "times as much it costs, as where something is added to what stands beside it. What is asked,",
            "and aimed at, is what we ask of ourselves: of the ratio, or of the value where a unit says so.",
            "Not every line meets it.",
        ),
        "![Every ratio on a logarithmic axis, with a mark at what is asked](images/performance.svg)",
        _table(groups),
        "## Taken on",
        "\n".join(_taken(name, groups.get(name)) for name in TITLES),
        "## Again",
        _filled(
            "`make bench` measures all of it anew and writes this page; `python -m benchmarks.sodeval_speed`",
            "(or `bdstr_speed`, `generation_gpu`, `model_speed`) renews its own part of `figures.json`, and",
            "`python -m benchmarks.performance --page` the page. Nothing else should compute meanwhile.",
        ),
        _filled(
            "CI runs a short form, `python -m benchmarks.guard`: a few of the ratios, and some that only it",
            "takes. It fails where one is worse by more than 25 % than in `benchmarks/baselines.json`.",
            "`python -m benchmarks.guard --renew` writes that file.",
        ),
    ]
    return "\n\n".join(parts) + "\n"


def with_speed(readme: str, groups: Mapping[str, Group]) -> str:
    """README with the table between its marks renewed."""
    before, _, rest = readme.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n\n{speed(groups)}\n\n{END}{after}"


def speed(groups: Mapping[str, Group]) -> str:
    """README's table and what it was taken on."""
    found = {figure.name: figure for figure in groups["sodeval"].figures} if "sodeval" in groups else {}
    chosen = [found.get(name, _missing(name)) for name in IN_README]
    return "\n\n".join([markdown(chosen), _taken("sodeval", groups.get("sodeval")).removeprefix("- ")])


def _missing(name: str) -> Figure:
    what, _, beside = name.partition(" beside ")
    return Figure(what, "", beside)


def _table(groups: Mapping[str, Group]) -> str:
    lines = [HEAD]
    for name, title in TITLES.items():
        lines.append(f"| **{title}** {'| ' * COLUMNS}".rstrip())
        lines += [line(figure) for figure in groups[name].figures] if name in groups else [_nothing()]
    return "\n".join(lines)


def _nothing() -> str:
    return line(Figure("all of it", ""))


def _taken(name: str, group: Group | None) -> str:
    if group is None:
        return f"- {TITLES[name]}: not measured yet."
    if not group.run:
        return f"- {TITLES[name]}: not run; tried on {group.machine}, {group.date}."
    versions = ", ".join(f"{package} {version}" for package, version in group.versions.items())
    form = "; the short form, which is less exact" if group.short else ""
    return f"- {TITLES[name]}: {group.machine}, {group.cores} cores, {versions}, {group.date}{form}."


def _filled(*sentences: str) -> str:
    return fill(" ".join(sentences), 110, break_long_words=False, break_on_hyphens=False)
