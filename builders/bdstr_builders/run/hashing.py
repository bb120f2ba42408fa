"""The pass before a run that compares photographs: the hashes of all, one list for each shard.

Lists are written as shards are: aside, then moved in place. Runs that share an output share them, and none
waits for another: each writes its own part from the front, then whatever is missing from the back, which
is what those whose part it is reach last. A list that two wrote is the same twice.
"""

from __future__ import annotations

from collections.abc import Sequence

from bdstr.errors import SourceError
from sodeval.outputs.atomic import write_atomically

from ..hash_list import read_hashes, to_text
from ..phash import hash_of_file
from ..source import Item
from .crashes import known_crashes, signed
from .plan import Plan


def unhashed(plan: Plan, part: tuple[int, int] = (1, 1)) -> list[int]:
    """The shards without a whole list, in the order in which a part of a run writes them."""
    number, of = part
    missing = [shard for shard in range(plan.count) if not is_hashed(plan, shard)]
    own = [shard for shard in missing if shard % of == number - 1]
    return own + [shard for shard in reversed(missing) if shard % of != number - 1]


def is_hashed(plan: Plan, shard: int) -> bool:
    """Whether a shard's list is there, and whole."""
    try:
        read_hashes(plan.hashes_file(shard))
    except SourceError:
        return False
    return True


def write_hashes(plan: Plan, shard: int, items: Sequence[Item]) -> None:
    """Writes the list of a shard, unless another run has by now.

    Photographs that cannot be read are not in it: they get their reason when the shard is made.

    Raises:
        OutputError: it cannot be written.
    """
    if is_hashed(plan, shard):
        return
    known = known_crashes(plan, shard)
    with signed(plan, shard):
        hashes = {item.key: hash_of_file(item.image) for item in items if item.key not in known}
        text = to_text({key: value for key, value in hashes.items() if value is not None})
        write_atomically(plan.hashes_file(shard), text)
