"""Rows of text as aligned columns for a terminal, or as a Markdown table."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

_ACTIVE = re.compile(r"([\\`*_\[\]#|~$])")

Row = Sequence[str]


def aligned(head: Row, rows: Sequence[Row]) -> str:
    """The first column on the left, the others on the right, a rule below the head.

    Example:
        >>> print(aligned(["", "MAE"], [["Mine", "0.05"], ["DSS", "0.1"]]))
               MAE
        ──────────
        Mine  0.05
        DSS    0.1
    """
    widths = [max(map(_width, column)) for column in zip(head, *rows, strict=True)]
    lines = [_line(cells, widths) for cells in (head, *rows)]
    return "\n".join([lines[0], "─" * (sum(widths) + 2 * len(widths) - 2), *lines[1:]])


def _line(cells: Row, widths: Sequence[int]) -> str:
    gaps = [" " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True)]
    padded = [cells[0] + gaps[0], *(gap + cell for cell, gap in zip(cells[1:], gaps[1:], strict=True))]
    return "  ".join(padded).rstrip()


def _width(text: str) -> int:
    from rich.cells import cell_len  # knows the letters that take two columns

    return cell_len(text)


def markdown_table(head: Row, rows: Sequence[Row]) -> str:
    """The same as a Markdown table; cells are Markdown already.

    Example:
        >>> print(markdown_table(["", "MAE"], [["Mine", "0.05"]]))
        |  | MAE |
        |:--|--:|
        | Mine | 0.05 |
    """
    lines = [f"| {' | '.join(cells)} |" for cells in (head, *rows)]
    return "\n".join([lines[0], f"|:--{'|--:' * (len(head) - 1)}|", *lines[1:]])


def markdown(text: str) -> str:
    r"""The text as text: neither Markdown nor the HTML that Markdown lets through.

    Example:
        >>> markdown("a_b <i>")
        'a\\_b &lt;i&gt;'
    """
    return html.escape(_ACTIVE.sub(r"\\\1", text), quote=False)


def signed(value: float) -> str:
    """Four decimals with a sign; what rounds to 0 is not negative, and NaN has no sign.

    Example:
        >>> signed(0.05), signed(-0.00001)
        ('+0.0500', '+0.0000')
    """
    return f"{round(value, 4) + 0.0:+.4f}".replace("+nan", "nan")
