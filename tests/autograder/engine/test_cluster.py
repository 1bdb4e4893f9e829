"""The scheduler that uses Dask, on a cluster of this machine."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from torchgrade.engine import cluster
from torchgrade.engine.cluster import Cluster, key
from torchgrade.engine.task import Graded, GradingFailed, Task

distributed = pytest.importorskip("distributed")
# Dask tells in warnings how much memory there is and which ports are taken.
pytestmark = pytest.mark.filterwarnings(
    "ignore::UserWarning:distributed", "ignore::ResourceWarning"
)

ENGINE = """
import os, signal
from pathlib import Path
from torchgrade.engine import engine
from torchgrade.engine.task import Graded, GradingFailed

class StandIn:
    def __init__(self, **settings):
        self.settings = settings

    def grade(self, task):
        mark = Path(task.notebook["mark"]) if "mark" in task.notebook else None
        if mark and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if "fails" in task.notebook:
            raise GradingFailed("the judge's process has ended")
        return Graded(task.name, dict(task.notebook), (), {"pid": float(os.getpid())})

    def close(self):
        pass

engine.Engine = StandIn
"""


@pytest.fixture(scope="module")
def preload(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("preload") / "stand_in_engine.py"
    path.write_text(ENGINE)
    return str(path)


@pytest.fixture(scope="module")
def local_cluster(preload: str) -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, preload=[preload]
    ) as made:
        yield made


def tasks(count: int, **notebook: Any) -> list[Task]:
    return [Task(str(number), {"cells": [], **notebook}) for number in range(count)]


def test_every_task_comes_back_as_itself(local_cluster: Any) -> None:
    with Cluster(local_cluster.scheduler_address, batch=3) as scheduler:
        results = {task.name: result for task, result in scheduler.run(tasks(20))}
    assert sorted(map(int, results)) == list(range(20))
    assert all(isinstance(result, Graded) for result in results.values())


def test_a_client_that_is_given_stays_open(local_cluster: Any) -> None:
    with distributed.Client(local_cluster, set_as_default=False) as client:
        with Cluster(client) as scheduler:
            assert len(list(scheduler.run(tasks(2)))) == 2
        assert client.status == "running"


def test_a_worker_that_is_killed_makes_only_its_batch_run_again(
    local_cluster: Any, tmp_path: Path
) -> None:
    mark = tmp_path / "killed"
    given = [*tasks(6), Task("kills", {"cells": [], "mark": str(mark)})]
    with Cluster(local_cluster.scheduler_address, batch=2) as scheduler:
        results = {task.name: result for task, result in scheduler.run(given)}
    assert mark.exists()
    assert len(results) == 7
    assert all(isinstance(result, Graded) for result in results.values())


def test_an_engine_that_fails_is_told(local_cluster: Any) -> None:
    with Cluster(local_cluster.scheduler_address) as scheduler:
        ((_, result),) = scheduler.run(tasks(1, fails=True))
    assert isinstance(result, GradingFailed)
    assert str(result) == "the judge's process has ended"


def test_the_key_depends_on_all_that_goes_in() -> None:
    assert key(["a", "b"], {}) == key(["a", "b"], {})
    assert len({key(["a", "b"], {}), key(["ab"], {}), key(["a", "b"], {"unprotected": True})}) == 3


def test_no_scheduler_at_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    with pytest.raises(GradingFailed, match=r"No Dask scheduler answers at tcp://127.0.0.1:1"):
        Cluster("tcp://127.0.0.1:1")


def test_without_distributed_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(GradingFailed, match=r"pip install 'torchgrade\[cluster\]'"):
        Cluster("tcp://127.0.0.1:1")
