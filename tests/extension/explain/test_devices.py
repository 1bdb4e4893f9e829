"""Messages of devices that a CPU alone cannot raise: another failure is given their text."""

from __future__ import annotations

import pytest
from torchenstein.explain import explain

from .conftest import Shell

SAME = "should be the same"


@pytest.mark.parametrize(
    "message",
    [
        f"Input type (torch.cuda.FloatTensor) and weight type (torch.FloatTensor) {SAME}",
        f"Input type (torch.FloatTensor) and weight type (torch.cuda.FloatTensor) {SAME} or input "
        "should be a MKLDNN tensor and weight is a dense tensor",
        f"Input type (MPSFloatType) and weight type (torch.FloatTensor) {SAME}",
        f"Input type (XPUFloatType) and weight type (CPUFloatType) {SAME}",
    ],
)
def test_a_convolution_on_another_device_than_its_input(shell: Shell, message: str) -> None:
    # The meta device takes any mixture, so it is the channels that make it fail.
    error = shell.run(
        "conv = nn.Conv2d(3, 4, 3)\nx = torch.ones(1, 2, 8, 8, device='meta')\nconv(x)"
    )
    assert error is not None
    error.args = (message,)
    found = explain(error)
    assert found is not None
    assert found.family == "device"
    assert [operand.device for operand in found.operands] == ["meta", "cpu"]
    assert [fix.code for fix in found.fixes] == ["conv(x.to(conv.weight.device))"]


@pytest.mark.parametrize("cell", ["x[i]", "x[i, i]", "x[i, i] = 1"])
def test_an_index_on_another_device(shell: Shell, cell: str) -> None:
    # A mask of a wrong size fails before its device is looked at.
    given = "x = torch.ones(3)\ni = torch.ones(2, dtype=torch.bool, device='meta')\n"
    error = shell.run(given + cell)
    assert error is not None
    told = "indices should be either on cpu or on the same device as the indexed tensor (cpu)"
    error.args = (told,)
    found = explain(error)
    assert found is not None
    assert found.family == "device"
    assert found.operands[0].device == "cpu"
    assert {operand.device for operand in found.operands[1:]} == {"meta"}
