"""The scheduler that uses Dask `distributed`: a cluster's scheduler address, or any client.

A Dask task is a batch of tasks as plain JSON, and its result is plain JSON. Its key is the hash of
what goes in and of the versions of torch and torchgrade, so that a retry is the same result. A
student's code never runs in a Dask worker, only in the sandboxed processes of the engine that the
worker keeps; a worker that is killed makes only its batch run again, elsewhere.
"""

import atexit
import hashlib
import json
import queue
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torchgrade.engine.scheduler import Grader, Lookahead, Refused, Result, grade_patiently
from torchgrade.engine.task import Graded, GradingFailed, Task

if TYPE_CHECKING:
    from distributed import Client, Future

BATCH = 8
RETRIES = 5  # of a batch whose worker was lost
CONNECT_SECONDS = 20

Settings = dict[str, Any]


class Cluster(Lookahead):
    """Grades on a Dask cluster.

    Args:
        client: the address of a Dask scheduler (`"tcp://host:8786"`) or a `distributed.Client`,
            also one of dask-gateway's or dask-jobqueue's. A client that is given is not closed.
        settings: keyword arguments of the workers' `Engine`, plain JSON.
        batch: how many notebooks make a Dask task.

    Raises:
        GradingFailed: `distributed` is not installed, or nobody answers at the address.
    """

    def __init__(
        self, client: "str | Client", settings: Settings | None = None, batch: int = BATCH
    ) -> None:
        self._own = isinstance(client, str)
        self._client = _connect(client) if isinstance(client, str) else client
        threads = sum(self._client.nthreads().values())
        super().__init__(ahead=2 * batch * max(threads, 1), batch=batch)
        self._settings = settings or {}
        self._futures: set[Future[Any]] = set()

    def close(self) -> None:
        """Drop what still runs, and leave the cluster."""
        self.stop()
        with suppress(Exception):  # a cluster that is gone has nothing to cancel
            self._client.cancel(list(self._futures))
        if self._own:
            self._client.close()

    def _start(self, batch: Sequence[Task]) -> None:
        plain = [json.dumps(task.json()) for task in batch]
        future = self._client.submit(
            grade_batch,
            plain,
            self._settings,
            key=f"torchgrade-{key(plain, self._settings)}",
            retries=RETRIES,
            pure=True,
        )
        self._futures.add(future)
        future.add_done_callback(lambda done: self._came(tuple(batch), done))

    def _came(self, batch: Sequence[Task], future: "Future[Any]") -> None:
        self._futures.discard(future)
        try:
            answers = [_result(answer) for answer in future.result()]
        except Exception as error:
            reason = f"The cluster gave up a batch: {type(error).__name__}: {error}"
            answers = [GradingFailed(reason) for _ in batch]
        self._finish(list(zip(batch, answers, strict=True)))


def key(batch: Sequence[str], settings: Settings) -> str:
    """Return what a batch's result depends on, as a hash."""
    seen = hashlib.sha256()
    for part in (*batch, json.dumps(settings), version("torchgrade"), version("torch")):
        seen.update(part.encode())
        seen.update(b"\0")
    return seen.hexdigest()


def grade_batch(batch: Sequence[str], settings: Settings) -> list[str]:
    """Grade tasks given as JSON; return for each its result, or why there is none, as JSON.

    Runs in a Dask worker.
    """
    idle = _idle.setdefault(json.dumps(settings), queue.SimpleQueue())
    engine = _borrow(idle, settings)
    try:
        answers = [grade_patiently(engine, Task.from_json(json.loads(text))) for text in batch]
    finally:
        idle.put(engine)
    return [json.dumps(_plain(answer)) for answer in answers]


def _plain(answer: Result) -> dict[str, Any]:
    if isinstance(answer, Graded):
        return {"graded": answer.json()}
    return {"refused" if isinstance(answer, Refused) else "failed": str(answer)}


def _result(answer: str) -> Result:
    plain = json.loads(answer)
    if "refused" in plain:
        return Refused(plain["refused"])
    if "failed" in plain:
        return GradingFailed(plain["failed"])
    return Graded.from_json(plain["graded"])


Engines = queue.SimpleQueue[Grader]
# The engines of this Dask worker by settings: one for each of its threads that was ever busy.
_idle: dict[str, Engines] = {}


def _borrow(idle: Engines, settings: Settings) -> Grader:
    try:
        return idle.get_nowait()
    except queue.Empty:
        pass
    from torchgrade.engine.engine import Engine

    hidden = [Path(path) for path in settings.get("hidden", ())]
    engine = Engine(**{**settings, "hidden": hidden})
    atexit.register(engine.close)
    return engine


def _connect(address: str) -> "Client":
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise GradingFailed(
            "Grading on a cluster needs the package distributed; "
            "install it with: pip install 'torchgrade[cluster]'"
        ) from error
    try:
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise GradingFailed(f"No Dask scheduler answers at {address} ({error}).") from error
