"""What a run will do, written down before it starts: so that what is resumed is the same run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bdstr.errors import RunError, without_path
from sodeval.outputs.atomic import write_atomically, write_once

from ..pinning import commits_in
from ..source import Item, Source, Validation
from .others import others_in_words
from .photographs import photographs_of
from .replacing import forget_prepared, has_made_nothing

FOLDER = ".run"
FILE = f"{FOLDER}/run.json"
ROWS_A_SHARD = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """A dataset's shards.

    Args:
        out: its folder.
        work: fingerprint of what makes the rows.
        keys: how many photographs, and their digest; see `photographs_of`.
        categories: names of the classes.
        rows_a_shard: photographs that go into one file, before any is rejected.
        count: how many shards.
        validation: what is held out, in words; None where nothing is.
        held_out: how many photographs that are: the last, in shards of their own.
    """

    out: Path
    work: str
    keys: str
    categories: tuple[str, ...]
    rows_a_shard: int
    count: int
    validation: str | None = None
    held_out: int = 0

    @property
    def splits(self) -> Mapping[str, range]:
        """Split -> its shards."""
        train = self.count - -(-self.held_out // self.rows_a_shard)
        held = {"validation": range(train, self.count)} if self.held_out else {}
        return {"train": range(train), **held}

    def data_file(self, shard: int) -> Path:
        ((split, shards),) = ((name, some) for name, some in self.splits.items() if shard in some)
        return self.out / "data" / f"{split}-{shard - shards.start:05}-of-{len(shards):05}.parquet"

    def rejects_file(self, shard: int) -> Path:
        return self.out / FOLDER / "rejects" / f"{shard:05}.parquet"

    def marker_file(self, shard: int) -> Path:
        return self.out / FOLDER / "shards" / f"{shard:05}.json"

    def sign_file(self, shard: int) -> Path:
        return self.out / FOLDER / "begun" / f"{shard:05}"

    def crashes_file(self, shard: int) -> Path:
        return self.out / FOLDER / "crashes" / f"{shard:05}.json"

    def hashes_file(self, shard: int) -> Path:
        return self.out / FOLDER / "hashes" / f"{shard:05}.txt"

    @property
    def hashes_files(self) -> list[Path]:
        return [self.hashes_file(shard) for shard in range(self.count)]

    def shards_of(self, part: tuple[int, int]) -> list[int]:
        """The shards of one of several runs that share an output.

        Args:
            part: ``(3, 16)`` is the third of sixteen.
        """
        number, of = part
        return [shard for shard in range(self.count) if shard % of == number - 1]

    def items_of(self, shard: int, items: Sequence[Item]) -> Sequence[Item]:
        """Those of a shard, which is all of one split."""
        train, first_held = len(items) - self.held_out, self.splits["train"].stop
        begin, end = (0, train) if shard < first_held else (train, len(items))
        begin += (shard if shard < first_held else shard - first_held) * self.rows_a_shard
        return items[begin : min(begin + self.rows_a_shard, end)]


def make_plan(out: Path, source: Source, work: str, rows_a_shard: int = ROWS_A_SHARD) -> Plan:
    """The plan of a run, which is that of the folder where one has made something there.

    Raises:
        RunError: the folder holds another run: another recipe, other photographs, others held out, shards of
            another size; or something that is no run at all.
        OutputError: it cannot be written to.
    """
    held_out = source.validation.count if source.validation else 0
    sides = (len(source.items) - held_out, held_out)
    count = sum(-(-side // rows_a_shard) for side in sides)
    keys, words = photographs_of(source), _in_words(source.validation)
    plan = Plan(out, work, keys, source.categories, rows_a_shard, count, words, held_out)
    foreign = _holds_more(out)  # before the plan is looked for: another run may write it, and more, meanwhile
    known = _read(out / FILE)
    if known is None:
        if foreign:
            raise RunError(f"{out} holds files, but no run; expected an empty folder: choose another --out")
        if write_once(out / FILE, _text(plan)):
            return plan
        return make_plan(out, source, work, rows_a_shard)  # another run was first: its plan holds
    other = {name: value for name, value in _to_json(plan).items() if known.get(name) != value}
    if other and not has_made_nothing(out, out / FOLDER):
        raise RunError(_difference(out, known, other, source))
    if other:
        if other.keys() != {"work"}:
            forget_prepared(out / FOLDER)
        _write(plan)
    return plan


def refuse_replaced(plan: Plan) -> None:
    """What is made by a plan goes only where that plan still is.

    Raises:
        RunError: another run has taken its place before it had made anything.
    """
    known = _read(plan.out / FILE)
    if known is not None and known != _to_json(plan):
        raise RunError(
            f"{plan.out}: another run has begun there meanwhile; expected one: choose another --out"
        )


def _write(plan: Plan) -> None:
    write_atomically(plan.out / FILE, _text(plan))


def _text(plan: Plan) -> str:
    return json.dumps(_to_json(plan), indent=2, sort_keys=True) + "\n"


def _difference(out: Path, known: Mapping[str, Any], other: Mapping[str, Any], source: Source) -> str:
    name, value = next(iter(other.items()))
    if name == "keys":
        files = sorted([*out.glob("data/*.parquet"), *out.glob(f"{FOLDER}/rejects/*.parquet")])
        said = others_in_words(str(known["keys"]), source, files)
        return f"{out} holds a run of {said}: call it as before, or choose another --out"
    before, now = commits_in(str(known.get(name))), commits_in(str(value))
    moved = [f" --set {one}={commit}" for one, commit in before.items() if now.get(one, commit) != commit]
    again = f"call it as before{', with' if moved else ''}{''.join(moved)}"
    return (
        f"{out} holds a run with {_IN_WORDS[name]} {known.get(name)}; this one has {value}: "
        f"{again}, or choose another --out"
    )


def _in_words(validation: Validation | None) -> str | None:
    return f"{validation.share} by the seed {validation.seed}" if validation else None


_IN_WORDS = {
    "work": "the recipe",
    "validation": "held out for validation",
    "keys": "photographs",
    "categories": "the classes",
    "rows_a_shard": "rows a shard",
    "count": "shards",
    "held_out": "photographs held out",
}


def read_plan(out: Path) -> Plan:
    """The plan of a folder.

    Raises:
        RunError: there is none.
    """
    plan = find_plan(out)
    if plan is None:
        raise RunError(
            f"{out} holds no {FILE}; expected a folder that `bdstr generate` or `bdstr pack` wrote"
        )
    return plan


def find_plan(out: Path) -> Plan | None:
    """The plan of a folder; None where there is none."""
    known = _read(out / FILE)
    return Plan(out, **{**known, "categories": tuple(known["categories"])}) if known else None


def _to_json(plan: Plan) -> dict[str, Any]:
    values = {name: getattr(plan, name) for name in _IN_WORDS}
    return values | {"categories": list(plan.categories)}


def _read(file: Path) -> dict[str, Any] | None:
    try:
        values = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise RunError(
            f"{file} cannot be read: {without_path(error)}; expected a run: choose another --out"
        ) from error
    if not isinstance(values, dict) or set(values) != set(_IN_WORDS):
        raise RunError(f"{file} is no plan of this version; expected one: choose another --out")
    return values


def _holds_more(out: Path) -> bool:
    """Whether there is more than what a run begins with, which may have been killed then."""
    return out.is_dir() and any(entry.name != FOLDER for entry in out.iterdir())
