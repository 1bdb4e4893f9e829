"""What a sandbox may use."""

from typing import Any

import pytest


def test_memory_of_one_process(server: Any) -> None:
    policy = {"memory_mib": 256}
    result = server.run("hold_memory", mib=768, processes=1, policy=policy)
    # The address space is limited too: honest code then sees a MemoryError.
    assert result.value == "MemoryError" or result.ended == "used more than 256 MiB of memory"
    assert result.gone


def test_memory_of_all_processes_together(server: Any) -> None:
    policy = {"memory_mib": 256}
    result = server.run("hold_memory", mib=640, processes=4, policy=policy)
    assert result.ended == "used more than 256 MiB of memory"
    assert result.gone


def test_processes(server: Any) -> None:
    result = server.run("count_forks", policy={"processes": 12})
    bounded = result.value is not None and result.value <= 12
    assert bounded or result.ended == "ran more than 12 processes and threads"
    assert result.gone


def test_a_fork_bomb_ends_and_leaves_nothing(server: Any) -> None:
    result = server.run("fork_bomb", then="hang up", policy={"processes": 12})
    assert result.ended in ("was stopped by the grader", "ran more than 12 processes and threads")
    assert result.gone


@pytest.mark.parametrize("deleted", [False, True])
def test_disk(server: Any, deleted: bool) -> None:
    result = server.run("fill_disk", mib=256, deleted=deleted)
    assert result.ended == "wrote more than 32 MiB to its directory"


def test_one_file(server: Any) -> None:
    assert server.run("large_file", mib=17).value == "OSError"
    assert server.run("large_file", mib=15).value == "done"


def test_processor_time(server: Any) -> None:
    result = server.run("use_processor", policy={"cpu_seconds": 1})
    assert result.ended == "used more than 1 s of processor time"


def test_without_kernel_limits_the_warden_still_watches(server: Any) -> None:
    # One limit at a time: hundreds of processes would also use much memory before it looks.
    policy = {"memory_mib": 256}
    result = server.run("hold_memory", mib=768, processes=1, policy=policy, without=("limits",))
    assert result.ended == "used more than 256 MiB of memory"
    result = server.run("count_forks", policy={"processes": 12}, without=("limits",))
    assert result.ended == "ran more than 12 processes and threads"
    assert result.gone
