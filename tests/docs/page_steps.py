"""What a page tells its reader to type: the commands of its console blocks, and its blocks of Python."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    *sorted(f"docs/{file.name}" for file in (ROOT / "docs").glob("*.md")),
]
FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(?<!`)`(?P<code>(?:bdstr|sodeval) [a-z-]+(?: [^`\n]*)?)`(?!`)")
COMMANDS = ("bdstr", "sodeval", "make", "pip", "python", "python3", "torchrun")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its language, its text, and the line of the page on which that begins."""

    page: str
    line: int
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to run: ``$ command`` on one line, or Python."""

    page: str
    line: int
    kind: str
    text: str


def read(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def blocks(page: str, text: str) -> Iterator[Block]:
    for match in FENCE.finditer(text):
        line = text.count("\n", 0, match.start("text")) + 1
        yield Block(page, line, match["language"], match["text"])


def steps(page: str, text: str) -> list[Step]:
    """In the order of the page; a command that goes on after a backslash is one line."""
    found: list[Step] = []
    for block in blocks(page, text):
        if block.language == "python":
            found.append(Step(page, block.line, "python", block.text))
        if block.language == "console":
            found += _commands(block)
    return found


def _commands(block: Block) -> Iterator[Step]:
    lines = enumerate(block.text.splitlines(), block.line)
    for number, line in lines:
        if not line.startswith("$ "):
            continue
        command = line.removeprefix("$ ")
        while command.endswith("\\"):
            command = command.removesuffix("\\") + next(lines)[1].lstrip()
        yield Step(block.page, number, "command", " ".join(command.split()))


def spans(text: str) -> Iterator[str]:
    """Code within the lines of the text, outside of blocks, that calls a command of ours."""
    return (match["code"] for match in SPAN.finditer(FENCE.sub("", text)))


def hidden_commands(page: str, text: str) -> Iterator[str]:
    """Commands where `steps` does not look: in other blocks, without ``$``, or in indented text."""
    for block in blocks(page, text):
        if block.language not in ("console", "python"):
            yield from (line for line in block.text.splitlines() if _is_command(line))
    for line in FENCE.sub("", text).splitlines():
        if line.startswith("    ") and _is_command(line):
            yield line


def _is_command(line: str) -> bool:
    return line.strip().removeprefix("$ ").split(" ")[0] in COMMANDS
