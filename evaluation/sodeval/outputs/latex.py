"""A report as a LaTeX table."""

from __future__ import annotations

import unicodedata

from ..report import Report
from .layout import NO_SCORE, Cell, Row, Table, conventions, lay_out

PREAMBLE = r"""% \usepackage{booktabs} and \usepackage{xcolor} belong in the preamble.
% Restyle the best three by defining these before the table.
\providecommand{\sodfirst}[1]{\textcolor{red}{\textbf{#1}}}
\providecommand{\sodsecond}[1]{\textcolor{blue}{\underline{#1}}}
\providecommand{\sodthird}[1]{\textcolor{green!50!black}{\textit{#1}}}
% A letter that pdfLaTeX has no font for: LuaLaTeX and XeLaTeX set it, pdfLaTeX its number.
\providecommand{\sodletter}[2]{\ifdefined\Umathcode #2\else U+#1\fi}
"""
MARKS = ("{}", r"\sodfirst{{{}}}", r"\sodsecond{{{}}}", r"\sodthird{{{}}}")
ARROWS = {"lower": r"\downarrow", "higher": r"\uparrow"}
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "[": "{[}",  # a row may begin with the name: the line break before it would take [...] for its argument
    "*": "{*}",  # and a star for its own
    "\u2013": "--",
}
_ACCENTS = "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327"
_LETTERS = "ßæøåÆØÅœŒłŁ"


def to_latex(report: Report) -> str:
    r"""One ``table*`` (booktabs, xcolor) with a block a benchmark.

    The best three of a column are red, blue and green, as is usual in the field, and also bold, underlined
    and italic, for those who cannot tell red from green. Three decimals.

    Example:
        >>> from sodeval.protocol import Protocol
        >>> print(to_latex(Report(Protocol(), (), "0.1.0")).splitlines()[-1])
        \end{table*}
    """
    tables = lay_out(report, decimals=3)
    columns = tables[0].columns if tables else ()
    heads = [f"${measure.latex}{ARROWS[measure.better]}$" for measure in columns]
    lines = [
        r"\begin{table*}[t]",
        r"  \centering\footnotesize\setlength{\tabcolsep}{4pt}",
        rf"  \caption{{{escape(_caption(report, tables))}}}",
        r"  \label{tab:sodeval}",
        rf"  \begin{{tabular}}{{l*{{{max(len(columns), 1)}}}{{c}}}}",
        r"    \toprule",
        f"    {' & '.join(['Method', *heads])} \\\\",
        *(line for table in tables for line in _block(table)),
        r"    \bottomrule",
        r"  \end{tabular}",
        *(rf"  \par\smallskip {escape(note)}" for table in tables for note in table.notes),
        r"\end{table*}",
    ]
    return PREAMBLE + "\n".join(lines) + "\n"


def _caption(report: Report, tables: tuple[Table, ...]) -> str:
    marked = any(table.marked for table in tables)
    return f"{conventions(report)}.{' Best three of each column: red, blue, green.' if marked else ''}"


def _block(table: Table) -> list[str]:
    head = f"{escape(table.benchmark)} ({table.images} images)"
    width = len(table.columns) + 1
    rows = [f"    {' & '.join([_name(row), *map(_cell, row.cells)])} \\\\" for row in table.rows]
    return [r"    \midrule", rf"    \multicolumn{{{width}}}{{l}}{{\textit{{{head}}}}} \\", *rows]


def _name(row: Row) -> str:
    return escape(row.name) + (r"\textsuperscript{*}" if row.partial else "")


def _cell(cell: Cell) -> str:
    return "--" if cell.text == NO_SCORE else MARKS[cell.mark].format(cell.text)


def escape(text: str) -> str:
    r"""The text with everything that LaTeX would act on made literal.

    Example:
        >>> escape("50%_a&b")
        '50\\%\\_a\\&b'
    """
    return "".join(_SPECIAL.get(char) or _letter(char) for char in unicodedata.normalize("NFC", text))


def _letter(char: str) -> str:
    decomposed = unicodedata.normalize("NFD", char)
    if char in _LETTERS or (decomposed[0].isascii() and all(accent in _ACCENTS for accent in decomposed[1:])):
        return char
    return rf"\sodletter{{{ord(char):04X}}}{{{char}}}"
