"""A measured entry: what sodeval found of a method on a benchmark, with the proof, as one JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from jaxtyping import Float64
from numpy import ndarray

from bdstr.errors import BoardError
from bdstr.scored import slug
from sodeval.measures import STANDARD
from sodeval.outputs.json_fields import Fields, count, flag, number, parse_json, text

from .conventions import SUPERVISIONS, measure_of, sodeval_convention
from .entry_fields import NEWER, arrays, list_of, refuse_others
from .figure import Figure, Method, Source
from .intervals import Sample

SCHEMA = 1
DECIMALS = 7
"""Of what is kept an image. The mean of n rounded values is off by at most half of the last one."""

CURVES = ("precision", "recall", "F", "E")

Values = Mapping[str, Float64[ndarray, "n"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Where the numbers of an entry come from.

    Args:
        by: who ran sodeval.
        date: of that day, as ``2026-11-25``.
        maps: address of the saliency maps; empty where they are nowhere to be had.
        maps_sha256: of the maps, as `maps.digest_of_maps` computes it; empty where not told.
        note: what else a reader should know.
    """

    by: str
    date: str
    maps: str = ""
    maps_sha256: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One method on one benchmark.

    Args:
        method: what was scored.
        benchmark: as sodeval calls it.
        run: who ran it, and on which maps.
        sodeval: the version that computed it.
        protocol: name of the preset that it followed, to the letter.
        gt_fingerprint: of the masks.
        gt_known: whether that is the fingerprint that we hold for the benchmark.
        scores: measure -> score over all images.
        keys: names of the images, sorted.
        values: measure -> a value an image whose mean is the score. For the best of an averaged curve, that
            is the image's value at the threshold that is best for all images.
        curves: `CURVES` averaged over images, highest threshold first.
    """

    method: Method
    benchmark: str
    run: Run
    sodeval: str
    protocol: str
    gt_fingerprint: str
    gt_known: bool
    scores: Mapping[str, float]
    keys: tuple[str, ...]
    values: Values
    curves: Mapping[str, Float64[ndarray, "thresholds"]]

    @property
    def slug(self) -> str:
        """What its file is called."""
        return f"{self.method.slug}--{slug(self.benchmark)}"

    @property
    def convention(self) -> str:
        return sodeval_convention(self.protocol, self.gt_fingerprint)

    def figures(self) -> tuple[Figure, ...]:
        """Its scores as figures, those with a sample whose values are kept."""
        source = Source(f"sodeval {self.sodeval}", self.run.maps, f"entries/{self.slug}.json")
        note = "" if self.gt_known else "the masks are no copy that we know"
        return tuple(
            Figure(
                method=self.method,
                benchmark=self.benchmark,
                measure=name,
                printed=name,
                value=score,
                origin="measured",
                convention=self.convention,
                source=source,
                note=note,
                sample=Sample(self.keys, self.values[name]) if name in self.values else None,
            )
            for name, score in self.scores.items()
        )


def entry_to_json(entry: Entry) -> str:
    """The text of an entry's file; equal entries give equal texts."""
    values = {
        "schema": SCHEMA,
        "method": asdict(entry.method),
        "benchmark": entry.benchmark,
        "run": asdict(entry.run),
        "sodeval": entry.sodeval,
        "protocol": entry.protocol,
        "gt_fingerprint": entry.gt_fingerprint,
        "gt_known": entry.gt_known,
        "scores": dict(entry.scores),
        "keys": list(entry.keys),
        "values": {name: _rounded(array) for name, array in entry.values.items()},
        "curves": {name: _rounded(array) for name, array in entry.curves.items()},
    }
    lines = (f" {json.dumps(name)}: {json.dumps(value, sort_keys=True)}" for name, value in values.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _rounded(array: Float64[ndarray, "n"]) -> list[float]:
    return [round(value, DECIMALS) for value in array.tolist()]


def read_entry(file: Path) -> Entry:
    """Reads an entry as it stands; `proof.check` says whether it holds.

    Raises:
        SodevalError: a field is missing or holds something else, or a newer bdstr wrote it.
        BoardError: it cannot be read.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise BoardError(f"{file} cannot be read: {error.strerror}") from error
    at = Fields(parse_json(data, file.name), file.name)
    schema = at.get("schema", count)
    if schema != SCHEMA:
        at.refuse("schema", str(schema), f"{SCHEMA}: {NEWER}")
    refuse_others(at, ["schema", *(field.name for field in fields(Entry))])
    return Entry(
        method=_method(at.inner("method")),
        benchmark=at.get("benchmark", text),
        run=_run(at.inner("run")),
        sodeval=at.get("sodeval", text),
        protocol=at.get("protocol", text),
        gt_fingerprint=at.get("gt_fingerprint", text),
        gt_known=at.get("gt_known", flag),
        scores=_scores(at.inner("scores")),
        keys=tuple(at.get("keys", list_of(text))),
        values=arrays(at.inner("values"), STANDARD),
        curves=arrays(at.inner("curves"), CURVES),
    )


def _method(at: Fields) -> Method:
    refuse_others(at, (field.name for field in fields(Method)))
    given = {field.name: at.values[field.name] for field in fields(Method) if field.name in at.values}
    for name in given.keys() - {"year", "parameters", "checked"}:
        at.get(name, text)
    for name in ("year", "parameters"):
        if given.get(name) is not None:
            at.get(name, count)
    if given.get("supervision") not in SUPERVISIONS:
        at.refuse("supervision", repr(given.get("supervision")), f"one of {', '.join(SUPERVISIONS)}")
    at.get("name", text)
    at.get("checked", flag)
    return Method(**given)


def _run(at: Fields) -> Run:
    refuse_others(at, (field.name for field in fields(Run)))
    return Run(**{field.name: at.get(field.name, text) for field in fields(Run)})


def _scores(at: Fields) -> dict[str, float]:
    return {measure_of(name).name: at.get(name, number) for name in at.values}
