"""Once more what was rejected for a reason: its shards are made again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bdstr.errors import UsageError
from sodeval.errors import did_you_mean

from .plan import FILE, Plan


def refuse_unknown_reason(out: Path, plan: Plan | None, reason: str) -> None:
    """A reason for which nothing was rejected is a slip.

    Args:
        out: the folder of the dataset.
        plan: the one that is there; None where there is none.
        reason: as in the rejects.

    Raises:
        UsageError: names the nearest reason, or all that there are.
    """
    known = (
        sorted({one for shard in range(plan.count) for one in rejects_of(plan, shard).values()})
        if plan
        else []
    )
    if reason in known:
        return
    if not known:
        holds = "no photograph that was rejected" if plan else f"no {FILE}, so nothing was rejected yet"
        raise UsageError(f"--retry-rejects {reason}: {out} holds {holds}; leave the option out")
    raise UsageError(
        f"--retry-rejects {reason}: {out} holds no photograph rejected for it{did_you_mean(reason, known)}"
    )


def forget_rejects(plan: Plan, reason: str, part: tuple[int, int] = (1, 1)) -> int:
    """Makes every finished shard undone in which a photograph was rejected for a reason.

    Args:
        plan: of the run.
        reason: of the rejects.
        part: see `Plan.shards_of`; what another part has made again already must stay.

    Returns:
        How many photographs were.
    """
    found = 0
    for shard in plan.shards_of(part):
        here = list(rejects_of(plan, shard).values()).count(reason)
        if here:
            plan.marker_file(shard).unlink(missing_ok=True)
            plan.crashes_file(shard).unlink(missing_ok=True)
            found += here
    return found


def rejects_of(plan: Plan, shard: int) -> Mapping[str, str]:
    """Key -> reason, of every photograph of a shard that was rejected; none where it was not made yet."""
    import pyarrow.parquet as pq

    file = plan.rejects_file(shard)
    if not file.exists():
        return {}
    table = pq.read_table(file, columns=["key", "reason"])
    return dict(zip(table["key"].to_pylist(), table["reason"].to_pylist(), strict=True))
