r"""A table as LaTeX."""

from __future__ import annotations

from sodeval.outputs.latex import ARROWS, MARKS, PREAMBLE, escape
from sodeval.printable import printable

from ..conventions import SODEVAL, SUPERVISIONS, measure_of
from .bibliography import cited, key_of, keys_of
from .choice import family_of
from .layout import NOTHING, Block, Cell, Row, Table
from .notes import SECOND_HAND, SPREAD, SUSPECT, TIED, UNVERIFIED, Note, notes
from .parts import parts
from .text import daggers

_DAGGERS = {
    "": "",
    TIED: "$=$",
    SUSPECT: r"\textsuperscript{$\dagger$}",
    SPREAD: r"\textsuperscript{$\ddagger$}",
    SECOND_HAND: r"\textsuperscript{$\mathsection$}",
}
_SHRUNK = r"% \usepackage{graphicx}, too: a table wider than the text is shrunk to it." + "\n"
_CITED = (
    r"% Cited are the sources of the figures: \bibliography{...} of the file of --bib, and \usepackage{xurl},"
    + "\n% which breaks long addresses anywhere; {url} does where that is not there.\n"
)
_UNCITED = "% The sources of the figures are cited with --bib FILE.\n"


def to_latex(table: Table, cite: bool = False) -> str:
    r"""One ``table*`` (booktabs, graphicx, xcolor), a block a supervision, benchmarks side by side.

    Of what was measured, benchmarks stand below each other: hardly a method is on two of them. What is wider
    than the text is shrunk to it.

    The best three of a column are red, blue and green, as is usual in the field, and also bold, underlined
    and italic, for those who cannot tell red from green.

    Args:
        table: what is printed.
        cite: whether each method cites the sources of its figures, which `bibliography.to_bibtex` lists.
    """
    citations = _citations(table, cite)
    tabulars = [_tabular(part, citations) for part in latex_parts(table)]
    lines = [
        r"\begin{table*}[t]",
        r"  \centering\footnotesize\setlength{\tabcolsep}{3pt}",
        rf"  \caption{{{_caption(table)}}}",
        r"  \label{tab:sod-leaderboard}",
        "\n  \\par\\medskip\n".join(tabulars),
        *(rf"  \par\smallskip\raggedright {_note(note)}" for note in notes(table)),
        rf"  \par\smallskip\raggedright {escape(UNVERIFIED)}",
        r"\end{table*}",
    ]
    return PREAMBLE + _SHRUNK + (_CITED if cite else _UNCITED) + "\n".join(lines) + "\n"


def latex_parts(table: Table) -> tuple[Table, ...]:
    """What stands below each other: of what was measured, the benchmarks; else all at once."""
    measured = family_of(table.columns[0]) == SODEVAL
    return parts(table, lambda column: (column.benchmark, column.unknown_masks)) if measured else (table,)


def _tabular(table: Table, citations: dict[str, str]) -> str:
    width = 3 + len(table.columns)
    lines = [
        r"  \resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
        rf"  \begin{{tabular}}{{lrl*{{{len(table.columns)}}}{{c}}}}",
        r"    \toprule",
        *_head(table),
        *(line for block in table.blocks for line in _block(block, width, citations)),
        r"    \bottomrule",
        r"  \end{tabular}}",
    ]
    return "\n".join(lines)


def _caption(table: Table) -> str:
    marked = " Best three of each column: red, blue, green." if table.marked else ""
    return f"Salient object detection.{marked}"


def _head(table: Table) -> list[str]:
    spans, rules, at = [], [], 4
    for name, width in table.benchmarks:
        spans.append(rf"\multicolumn{{{width}}}{{c}}{{{escape(name)}}}")
        rules.append(rf"\cmidrule(lr){{{at}-{at + width - 1}}}")
        at += width
    heads = map(_measure, (column.measure for column in table.columns), table.tells_apart)
    return [
        rf"    & & & {' & '.join(spans)} \\",
        f"    {''.join(rules)}",
        rf"    Method & Year & Backbone & {' & '.join(heads)} \\",
    ]


def _measure(name: str, apart: str) -> str:
    measure = measure_of(name)
    return f"${measure.latex}{ARROWS[measure.better]}$" + (f" {escape(printable(apart))}" if apart else "")


def _block(block: Block, width: int, citations: dict[str, str]) -> list[str]:
    what = escape(f"{block.supervision}: {SUPERVISIONS[block.supervision]}")
    head = rf"    \multicolumn{{{width}}}{{l}}{{\textit{{{what}}}}} \\"
    return [r"    \midrule", head, *(_row(row, citations.get(row.method.title, "")) for row in block.rows)]


def _row(row: Row, citation: str) -> str:
    method = row.method
    names = [
        escape(printable(method.title)) + citation,
        str(method.year or ""),
        escape(printable(method.backbone)),
    ]
    return rf"    {' & '.join([*names, *map(_cell, row.cells)])} \\"


def _citations(table: Table, cite: bool) -> dict[str, str]:
    """By title of a method; empty where nothing is cited."""
    keys = keys_of(table) if cite else {}
    found = {row.method.title: [key_of(source, keys) for source in cited(row)] for row in table.rows if cite}
    return {title: rf"~\cite{{{','.join(each)}}}" for title, each in found.items() if each}


def _cell(cell: Cell) -> str:
    if cell.text == NOTHING:
        return "--"
    return (
        _DAGGERS[TIED * cell.tied]
        + MARKS[cell.mark].format(cell.text)
        + "".join(_DAGGERS[mark] for mark in daggers(cell))
    )


def _note(note: Note) -> str:
    return f"{_DAGGERS[note.mark]} {escape(printable(note.text))}".strip()
