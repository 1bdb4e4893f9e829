"""What can be watched while the learner's code runs: functions called and operations dispatched."""

from collections.abc import Iterable
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

# Operators arrive under the names of their special methods; learners write the operator.
_REFLECTED = {"radd": "add", "rsub": "sub", "rmul": "mul", "rtruediv": "div", "rmatmul": "matmul",
              "truediv": "div", "rdiv": "div", "rpow": "pow"}  # fmt: skip
# Second homes of the same functions: `torch.special.softmax`, `torch.linalg.matmul`.
_HOMES = ("special_", "linalg_")


def function_name(function: Any) -> str:
    """The bare name of a torch function: `torch.softmax`, `F.softmax` and `x.softmax` agree.

    In-place and operator forms fold into the plain one: `add_`, `__iadd__`, `+` are all `add`.
    """
    name = function if isinstance(function, str) else getattr(function, "__name__", str(function))
    bare = name.rsplit(".", 1)[-1].strip("_")
    for home in _HOMES:
        bare = bare.removeprefix(home)
    if name.startswith("__i") and bare[1:] in {"add", "sub", "mul", "truediv", "matmul", "pow"}:
        bare = bare[1:]
    return _REFLECTED.get(bare, bare)


class CalledFunctions(TorchFunctionMode):
    """Records the bare names of the torch functions called, each once, in order."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__()
        self._watched = {function_name(name) for name in names}
        self.seen: dict[str, None] = {}

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = function_name(func)
        if name in self._watched:
            self.seen[name] = None
        return func(*args, **(kwargs or {}))


class DispatchedOperations(TorchDispatchMode):
    """Counts the operations that reach torch's dispatcher: a Python loop shows at once."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # Otherwise the first counted operation imports torch's compiler: two seconds for nothing.
        return False

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += 1
        return func(*args, **(kwargs or {}))


def cotangent(output: torch.Tensor) -> torch.Tensor:
    """Fixed, uneven weights of `output`'s shape, to pull one scalar out of any output."""
    steps = torch.arange(1, output.numel() + 1, dtype=torch.float64)
    return torch.cos(steps).reshape(output.shape).to(device=output.device, dtype=output.dtype)
