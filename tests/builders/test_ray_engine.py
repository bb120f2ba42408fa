"""The same shards over a Ray cluster: the same bytes, also when workers and nodes are killed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from click.testing import CliRunner
from photographs import write_scenes

from bdstr.errors import UsageError
from bdstr_builders.commands.generate import generate
from bdstr_builders.folder import find_items
from bdstr_builders.holdout import hold_out
from bdstr_builders.inputs import find_photographs
from bdstr_builders.pipeline import Generating, Packing
from bdstr_builders.recipe import recipe_of
from bdstr_builders.run.deals import Deals
from bdstr_builders.run.local import run
from bdstr_builders.run.plan import Plan, make_plan
from bdstr_builders.run.ray_engine import run_on_ray
from bdstr_builders.source import Source

ray = pytest.importorskip("ray")
pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own, of its processes and sockets
COUNT = 120
ROWS_A_SHARD = 10
RECIPE = recipe_of(
    {
        "name": "r",
        "seed": 1,
        "stage": [
            {"use": "check.duplicates"},
            {"use": "ground.saliency"},
            {"use": "segment.grabcut"},
            {"use": "check.quality"},
        ],
    },
    "r",
    {},
)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Photographs in Parquet, some held out."""
    root = tmp_path_factory.mktemp("ray")
    write_scenes(root, COUNT)
    found = hold_out(find_items(root / "images"), 0.2)
    work = Packing(masks="none")
    run(make_plan(root / "packed", found, work.fingerprint, 50), found, work)
    return hold_out(find_photographs(root / "packed", splits=("train", "validation")), 0.2)


@pytest.fixture(scope="module")
def undisturbed(source: Source, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    plan = planned(tmp_path_factory.mktemp("local") / "bds-tr", source)
    run(plan, source, Generating(RECIPE))
    return contents(plan.out)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head without room for workers, and two nodes that work."""
    from ray.cluster_utils import Cluster

    os.environ["PYTHONPATH"] = os.pathsep.join(map(str, _roots()))
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    for _ in range(2):
        cluster.add_node(num_cpus=1)
    ray.init(address=cluster.address, log_to_driver=False)
    yield cluster
    ray.shutdown()
    cluster.shutdown()


def _roots() -> list[Path]:
    root = Path(__file__).parents[2]
    return [root, root / "builders", root / "evaluation"]


def planned(out: Path, source: Source) -> Plan:
    return make_plan(out, source, Generating(RECIPE).fingerprint, rows_a_shard=ROWS_A_SHARD)


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".tmp")]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(files)}


def lay_out(files: dict[str, bytes], folder: Path) -> None:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def workers(cluster: Any) -> list[psutil.Process]:
    """Those of this cluster alone: another may be at work on the same machine."""
    raylets = [
        info.process.pid for node in cluster.list_all_nodes() for info in node.all_processes.get("raylet", ())
    ]
    children = [child for pid in raylets for child in psutil.Process(pid).children(recursive=True)]
    return [child for child in children if any("ray::_Worker" in word for word in child.cmdline())]


def test_a_cluster_without_gpus_is_one_error_before_any_work(
    cluster: Any, source: Source, tmp_path: Path
) -> None:
    images = source.items[0].image.file.parent
    more = ("--recipe", "bds-tr", "--engine", "ray", "--device", "cuda")
    done = CliRunner().invoke(generate, [str(images), "--out", str(tmp_path / "o"), *more])
    assert isinstance(done.exception, UsageError)
    assert "the cluster has 0 GPUs; expected 1 or more" in str(done.exception)
    assert not (tmp_path / "o").exists()


def test_a_cluster_makes_the_bytes_of_one_machine_though_a_worker_and_a_node_are_killed(
    cluster: Any, source: Source, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    struck = []

    def strike(done: int, total: int) -> None:
        if done >= total // 4 and not struck:
            struck.append("worker")
            workers(cluster)[0].send_signal(signal.SIGKILL)
        elif done >= total // 2 and len(struck) == 1:
            struck.append("node")
            cluster.remove_node(sorted(cluster.worker_nodes, key=str)[0], allow_graceful=False)

    plan = planned(tmp_path / "bds-tr", source)
    begun = time.monotonic()
    hashed: list[int] = []
    work = Generating(RECIPE)
    summary = run_on_ray(plan, source, work, on_progress=strike, on_hash=lambda done, _: hashed.append(done))
    assert hashed[0] == 0  # by the cluster, before a shard is made
    assert hashed[-1] == COUNT
    assert struck == ["worker", "node"]
    assert summary.finished
    assert contents(plan.out) == undisturbed
    assert time.monotonic() - begun < 120


def test_a_worker_without_work_takes_a_shard_that_another_loses_at_the_end() -> None:
    deals = Deals([7, 8])
    deals.free("a")
    deals.free("b")
    assert list(deals) == [("b", 7), ("a", 8)]
    deals.free("a")  # while b is at work, and nothing is left
    assert list(deals) == []
    deals.lost(7)  # b's node is gone, and with it perhaps the only room for another worker
    assert list(deals) == [("a", 7)]


def test_two_processes_make_the_bytes_of_one_of_tables_and_with_some_held_out(
    source: Source, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    assert source.validation
    assert {Path(name).name[:5] for name in undisturbed if name.startswith("data/")} == {"train", "valid"}
    plan = planned(tmp_path / "bds-tr", source)
    assert run(plan, source, Generating(RECIPE), processes=2).finished
    assert contents(plan.out) == undisturbed


def test_a_second_run_finds_everything_done(
    cluster: Any, source: Source, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    lay_out(undisturbed, tmp_path / "bds-tr")
    steps: list[int] = []
    summary = run_on_ray(
        planned(tmp_path / "bds-tr", source),
        source,
        Generating(RECIPE),
        on_progress=lambda d, t: steps.append(d),
    )
    assert (summary.finished, steps) == (True, [COUNT])
