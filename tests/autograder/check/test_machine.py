"""Pretended machines: what torch says of them, and that nothing of them stays."""

import pytest
import torch
from torchgrade import exercise, on_machine


def facts() -> dict[str, object]:
    accelerator = torch.accelerator.current_accelerator(check_available=True)
    return {
        "there": accelerator.type if accelerator else None,
        "any": torch.accelerator.is_available(),
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "names": [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())],
    }


@pytest.mark.parametrize("there", [None, "cuda", "mps", "xpu"])
def test_torch_tells_of_the_machine_that_is_pretended(there: str | None) -> None:
    gpus = ["Coil"] if there == "cuda" else []
    told = on_machine(facts, there=there, gpus=gpus)
    assert told == {
        "there": there,
        "any": there is not None,
        "cuda": there == "cuda",
        "mps": there == "mps",
        "names": gpus,
    }


def test_a_broken_driver_is_an_accelerator_built_for_and_not_there() -> None:
    assert on_machine(torch.accelerator.is_available, built="cuda") is False
    assert on_machine(lambda: torch.accelerator.current_accelerator(), built="cuda").type == "cuda"
    with pytest.raises(RuntimeError, match="driver"):
        on_machine(lambda: torch.cuda.get_device_name(0), built="cuda")


def test_the_real_machine_is_back_afterwards_also_after_an_error() -> None:
    before = facts(), torch.__version__, torch.get_num_threads()
    with pytest.raises(ZeroDivisionError):
        on_machine(lambda: 1 // 0, there="cuda", gpus=["Coil"])
    assert (facts(), torch.__version__, torch.get_num_threads()) == before


def test_it_is_a_probe_that_a_test_cell_can_use() -> None:
    test = exercise("pick", {})
    test.via(on_machine).on(there="mps").gives("mps")
    assert test.run(lambda: "mps" if torch.backends.mps.is_available() else "cpu").passed
    assert not test.run(lambda: "cpu").passed
